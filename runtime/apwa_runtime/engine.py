"""Runs a plan: tables are read, a cluster is opened, steps run as soon as what they wait for is done.

In: a plan and options. Out: saved tables, a run folder below ``.apwa/runs`` and a :class:`RunResult`. Tables are read
and checked before the first sub-problem starts.
"""

from __future__ import annotations

import json
import logging
import resource
import secrets
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

from apwa_compiler.plan import Call, Last, Map, Plan, Save, Scan, Step, TaskReduce, Until
from apwa_compiler.plan_json import to_json
from apwa_lang.diagnostics.render.columns import printable
from apwa_runtime.backing import backing_line, write_backing
from apwa_runtime.batches import Failure, Usage
from apwa_runtime.cluster import Cluster, LostOnce, open_cluster, within
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import BudgetSpent, Interrupted, RunError
from apwa_runtime.exchange import brokers
from apwa_runtime.journal.journal import Journal
from apwa_runtime.launch.check import LaunchCheck
from apwa_runtime.launch.feasible import check_feasible
from apwa_runtime.launch.target import folded, target_checks
from apwa_runtime.manager.decide import decide
from apwa_runtime.manager.places import is_decided, is_planned, with_places
from apwa_runtime.mended import mended_rows
from apwa_runtime.models.rate_log import read_rates
from apwa_runtime.patience import patiently
from apwa_runtime.progress import make_progress
from apwa_runtime.reads import are_sent, disk_of
from apwa_runtime.rebase import rebased
from apwa_runtime.report import COUNTED, failure_lines, report, shown, summary_lines, write_bad_rows, write_failures
from apwa_runtime.resume import Resume, others_of, step_keys
from apwa_runtime.run_folder import DONE, FAILED, INTERRUPTED, RUNNING, STOPPED, RunFolder, create
from apwa_runtime.session import Session
from apwa_runtime.shipping import bundle, check_sources
from apwa_runtime.steps.map import run_call, run_map
from apwa_runtime.steps.reduce import run_reduce
from apwa_runtime.steps.relations import run_relation
from apwa_runtime.steps.rounds import holds, last_round
from apwa_runtime.steps.save import run_save
from apwa_runtime.steps.scan import BadRows, run_scan
from apwa_runtime.take_over import take_over
from apwa_runtime.tools.tables import with_tool_tables
from apwa_runtime.versions import check_workers
from apwa_runtime.worker import RunPlugin, Sharing, preflight

INTERRUPTED_CODE = 130

_TOLD_OTHERWISE = (
    *(f"distributed.{part}" for part in ("batched", "client", "comm", "core", "utils", "utils_comm")),
    "tornado.application",
)
_INTERRUPTED = "interrupted; what has finished is kept: run again with --resume"
_GONE = "the Dask cluster does not answer; what has finished is kept: run again with --resume"


@dataclass(frozen=True)
class RunOptions:
    """How to run.

    ``scheduler`` is an address, ``cluster`` a name in `apwa.toml` or of a Dask class; without either it is Dask's
    configured scheduler, or a cluster in this process, of ``workers`` threads. ``resume`` is a run to go on with, and
    ``only_quarantined`` limits that to its quarantine tables; ``cache`` allows results of other runs. ``record`` says
    more about the run, ``kept`` are texts that belong with it, by file name.
    """

    scheduler: str | None = None
    workers: int | None = None
    progress: str = "auto"
    run_folder: Path | None = None
    cluster: str | None = None
    resume: RunFolder | None = None
    only_quarantined: bool = False
    cache: bool = True
    record: Mapping[str, object] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)


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
    bad_rows: BadRows = field(default_factory=list)


def run(plan: Plan, options: RunOptions | None = None) -> RunResult:
    """Run a plan, print its progress to standard error and its summary to standard output."""
    options = options or RunOptions()
    # A connection that is lost is told by the run itself, in its own words.
    for name in _TOLD_OTHERWISE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = None
    try:
        check_sources(plan)
        keys = step_keys(plan)
        folder = _folder(plan, options, keys)
        return _run_in(folder, plan, options, {step: entry["key"] for step, entry in keys.items()})
    except RunError as error:
        print(printable(f"error: {error}"), file=sys.stderr)
        return _ended(folder, STOPPED, error.exit_code)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _ended(folder, INTERRUPTED, INTERRUPTED_CODE)
    finally:
        if folder is not None:
            shutil.rmtree(folder.path / "steps", ignore_errors=True)
            folder.release()


def _ended(folder: RunFolder | None, state: str, exit_code: int) -> RunResult:
    if folder is not None:
        # On a full disk the record stays as it is; the lock ends with this process and tells that the run has ended.
        with suppress(OSError):
            folder.write(state=state)
    return RunResult(exit_code, folder.path if folder is not None else Path())


