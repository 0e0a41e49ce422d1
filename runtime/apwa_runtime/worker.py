"""What runs inside a Dask worker: one batch of sub-problems at a time.

In: the plan, once for each worker through a plugin, and batches as task arguments. Out: reports of what has finished,
at the end of a batch and whenever the driver asks. Everything that costs time to make (compiled templates, model
clients, the event loop, warm child processes) is made once and shared by all batches of a run on that worker.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import sys
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from distributed import Worker, WorkerPlugin

from apwa_compiler.plan import Builtin, Call, Map, Mcp, Plan, Prompt, Python, Shell, Task, TaskReduce, Torch
from apwa_compiler.plan_json import from_json
from apwa_runtime.batches import Batch, Frame, Report
from apwa_runtime.bodies import protocol
from apwa_runtime.bodies.make import make_body
from apwa_runtime.bodies.prompt import PromptBody
from apwa_runtime.bodies.protocol import Body
from apwa_runtime.bodies.python import PythonBody
from apwa_runtime.bodies.shell import ShellBody
from apwa_runtime.bodies.torch import TorchBody
from apwa_runtime.errors import RunError
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.exchange import Answer, Question
from apwa_runtime.guard import Guard
from apwa_runtime.isolation.level import Reached, level, level_of_server
from apwa_runtime.isolation.secrets import hide
from apwa_runtime.models.budget import budgets
from apwa_runtime.models.limits import Grant, Used
from apwa_runtime.models.limits import Report as LimitReport
from apwa_runtime.models.protocol import ModelClient, ModelSetupError
from apwa_runtime.models.registry import make_client
from apwa_runtime.outbox import Outbox
from apwa_runtime.reads import Disk
from apwa_runtime.runner import Finished, StepRunner
from apwa_runtime.shipping import Bundle, unpack
from apwa_runtime.shown_files import ProgramFiles
from apwa_runtime.tools.agent import agents_of
from apwa_runtime.tools.builtin import lacking_for
from apwa_runtime.tools.servers.server import Servers
from apwa_runtime.versions import difference, found, shown

_contexts: dict[str, Context] = {}

# Objects made between two looks for garbage. The usual 700 walks all that imports have left for every few records.
_COLLECT_AFTER = 50_000

# Seconds after the driver was last heard, five times a second, when it is taken for dead until it is heard again.
_SILENCE = 1.0


@dataclass(frozen=True, slots=True)
class Sharing:
    """How workers share what models allow the run: equally, or for those in ``brokered`` as the driver gives it.

    ``used`` is what an earlier start has used of the others, where this worker is the only one.
    """

    workers: int = 1
    brokered: frozenset[str] = frozenset()
    used: Mapping[str, Used] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Left:
    """What a worker finished of a step and the driver may not have taken; ``key`` begins its content keys."""

    step: str
    key: str
    frames: tuple[Frame, ...]


class Context:
    """What all batches of one run share on one worker.

    ``remote``: the driver may die and leave this worker behind. It then begins no more calls, and keeps what it has
    finished for the driver that resumes the run.
    """

    def __init__(self, plan: Plan, keys: Mapping[str, str], sharing: Sharing, *, remote: bool = False) -> None:
        self.plan = plan
        self._keys = keys
        self._sharing = sharing
        self._remote = remote
        hide(plan)
        self._guard = Guard(plan, keys, sharing.workers)
        self._heard = time.monotonic()
        self._ended: dict[str, tuple[str, tuple[Frame, ...]]] = {}
        self._left: list[Left] | None = None
        self._outboxes: dict[str, tuple[str, Outbox[Finished]]] = {}
        self._lock = threading.Lock()
        self._loop: EventLoopThread | None = None
        self._clients: dict[str, ModelClient] = {}
        self._servers = Servers(plan)
        self._bodies: dict[str, Body] = {}
        self._runners: dict[str, StepRunner] = {}
        self._closed = False

    def runner(self, step: str) -> StepRunner:
        """The runner of a step, made on first use."""
        with self._lock:
            if step not in self._runners:
                planned = self.plan.step(step)
                operation = planned.operation
                assert isinstance(operation, Map | Call | TaskReduce)
                task = self.plan.task(operation.task)
                self._runners[step] = StepRunner(self.plan, planned, task, self._keys[step], self._body(task))
            return self._runners[step]

    def run(self, step: str, key: str, batch: Batch) -> Report:
        """Run a batch; ``key`` names it to :meth:`exchange` while it runs."""
        runner = self.runner(step)
        self._hear()
        outbox = runner.outbox()
        self._outboxes[key] = (step, outbox)
        error = None
        try:
            if batch.guarded:
                self._guard.run(step, batch, outbox, runner)
            else:
                runner.run(batch, outbox, self._may_begin)
        except Exception as failed:
            # What has finished is worth having, whatever became of the rest.
            error = f"{type(failed).__name__}: {failed}"
        finally:
            del self._outboxes[key]
        report = replace(outbox.report(), error=error)
        if self._remote:
            with self._lock:
                self._ended[key] = (step, report.frames)
        return report

    def exchange(self, question: Question) -> Answer:
        """What running batches have finished so far, and what this worker uses and wants of models with limits."""
        self._hear()
        with self._lock:
            for key in question.ended:
                self._ended.pop(key, None)
            keeping = tuple(self._ended)
        for task in question.held:
            body = self._bodies.get(task)
            if isinstance(body, PromptBody):
                body.hold()
        reports: dict[str, Report] = {}
        for key, (_, outbox) in list(self._outboxes.items()):
            execution, received, durable = question.received.get(key, ("", 0, 0))
            report = outbox.report(received, durable) if execution == outbox.execution else outbox.report()
            if report.frames:
                reports[key] = report
        return Answer(reports, self._limits(question.grants), keeping)

    @property
    def is_heard(self) -> bool:
        """Whether the driver has been heard of just now."""
        return time.monotonic() - self._heard < _SILENCE

    def left(self) -> list[Left]:
        """End what runs. Returns what is finished and may never have reached the driver, again if asked again."""
        if self._left is None:
            with self._lock:
                ended = list(self._ended.values())
            running = [(step, outbox.report().frames) for step, outbox in list(self._outboxes.values())]
            self._left = [Left(step, self._keys[step], frames) for step, frames in ended + running if frames]
            self.close()
        return self._left

    def _hear(self) -> None:
        """The driver lives."""
        self._heard = time.monotonic()

    def _may_begin(self, calls: Sequence[protocol.Call]) -> bool:
        return not self._remote or self.is_heard

    def _limits(self, grants: Mapping[str, Grant]) -> dict[str, LimitReport]:
        if not grants or self._loop is None:
            return {}

        async def work() -> dict[str, LimitReport]:
            admissions = {name: client.admission for name, client in self._clients.items() if name in grants}
            return {name: one.exchange(grants[name]) for name, one in admissions.items() if one is not None}

        return self._loop.run(work())

    def used(self) -> dict[str, Used]:
        """What this worker has used of the rates of models."""

        def collected() -> dict[str, Used]:
            admissions = {name: client.admission for name, client in self._clients.items()}
            return {name: admission.used() for name, admission in admissions.items() if admission is not None}

        async def work() -> dict[str, Used]:
            return collected()

        if self._loop is not None:
            # A loop that is closed counts no more.
            with suppress(asyncio.CancelledError):
                return self._loop.run(work())
        return collected()

    def preflight(self) -> str | None:
        """Make the clients of models, ask MCP servers what they offer. Returns what this worker lacks, or None."""
        if any(isinstance(task.body, Torch) for task in self.plan.tasks) and find_spec("torch") is None:
            return 'torch bodies need torch, which is not installed here: pip install "apwa-lang[torch]"'
        for task in self.plan.tasks:
            for tool in task.tools():
                if isinstance(tool.body, Builtin) and (problem := lacking_for(tool.body)):
                    return problem
        try:
            for model in self.plan.models:
                self._client(model.name)
        except ModelSetupError as error:
            return str(error)
        agents = (self._body(task) for task in self.plan.tasks if task.servers())
        return next((lacking for body in agents if isinstance(body, PromptBody) and (lacking := body.lacks())), None)

    def levels(self) -> dict[str, Reached]:
        """How far the calls of each task that runs a user's code, and of each MCP server, are kept apart here."""
        reached: dict[str, Reached] = {}
        for task in self.plan.tasks:
            if isinstance(task.body, Python | Torch | Shell):
                body = self._bodies.get(task.name)
                if isinstance(body, PythonBody | TorchBody | ShellBody):
                    reached[task.name] = body.reached
                else:
                    reached[task.name] = Reached(level(task.body, network=bool(task.network)))
            for tool in task.servers():
                assert isinstance(tool.body, Mcp)
                reached[tool.name] = Reached(level_of_server(tool.body, network=bool(tool.network)))
        return reached

    def close(self) -> None:
        """Close clients, child processes and the event loop. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._guard.close()
        for body in self._bodies.values():
            body.close()
        if self._loop:
            # First of all, lest a request whose connection is closed goes out once more.
            self._loop.cancel()
            self._loop.run(self._servers.close())
            for client in self._clients.values():
                self._loop.run(client.close())
            self._loop.close()

    def _body(self, task: Task) -> Body:
        if task.name not in self._bodies:
            self._bodies[task.name] = make_body(self.plan, task, partial(self._prompt, task))
        return self._bodies[task.name]

    def _prompt(self, task: Task, body: Prompt) -> PromptBody:
        self._loop = self._loop or EventLoopThread()
        clients = {name: self._client(name) for name in body.models}
        budget, files = budgets(self.plan).get(task.name), ProgramFiles.of(self.plan)
        agents = agents_of(self.plan, body, self._prompt)
        return PromptBody(task, body, clients, self._loop, budget, self.plan.base, self._servers, files, agents)

    def _client(self, name: str) -> ModelClient:
        if name not in self._clients:
            model = next(model for model in self.plan.models if model.name == name)
            workers = None if name in self._sharing.brokered else self._sharing.workers
            self._clients[name] = make_client(model, workers, self._sharing.used.get(name))
        return self._clients[name]


class RunPlugin(WorkerPlugin):
    """Brings a run's plan to every worker and takes it away at the end.

    With ``shipped`` come the user's modules. A worker that joins with other versions than it asks for, or lacks what
    models need, leaves again and says why under the plugin's name; those whose addresses are ``known`` have been asked.
    So does one that does not see ``disk``, where files are read from it.
    ``keys`` begin the content keys of each step's results.
    """

    def __init__(
        self,
        run_id: str,
        plan_json: str,
        keys: Mapping[str, str],
        sharing: Sharing,
        shipped: Bundle | None = None,
        known: Collection[str] = (),
        disk: Disk | None = None,
    ) -> None:
        self.name = self.name_of(run_id)
        self._run_id = run_id
        self._plan_json = plan_json
        self._keys = dict(keys)
        self._sharing = sharing
        self._shipped = shipped
        self._known = frozenset(known)
        self._disk = disk

    @staticmethod
    def name_of(run_id: str) -> str:
        """What the plugin of a run is called."""
        return f"apwa-{run_id}"

    def setup(self, worker: Worker) -> None:
        """Make the run's context."""
        collect_rarely()
        plan = from_json(self._plan_json)
        if self._shipped:
            problem = difference(self._shipped.versions, found(self._shipped.versions))
            if problem:
                self._refuse(worker, problem)
            if self._disk and not self._disk.is_seen:
                self._refuse(worker, f"does not see the folder {plan.base}, from which files are read")
            plan = unpack(self._shipped, plan, self._modules(worker))
        context = Context(plan, self._keys, self._sharing, remote=self._shipped is not None)
        if self._shipped and worker.address not in self._known and (lacking := context.preflight()):
            context.close()
            self._refuse(worker, f"takes no part: {lacking}")
        _contexts[self._run_id] = context

    def teardown(self, worker: Worker) -> None:
        """Release what the run held."""
        context = _contexts.pop(self._run_id, None)
        if context:
            context.close()
        if self._shipped:
            folder = self._modules(worker)
            for name, module in list(sys.modules.items()):
                # What a model's own code has imported; another run may bring other modules of these names.
                if str(getattr(module, "__file__", None) or "").startswith(f"{folder}/"):
                    del sys.modules[name]
            shutil.rmtree(folder, ignore_errors=True)

    def _refuse(self, worker: Worker, problem: str) -> NoReturn:
        worker.log_event(self.name, f"worker {shown(worker.name, worker.address)} {problem}; it leaves the cluster")
        worker.loop.add_callback(worker.close, reason=problem)
        raise RunError(f"this worker {problem}")

    def _modules(self, worker: Worker) -> Path:
        return Path(worker.local_directory) / self.name


