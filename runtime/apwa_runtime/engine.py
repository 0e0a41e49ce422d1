"""Runs a plan: tables are read, a cluster is opened, steps run as soon as what they wait for is done.

In: a plan and options. Out: saved tables, a run folder below ``.apwa/runs`` and a :class:`RunResult`. Tables are read
and checked before the first sub-problem starts.
"""

from __future__ import annotations

import resource
import secrets
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from apwa_compiler.plan import Call, Map, Plan, Save, Scan, Step, TaskReduce
from apwa_compiler.plan_json import to_json
from apwa_runtime.backing import backing_line, write_backing
from apwa_runtime.batches import Failure
from apwa_runtime.cluster import open_cluster, within
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import Interrupted, RunError
from apwa_runtime.launch.check import LaunchCheck
from apwa_runtime.launch.feasible import check_feasible
from apwa_runtime.launch.target import folded, target_checks
from apwa_runtime.progress import make_progress
from apwa_runtime.rebase import rebased
from apwa_runtime.report import failure_lines, shown, summary_lines, write_bad_rows, write_failures
from apwa_runtime.session import Session
from apwa_runtime.shipping import bundle, check_sources
from apwa_runtime.steps.map import run_call, run_map
from apwa_runtime.steps.reduce import run_reduce
from apwa_runtime.steps.relations import run_relation
from apwa_runtime.steps.save import run_save
from apwa_runtime.steps.scan import run_scan
from apwa_runtime.tables.read import RowProblem
from apwa_runtime.versions import check_workers
from apwa_runtime.worker import RunPlugin, preflight

INTERRUPTED = 130


@dataclass(frozen=True)
class RunOptions:
    """``scheduler`` is an address, ``cluster`` a name in `apwa.toml` or of a Dask class; without either it is Dask's
    configured scheduler, or a cluster in this process, of ``workers`` threads."""

    scheduler: str | None = None
    workers: int | None = None
    progress: str = "auto"
    run_folder: Path | None = None
    cluster: str | None = None


@dataclass(frozen=True)
class RunResult:
    """How the run ended. ``exit_code``: 0 all done, 1 something failed, 2 could not start, 130 interrupted."""

    exit_code: int
    folder: Path
    failures: tuple[Failure, ...] = ()


@dataclass
class _Scans:
    """What reading the tables gave."""

    datasets: dict[str, Dataset] = field(default_factory=dict)
    bad_rows: list[tuple[str, str, RowProblem]] = field(default_factory=list)


def run(plan: Plan, options: RunOptions | None = None) -> RunResult:
    """Run a plan, print its progress to standard error and its summary to standard output."""
    options = options or RunOptions()
    run_id = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder = options.run_folder or Path(plan.base) / ".apwa" / "runs" / run_id
    started = time.monotonic()
    progress = make_progress(options.progress)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunError(f"the run folder {folder} cannot be made: {error.strerror}") from None
        check_sources(plan)
        (folder / "plan.json").write_text(to_json(plan))
        scans = _scan_all(plan, folder)
        launch = _launch_checks(plan, scans.datasets)
        with open_cluster(options.scheduler, options.workers, options.cluster, Path(plan.base)) as cluster:
            shipped = None if cluster.embedded else bundle(plan)
            if shipped:
                check_workers(cluster.client, shipped.versions)
            offers = cluster.offers()
            check_feasible(plan, scans.datasets, offers)
            session = Session(run_id, plan, folder, cluster, progress, offers, scans.datasets, launch)
            plugin = RunPlugin(run_id, to_json(plan), str(folder), cluster.workers, shipped)
            cluster.client.register_plugin(plugin)
            try:
                _preflight(session)
                cluster.adapt()
                ended = _run_steps(session)
                if not session.stop.is_set():
                    session.ask_levels()
                return _finish(session, scans, ended, started)
            finally:
                within(10, lambda: cluster.client.unregister_worker_plugin(plugin.name))
    except RunError as error:
        progress.close()
        print(f"error: {error}", file=sys.stderr)
        return RunResult(error.exit_code, folder)
    except KeyboardInterrupt:
        progress.close()
        print("interrupted", file=sys.stderr)
        return RunResult(INTERRUPTED, folder)
    finally:
        shutil.rmtree(folder / "steps", ignore_errors=True)
        shutil.rmtree(folder / "claims", ignore_errors=True)


def run_program(plan: Plan, argv: Sequence[str] | None = None) -> int:
    """The command line of a compiled program: run its plan, return the exit code."""
    import argparse

    parser = argparse.ArgumentParser(description=f"Flow `{plan.flow}` of {plan.program}, compiled by APWA.")
    parser.add_argument("--scheduler", help="address of a Dask scheduler; without it a cluster in this process")
    parser.add_argument("--cluster", help="a cluster in apwa.toml, or a Dask cluster class, to start for the run")
    parser.add_argument("--workers", type=int, help="threads of the cluster in this process")
    parser.add_argument("--base", type=Path, help=f"read and write below this folder in place of {plan.base}")
    parser.add_argument("--progress", choices=("auto", "plain", "none"), default="auto")
    arguments = parser.parse_args(argv)
    if arguments.base:
        plan = rebased(plan, str(arguments.base.resolve()))
    options = RunOptions(arguments.scheduler, arguments.workers, arguments.progress, cluster=arguments.cluster)
    return run(plan, options).exit_code