def _folder(plan: Plan, options: RunOptions, keys: Mapping[str, object]) -> RunFolder:
    """The folder of the run to go on with where the plan is still the same, else a new one. Raises RunError."""
    text = to_json(plan)
    record: dict[str, object] = {
        **options.record,
        "program": plan.program,
        "flow": plan.flow,
        "base": plan.base,
        "steps": keys,
        "apwa": version("apwa-lang"),
        "python": sys.version.split()[0],
    }
    earlier = options.resume
    if earlier is not None:
        earlier.lock()
        if _same_plan(earlier.path, text):
            crashed = earlier.record.get("state") == RUNNING and bool(earlier.record.get("embedded"))
            for name in (*COUNTED, "ended"):
                earlier.record.pop(name, None)
            earlier.write(**record, state=RUNNING, crashed=crashed, mending=options.only_quarantined)
            return earlier
        record["resumes"] = earlier.id
    folder = create(Path(plan.base), options.run_folder, record)
    folder.keep({"plan.json": text, **options.kept})
    return folder


def _same_plan(folder: Path, text: str) -> bool:
    try:
        return (folder / "plan.json").read_text() == text
    except OSError:
        return False


def _run_in(folder: RunFolder, plan: Plan, options: RunOptions, keys: Mapping[str, str]) -> RunResult:
    started = time.monotonic()
    progress = make_progress(options.progress)
    sessions: list[Session] = []

    def full(error: OSError) -> None:
        for session in sessions:
            session.fail(f"the journal in {session.journal.folder} cannot be written: {error.strerror}")

    try:
        scans = _scan_all(plan, folder.path)
        plan = with_tool_tables(with_places(plan, folder.path), scans.datasets, folder.path, scans.bad_rows)
        managed = _decide_known(plan, scans.datasets)
        launch = _launch_checks(plan, scans.datasets)
        with ExitStack() as open:
            cluster = open.enter_context(
                open_cluster(options.scheduler, options.workers, options.cluster, Path(plan.base))
            )
            open.enter_context(_reaching(cluster))
            folder.write(embedded=cluster.embedded)
            shipped = None if cluster.embedded else bundle(plan)
            if shipped:
                patiently(partial(check_workers, cluster.client, shipped.versions))
            disk = disk_of(plan, folder) if shipped else None
            sends_files = disk is not None and are_sent(plan, cluster.client, disk)
            offers = cluster.offers()
            check_feasible(plan, scans.datasets, offers)
            if options.resume and not cluster.embedded:
                take_over(cluster.client, plan, keys, options.resume)
            before = _resume(folder, plan, options, keys).before
            journal = Journal(folder.new_generation(), full)
            open.callback(journal.close)
            run_id = f"{folder.token}.{secrets.token_hex(4)}"
            session = Session(
                run_id,
                plan,
                folder.path,
                cluster,
                progress,
                journal,
                offers,
                scans.datasets,
                launch,
                keys,
                before,
                sends_files,
            )
            sessions.append(session)
            for model, usage in managed:
                session.managed(model, usage)
            used = read_rates(options.resume.path) if options.resume else {}
            limits = {} if cluster.embedded else brokers(plan, used)
            sharing = Sharing(cluster.workers, frozenset(limits), used if cluster.embedded else {})
            known = cluster.addresses()
            plugin = RunPlugin(run_id, to_json(plan), keys, sharing, shipped, known, None if sends_files else disk)
            lost_once = LostOnce(run_id, cluster.client.id, plugin.name)
            if shipped:
                cluster.client.subscribe_topic(plugin.name, lambda event: progress.note(event[1]))
            patiently(partial(cluster.client.register_plugin, lost_once))
            patiently(partial(cluster.client.register_plugin, plugin))
            try:
                _preflight(session)
                session.speak(limits)
                cluster.adapt()
                early = _run_steps(session)
                if not session.stop.is_set():
                    session.ask_levels()
            finally:
                if session.exchange:
                    session.exchange.close()
                if cluster.is_reachable:
                    within(10, lambda: cluster.client.unregister_worker_plugin(plugin.name))
                    within(10, lambda: cluster.client.unregister_scheduler_plugin(lost_once.name))
        return _finish(folder, session, scans, early, started, journal.folder)
    except OSError as error:
        if error.strerror is None:
            raise RunError(f"{_GONE} ({error})", exit_code=1) from None
        raise RunError(f"{error.filename or folder.path}: {error.strerror}", exit_code=1) from None
    finally:
        progress.close()


@contextmanager
def _reaching(cluster: Cluster) -> Iterator[None]:
    """Raises RunError for what Dask's client raises once it has no scheduler any more."""
    try:
        yield
    except AttributeError as error:
        if cluster.is_reachable:
            raise
        raise RunError(f"{_GONE} ({error})", exit_code=1) from None