def collect_rarely() -> None:
    """Let the garbage collector of this process look at new objects only, and not all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 100)


def run_batch(run_id: str, step: str, key: str, batch: Batch) -> Report:
    """Run one batch of sub-problems of a step. The function of every Dask task that APWA submits."""
    return _contexts[run_id].run(step, key, batch)


def exchange(run_id: str, question: Question) -> Answer | None:
    """The worker's side of an exchange with the driver."""
    context = _contexts.get(run_id)
    return context.exchange(question) if context else None


def used(run_id: str) -> dict[str, Used]:
    """What a worker in this process has used of the rates of models."""
    context = _contexts.get(run_id)
    return context.used() if context else {}


def stop(run_id: str) -> None:
    """End what runs here for this run: calls in child processes are killed, requests cancelled."""
    context = _contexts.get(run_id)
    if context:
        context.close()


def left_behind(run: str) -> dict[str, list[Left] | None]:
    """End what runs here for drivers of ``run`` that have died.

    Returns what they never took, by their run ids; None where the driver may yet live.
    """
    contexts = {run_id: context for run_id, context in _contexts.items() if run_id.rpartition(".")[0] == run}
    return {run_id: None if context.is_heard else context.left() for run_id, context in contexts.items()}


def levels(run_id: str) -> dict[str, Reached]:
    """The level reached on this worker by each task that runs a user's code."""
    return _contexts[run_id].levels()


def preflight(run_id: str) -> str | None:
    """What this worker lacks to run the plan, or None."""
    return _contexts[run_id].preflight()
