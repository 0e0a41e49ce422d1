"""What runs inside a Dask worker: one batch of sub-problems at a time.

In: the plan, once for each worker through a plugin, and batches as task arguments. Out: batch results. Everything that
costs time to make (compiled templates, model clients, the event loop, warm child processes) is made once and shared by
all batches of a run on that worker.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from distributed import Worker, WorkerPlugin

from apwa_compiler.plan import Call, Map, Plan, Prompt, Python, Return, Task, TaskReduce
from apwa_compiler.plan_json import from_json
from apwa_runtime.batches import Batch, BatchResult
from apwa_runtime.bodies.prompt import PromptBody
from apwa_runtime.bodies.protocol import Body
from apwa_runtime.bodies.python import PythonBody
from apwa_runtime.bodies.returns import ReturnBody
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.isolation.level import Reached, level
from apwa_runtime.models.limits import Grant, Report
from apwa_runtime.models.protocol import ModelClient, ModelSetupError
from apwa_runtime.models.registry import make_client
from apwa_runtime.runner import StepRunner

_contexts: dict[str, Context] = {}


class Context:
    """What all batches of one run share on one worker."""

    def __init__(self, plan: Plan, run_folder: Path, workers: int) -> None:
        self.plan = plan
        self._workers = workers
        self._run_folder = run_folder
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
                self._runners[step] = StepRunner(self.plan, planned, task, self._body(task), self._run_folder)
            return self._runners[step]

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

    def exchange(self, grants: Mapping[str, Grant]) -> dict[str, Report]:
        """Take the grants of models, and tell what this worker uses and wants of those that have limits."""

        async def work() -> dict[str, Report]:
            admissions = {name: client.admission for name, client in self._clients.items()}
            return {name: one.exchange(grants.get(name)) for name, one in admissions.items() if one is not None}

        return self._loop.run(work()) if self._loop is not None else {}

    def hold(self, task: str) -> None:
        """Send no more requests for a task; its calls that are not on the wire end as held."""
        body = self._bodies.get(task)
        if isinstance(body, PromptBody):
            body.hold()

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
                    clients = {name: self._client(name) for name in task.body.models}
                    self._bodies[task.name] = PromptBody(task, task.body, clients, self._loop)
        return self._bodies[task.name]

    def _client(self, name: str) -> ModelClient:
        if name not in self._clients:
            model = next(model for model in self.plan.models if model.name == name)
            self._clients[name] = make_client(model, self._workers)
        return self._clients[name]


class RunPlugin(WorkerPlugin):
    """Brings a run's plan to every worker and takes it away at the end; ``workers`` is how many share the run."""

    def __init__(self, run_id: str, plan_json: str, run_folder: str, workers: int) -> None:
        self.name = f"apwa-{run_id}"
        self._run_id = run_id
        self._plan_json = plan_json
        self._run_folder = run_folder
        self._workers = workers

    def setup(self, worker: Worker) -> None:
        """Make the run's context."""
        _contexts[self._run_id] = Context(from_json(self._plan_json), Path(self._run_folder), self._workers)

    def teardown(self, worker: Worker) -> None:
        """Release what the run held."""
        context = _contexts.pop(self._run_id, None)
        if context:
            context.close()


def run_batch(run_id: str, step: str, batch: Batch) -> BatchResult:
    """Run one batch of sub-problems of a step. The function of every Dask task that APWA submits."""
    return _contexts[run_id].runner(step).run(batch)


def run_fold(run_id: str, step: str, batch: Batch) -> BatchResult:
    """Fold the rows of a batch into one, one call after the other."""
    return _contexts[run_id].runner(step).fold(batch)


def exchange(run_id: str, grants: Mapping[str, Grant]) -> dict[str, Report]:
    """Hand this worker its grants, by model; what it uses and wants."""
    return _contexts[run_id].exchange(grants)


def hold(run_id: str, task: str) -> None:
    """Send no more requests for a task."""
    _contexts[run_id].hold(task)


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