def _resume(folder: RunFolder, plan: Plan, options: RunOptions, keys: Mapping[str, str]) -> Resume:
    """What earlier runs have left. Raises RunError when a mended row does not fit."""
    earlier = options.resume
    return Resume(
        plan,
        keys,
        tuple(earlier.generations) if earlier else (),
        others_of(Path(plan.base), earlier or folder, keys.values()) if options.cache else (),
        crashed=bool(folder.record.get("crashed")) and folder is earlier,
        only_quarantined=options.only_quarantined,
        mended=mended_rows(plan, folder.path, earlier, tables=options.only_quarantined) if earlier else {},
    )


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
    for address, problem in patiently(partial(cluster.client.run, preflight, session.run_id)).items():
        if problem:
            raise RunError(problem if cluster.embedded else f"worker {address}: {problem}")
    session.ask_levels()


def _scan_all(plan: Plan, folder: Path) -> _Scans:
    scans = _Scans()
    for step in plan.steps:
        if isinstance(step.operation, Scan):
            inputs = [scans.datasets[name] for name in step.inputs]
            scans.datasets[step.name] = run_scan(step, step.operation, inputs, folder, scans.bad_rows)
    return scans


def _decide_known(plan: Plan, datasets: Mapping[str, Dataset]) -> list[tuple[str, Usage]]:
    """Have the splits decided whose tables are read already. Returns what that took of which models."""
    steps = [step for step in plan.steps if is_planned(step) and step.inputs[0] in datasets]
    return [taken for step in steps if (taken := decide(plan, step, datasets[step.inputs[0]])) is not None]


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
                    except BudgetSpent as error:
                        ended = ended or str(error)
                    except (Interrupted, OSError, RunError) as error:
                        ended = ended or session.error or str(error) or "interrupted"
                        session.cancel()
        except KeyboardInterrupt:
            ended = "interrupted"
            session.cancel()
    return ended


def _run_step(session: Session, step: Step) -> None:
    if step.unless in session.over:
        session.skip(step)
        return
    inputs = [session.datasets[name] for name in step.inputs]
    if isinstance(step.operation, Map) and not is_decided(step.operation.split):
        taken = decide(session.plan, step, inputs[0])
        if taken is not None:
            session.managed(*taken)
    for check in session.launch:
        check.before(step)
    match step.operation:
        case Map():
            session.datasets[step.name] = run_map(session, step, step.operation, inputs)
        case Call():
            session.datasets[step.name] = run_call(session, step, step.operation, inputs)
        case TaskReduce():
            session.datasets[step.name] = run_reduce(session, step, step.operation, inputs)
        case Until(condition):
            if holds(session.plan, step, condition, inputs):
                session.over.add(step.name)
        case Last():
            session.datasets[step.name] = last_round(session, step)
        case Save():
            saved = run_save(session, step, step.operation, inputs[0])
            session.saved.append((step.name, saved.path, saved.rows))
        case _:
            session.datasets[step.name] = run_relation(session.plan, session.folder, step, inputs)


def _finish(
    folder: RunFolder, session: Session, scans: _Scans, ended: str | None, started: float, generation: Path
) -> RunResult:
    """Write what the run leaves behind and print the summary."""
    session.progress.close()
    if not (ended and folder.record.get("mending")):
        write_failures(folder.path, session.plan, session.failures)
    write_backing(folder.path, session.plan, session.launch, session.levels)
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
        write_bad_rows(folder.path, scans.bad_rows)
        where = shown(str(folder.path / "quarantine"))
        print(f"{len(scans.bad_rows):,} bad rows of the input were left out; see {where}", file=sys.stderr)
    if ended:
        print(_INTERRUPTED if ended == "interrupted" else printable(f"error: {ended}"), file=sys.stderr)
    lines = summary_lines(
        session.plan,
        session.counts,
        session.failures,
        session.usage,
        saved,
        time.monotonic() - started,
        folder.path,
        _peak_bytes(),
        backing_line(session.plan, session.launch, session.levels),
    )
    print(*lines, sep="\n", flush=True)
    code = INTERRUPTED_CODE if ended == "interrupted" else 1 if ended or failed else 0
    state = INTERRUPTED if ended == "interrupted" else STOPPED if ended else FAILED if failed else DONE
    counts = report(session.plan, session.counts, session.failures, session.usage, saved)
    folder.keep({"report.json": json.dumps({"state": state, "reason": ended, **counts}, indent=1) + "\n"})
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    folder.write(state=state, ended=now, **counts["subproblems"])
    if not ended:
        folder.drop_generations_before(generation)
    return RunResult(code, folder.path, tuple(session.failures))


def _peak_bytes() -> int:
    """Largest resident size so far of this process and, one by one, of the children it has waited for."""
    unit = 1 if sys.platform == "darwin" else 1024
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_maxrss for kind in kinds) * unit