def _preflight(session: Session) -> None:
    """Raises RunError when a worker cannot make what the plan needs, such as a key that is not in its environment."""
    cluster = session.cluster
    for address, problem in cluster.client.run(preflight, session.run_id).items():
        if problem:
            raise RunError(problem if cluster.embedded else f"worker {address}: {problem}")
    session.ask_levels()


def _scan_all(plan: Plan, folder: Path) -> _Scans:
    scans = _Scans()
    for step in plan.steps:
        if isinstance(step.operation, Scan):
            scans.datasets[step.name] = run_scan(step, step.operation, folder, scans.bad_rows)
    return scans


def _launch_checks(plan: Plan, datasets: dict[str, Dataset]) -> tuple[LaunchCheck, ...]:
    """The checks of the paths of this run; those over tables are made at once. Raises RunError."""
    checks = (
        LaunchCheck(plan, datasets, plan.checks),
        LaunchCheck(plan, datasets, target_checks(plan), fold=folded),
    )
    for check in checks:
        check.before_all()
    return checks


def _run_steps(session: Session) -> str | None:
    """Run every step that is not a scan. Returns why the run ended early, or None."""
    waiting = [step for step in session.plan.steps if step.name not in session.datasets]
    finished = set(session.datasets)
    running: dict[Future[None], Step] = {}
    ended: str | None = None
    with ThreadPoolExecutor(max_workers=max(4, len(waiting)), thread_name_prefix="apwa-step") as pool:
        try:
            while (waiting and not ended) or running:
                ready = [] if ended else [step for step in waiting if finished.issuperset((*step.inputs, *step.after))]
                for step in ready:
                    waiting.remove(step)
                    running[pool.submit(_run_step, session, step)] = step
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    step = running.pop(future)
                    try:
                        future.result()
                        finished.add(step.name)
                    except Interrupted:
                        pass
                    except RunError as error:
                        ended = ended or str(error)
                        session.cancel()
        except KeyboardInterrupt:
            ended = "interrupted"
            session.cancel()
    return ended


def _run_step(session: Session, step: Step) -> None:
    for check in session.launch:
        check.before(step)
    inputs = [session.datasets[name] for name in step.inputs]
    match step.operation:
        case Map():
            session.datasets[step.name] = run_map(session, step, step.operation, inputs)
        case Call():
            session.datasets[step.name] = run_call(session, step, step.operation, inputs)
        case TaskReduce():
            session.datasets[step.name] = run_reduce(session, step, step.operation, inputs)
        case Save():
            saved = run_save(session, step, step.operation, inputs[0])
            session.saved.append((step.name, saved.path, saved.rows))
        case _:
            session.datasets[step.name] = run_relation(session, step, inputs)


def _finish(session: Session, scans: _Scans, ended: str | None, started: float) -> RunResult:
    """Write the failure lists and print the summary."""
    session.progress.close()
    write_failures(session.folder, session.failures)
    write_backing(session.folder, session.plan, session.launch, session.levels)
    order = {step.name: place for place, step in enumerate(session.plan.steps)}
    saved = sorted(session.saved, key=lambda entry: order[entry[0]])
    failed = [failure for failure in session.failures if failure.outcome != "skip"]
    if failed:
        print(
            f"{len(failed):,} sub-problem{'s' if len(failed) > 1 else ''} failed or quarantined:",
            *failure_lines(failed),
            sep="\n",
            file=sys.stderr,
        )
    if scans.bad_rows:
        write_bad_rows(session.folder, scans.bad_rows)
        where = shown(str(session.folder / "quarantine"))
        print(f"{len(scans.bad_rows):,} bad rows of the input were left out; see {where}", file=sys.stderr)
    if ended:
        print("interrupted" if ended == "interrupted" else f"error: {ended}", file=sys.stderr)
    lines = summary_lines(
        session.plan,
        session.counts,
        session.failures,
        session.usage,
        saved,
        time.monotonic() - started,
        session.folder,
        _peak_bytes(),
        backing_line(session.plan, session.launch, session.levels),
    )
    print(*lines, sep="\n", flush=True)
    code = INTERRUPTED if ended == "interrupted" else 1 if ended or failed else 0
    return RunResult(code, session.folder, tuple(session.failures))


def _peak_bytes() -> int:
    """Largest resident size so far of this process and, one by one, of the children it has waited for."""
    unit = 1 if sys.platform == "darwin" else 1024
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) * unit
