"""What runs inside a Dask worker: one batch of sub-problems at a time.

In: the plan, once for each worker through a plugin, and batches as task arguments. Out: reports of what has finished,
at the end of a batch and whenever the driver asks. Everything that costs time to make (compiled templates, model
clients, the event loop, warm child processes) is made once and shared by all batches of a run on that worker.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Mapping

from distributed import Worker, WorkerPlugin

from apwa_compiler.plan import Call, Map, Plan, Prompt, Python, Return, Task, TaskReduce
from apwa_compiler.plan_json import from_json
from apwa_runtime.batches import Batch, Report
from apwa_runtime.bodies.prompt import PromptBody
from apwa_runtime.bodies.protocol import Body
from apwa_runtime.bodies.python import PythonBody
from apwa_runtime.bodies.returns import ReturnBody
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.guard import run_guarded
from apwa_runtime.isolation.level import Reached, level
from apwa_runtime.models.protocol import ModelClient, ModelSetupError
from apwa_runtime.models.registry import make_client
from apwa_runtime.outbox import Outbox
from apwa_runtime.runner import Finished, StepRunner

_contexts: dict[str, Context] = {}

# Objects made between two looks for garbage. The usual 700 walks all that imports have left for every few records.
_COLLECT_AFTER = 50_000


class Context:
    """What all batches of one run share on one worker."""

    def __init__(self, plan: Plan, workers: int) -> None:
        self.plan = plan
        self._workers = workers
        self._outboxes: dict[str, Outbox[Finished]] = {}
        self._lock = threading.Lock()
        self._loop: EventLoopThread | None = None
        self._clients: dict[str, ModelClient] = {}
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
                self._runners[step] = StepRunner(self.plan, planned, task, self._body(task))
            return self._runners[step]

    def run(self, step: str, key: str, batch: Batch) -> Report:
        """Run a batch; ``key`` names it to :meth:`reports` while it runs."""
        runner = self.runner(step)
        outbox = self._outboxes[key] = runner.outbox()
        try:
            if batch.guarded:
                run_guarded(self.plan, step, batch, outbox, runner)
            else:
                runner.run(batch, outbox)
        finally:
            del self._outboxes[key]
        return outbox.report()

    def reports(self, received: Mapping[str, tuple[str, int]]) -> dict[str, Report]:
        """What running batches have finished so far.

        ``received`` says by batch which execution the driver knows, and how many frames of it.
        """
        found: dict[str, Report] = {}
        for key, outbox in list(self._outboxes.items()):
            execution, frames = received.get(key, ("", 0))
            report = outbox.report(frames if execution == outbox.execution else 0)
            if report.frames:
                found[key] = report
        return found

    def preflight(self) -> str | None:
        """Make every client that prompts need. Returns what is missing on this worker, or None."""
        try:
            for model in self.plan.models:
                self._client(model.name)
        except ModelSetupError as error:
            return str(error)
        return None

    def levels(self) -> dict[str, Reached]:
        """How far the calls of each task with a Python body are kept apart on this worker."""
        reached: dict[str, Reached] = {}
        for task in self.plan.tasks:
            if isinstance(task.body, Python):
                body = self._bodies.get(task.name)
                if isinstance(body, PythonBody):
                    reached[task.name] = body.reached
                else:
                    reached[task.name] = Reached(level(task.body, network=bool(task.network)))
        return reached

    def close(self) -> None:
        """Close clients, child processes and the event loop. May be called twice."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        for body in self._bodies.values():
            body.close()
        if self._loop:
            for client in self._clients.values():
                self._loop.run(client.close())
            self._loop.close()

    def _body(self, task: Task) -> Body:
        if task.name not in self._bodies:
            match task.body:
                case Return():
                    self._bodies[task.name] = ReturnBody(task.body)
                case Python():
                    self._bodies[task.name] = PythonBody(task, task.body, self.plan.base)
                case Prompt():
                    self._loop = self._loop or EventLoopThread()
                    client = self._client(task.body.models[0])
                    self._bodies[task.name] = PromptBody(task, task.body, client, self._loop)
        return self._bodies[task.name]

    def _client(self, name: str) -> ModelClient:
        if name not in self._clients:
            model = next(model for model in self.plan.models if model.name == name)
            self._clients[name] = make_client(model, self._workers)
        return self._clients[name]


class RunPlugin(WorkerPlugin):
    """Brings a run's plan to every worker and takes it away at the end; ``workers`` is how many share the run."""

    def __init__(self, run_id: str, plan_json: str, workers: int) -> None:
        self.name = f"apwa-{run_id}"
        self._run_id = run_id
        self._plan_json = plan_json
        self._workers = workers

    def setup(self, worker: Worker) -> None:
        """Make the run's context."""
        collect_rarely()
        _contexts[self._run_id] = Context(from_json(self._plan_json), self._workers)

    def teardown(self, worker: Worker) -> None:
        """Release what the run held."""
        context = _contexts.pop(self._run_id, None)
        if context:
            context.close()


def collect_rarely() -> None:
    """Let the garbage collector of this process look at new objects only, and not all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 100)


def run_batch(run_id: str, step: str, key: str, batch: Batch) -> Report:
    """Run one batch of sub-problems of a step. The function of every Dask task that APWA submits."""
    return _contexts[run_id].run(step, key, batch)


def exchange(run_id: str, received: Mapping[str, tuple[str, int]]) -> dict[str, Report]:
    """What the batches that run here have finished, by batch. The driver asks while they run."""
    context = _contexts.get(run_id)
    return context.reports(received) if context else {}


def stop(run_id: str) -> None:
    """End what runs here for this run: calls in child processes are killed, requests cancelled."""
    context = _contexts.get(run_id)
    if context:
        context.close()


def levels(run_id: str) -> dict[str, Reached]:
    """The level reached on this worker by each task with a Python body."""
    return _contexts[run_id].levels()


def preflight(run_id: str) -> str | None:
    """What this worker lacks to run the plan, or None."""
    return _contexts[run_id].preflight()
