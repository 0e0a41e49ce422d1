"""Claims about the bodies of tasks: that sub-problems share no state through the code or the model that they run.

In: a program and a flow. Out: one claim for each body that a step runs, about any two of its sub-problems, and
findings. A prompt is pure by construction (B1): its template reads the arguments only, and what the model keeps between
calls is a hypothesis. Python functions are analysed elsewhere; that is imported only where there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.proofs.claims import Backing, Claim, Hypothesis, Verdict
from apwa_lang.proofs.subjects import about
from apwa_lang.semantics.agents import agents_of, tools_of
from apwa_lang.semantics.program import (
    Body,
    CallOnce,
    Effect,
    Flow,
    Map,
    Program,
    PromptBody,
    PythonBody,
    Reduce,
    Server,
    ShellBody,
    Split,
    Step,
    Task,
    Tool,
    TorchBody,
)

if TYPE_CHECKING:
    from apwa_lang.proofs.functions import Functions
    from apwa_lang.proofs.python import Inference

_SHELL = "the script runs in a process of its own, in its scratch folder"
_BUILTIN = "each call of the built-in tool runs in a process of its own"
_PARTS = "the function that splits runs by itself, in a process that writes to its scratch folder only"
_SERVER = "each sub-problem has a server of its own that may write to its scratch folder only"
_REMOTE = "what one sub-problem asks of this server is taken to change nothing there for another"

Given = tuple[Body | Tool, tuple[Effect, ...]]
"""A body, or a tool that is no function, with the effects that are declared for it."""


class Bodies:
    """The bodies of one program, each analysed once."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def claims(self, flow: Flow) -> Iterator[Claim]:
        """A claim for each body that a step of the flow runs."""
        for step in flow.steps:
            task = self._task(step)
            for body, effects in self._given(task) if task is not None else ():
                match body:
                    case PromptBody(template, models):
                        asked = ", ".join(models)
                        taken = tuple(_stateless(name) for name in models)
                        yield about(flow, step, "model", asked, template.span, Verdict.PROVED, "B1", taken)
                    case PythonBody() | TorchBody():
                        assert task is not None
                        yield self._functions.claim(flow, step, task, body, effects)
                    case ShellBody(template):
                        subject = (flow, step, "state", "shell", template.span)
                        yield about(*subject, Verdict.CHECKED, "", (), _SHELL, Backing.PROCESS)
                    case Tool(name, span=span, server=Server() as server):
                        yield about(flow, step, "state", name, span, *_of_server(server))
                    case Tool(name, span=span):
                        yield about(flow, step, "state", name, span, Verdict.CHECKED, "", (), _BUILTIN, Backing.PROCESS)
            split = self._split(flow, step)
            if split is not None:
                subject = (flow, step, "state", split.target, split.span)
                yield about(*subject, Verdict.CHECKED, "", (), _PARTS, Backing.PROCESS)

    def findings(self) -> Iterator[Diagnostic]:
        """What is wrong with the functions of tasks and tools."""
        for task in self._program.tasks.values():
            if isinstance(task.body, PythonBody | TorchBody):
                yield from self._functions.findings(task.name, task.body, task.effects, task)
        for tool in self._program.tools.values():
            body = function_of(tool)
            if body is not None:
                yield from self._functions.findings(tool.name, body, tool.effects, None)
        for split in self._splits():
            if split.function is not None:
                yield from self._functions.findings_of_split(split.name, split.function)

    def functions(self) -> Iterator[tuple[Task, PythonBody | TorchBody, Inference]]:
        """The Python functions that tasks run, their tools' among them, with what was found of each."""
        for task in self._program.tasks.values():
            yield from ((task, body, found) for body, found in self.functions_of(task))

    def functions_of(self, task: Task) -> Iterator[tuple[PythonBody | TorchBody, Inference]]:
        """The Python functions that one task runs, its tools' among them, with what was found of each."""
        for body, effects in self._given(task):
            if isinstance(body, PythonBody | TorchBody):
                yield body, self._functions.inferred(body, effects)

    def modules_of(self, split: PythonBody) -> tuple[tuple[str, str], ...]:
        """The modules that the function of a split reaches, with their digests."""
        return self._functions.inferred(split, ()).sources

    def _splits(self) -> Iterable[Split]:
        """The splits of the program, each once."""
        flows = (split for flow in self._program.flows.values() for split in flow.splits)
        return {split.span: split for split in (*self._program.splits.values(), *flows)}.values()

    def _split(self, flow: Flow, step: Step) -> PythonBody | None:
        """The function that says how the rows of a step fall apart."""
        if not isinstance(step.operation, Map):
            return None
        name = step.operation.split
        return next((split.function for split in flow.splits if split.name == name), None)

    @cached_property
    def _functions(self) -> Functions:
        from apwa_lang.proofs.functions import Functions

        return Functions(self._program)

    def _task(self, step: Step) -> Task | None:
        match step.operation:
            case Map(task=name) | CallOnce(task=name) | Reduce(task=str(name)):
                return self._program.tasks.get(name)
            case _:
                return None

    def _given(self, task: Task) -> Iterator[Given]:
        yield task.body, task.effects
        for agent in agents_of(task, self._program.tasks):
            yield agent.body, agent.effects
        for tool in tools_of(task, self._program):
            yield function_of(tool) or tool, tool.effects


def function_of(tool: Tool) -> PythonBody | None:
    """The function of a tool, below the folder of the file that declares it."""
    if tool.target is None:
        return None
    file = tool.span.source.file
    return PythonBody(tool.target, file.parent if file is not None else Path(), tool.span)


def _of_server(server: Server) -> tuple[Verdict, str, tuple[Hypothesis, ...], str, Backing | None]:
    """How it stands with two sub-problems that have a session each with a server, or one together."""
    if server.trust:
        return Verdict.TRUSTED, "", (), server.trust, None
    if server.is_remote:
        return Verdict.TRUSTED, "", (), _REMOTE, None
    return Verdict.CHECKED, "", (), _SERVER, Backing.PROCESS


def _stateless(model: str) -> Hypothesis:
    return Hypothesis(f"model `{model}` keeps nothing of one call for another", Verdict.TRUSTED)
