"""Runs the tests of one program, each by itself.

In: a plan with the tasks that tests call, and the tests. Out: a verdict for each. A test runs its statements in order,
in this process and without a cluster; models answer with what the test has for them.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Call, Plan, Prompt, Step, Task
from apwa_lang.semantics.core import Apply, Core, GetField, Var
from apwa_lang.semantics.program import Expectation, Fixture, MockValue, TestCall, TestCase
from apwa_lang.semantics.types import STR, Field, ListOf, RecordType, Type
from apwa_lang.syntax.source import Span
from apwa_runtime.bodies.make import make_body
from apwa_runtime.bodies.prompt import PromptBody
from apwa_runtime.bodies.protocol import Body, Done, Failed
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.expressions import compile_core
from apwa_runtime.failures import hidden, secrets_in
from apwa_runtime.isolation.secrets import hide
from apwa_runtime.parameters import parameter_names
from apwa_runtime.runner import StepRunner
from apwa_runtime.shown_files import ProgramFiles
from apwa_runtime.testing.mocks import Mock
from apwa_runtime.testing.recorded import Recorded
from apwa_runtime.tools.agent import agents_of
from apwa_runtime.tools.servers.server import Servers
from apwa_runtime.tools.tables import with_tool_tables
from apwa_runtime.values.models import InvalidValue, validator
from apwa_runtime.values.text import json_text

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in"})
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a test failed: at ``span``; ``values`` are those that took part, by the text that stands for them."""

    message: str
    span: Span
    values: tuple[tuple[str, str], ...] = ()

    def without(self, secrets: Collection[str]) -> Problem:
        """The problem with secrets hidden."""
        values = tuple((name, hidden(value, secrets)) for name, value in self.values)
        return Problem(hidden(self.message, secrets), self.span, values)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a test ended."""

    test: TestCase
    seconds: float
    problems: tuple[Problem, ...] = ()


class Bench:
    """Runs tests over the tasks of a plan, several at a time if asked by several threads.

    Models that a test does not mock answer as ``recorded``. Raises RunError where a table of a tool cannot be read.
    """

    def __init__(self, plan: Plan, recorded: Recorded | None = None) -> None:
        hide(plan)
        self._folder = tempfile.TemporaryDirectory(prefix="apwa-test-")
        self._plan = with_tool_tables(plan, {}, Path(self._folder.name), [])
        self._recorded = recorded
        self._names = parameter_names(plan.parameters)
        self._loop = EventLoopThread("apwa-tests")
        self._servers = Servers(plan)
        self._bodies: dict[str, Body] = {}
        self._lock = threading.Lock()

    def run(self, test: TestCase) -> Verdict:
        """Run one test."""
        begun = time.monotonic()
        problems = tuple(self._problems(test))
        return Verdict(test, time.monotonic() - begun, problems)

    def close(self) -> None:
        """End what runs."""
        for body in self._bodies.values():
            body.close()
        self._loop.run(self._servers.close())
        self._loop.close()
        self._folder.cleanup()

    def _problems(self, test: TestCase) -> Iterator[Problem]:
        secrets: set[str] = set()
        for problem in self._found(test, secrets):
            yield problem.without(secrets)

    def _found(self, test: TestCase, secrets: set[str]) -> Iterator[Problem]:
        """Problems; and the values of secret fields that files have brought, into ``secrets``."""
        names, mocks = dict(self._names), dict[str, Any]()
        for statement in test.statements:
            try:
                match statement:
                    case MockValue(model, value):
                        mocks[model] = compile_core(value)(names)
                    case Fixture(name):
                        names[name] = _loaded(statement)
                        secrets.update(secrets_in(names[name], statement.type))
                    case TestCall(name, None):
                        assert statement.value is not None
                        names[name] = compile_core(statement.value)(names)
                    case TestCall(name, str(task)):
                        arguments = {name: compile_core(core)(names) for name, core in statement.arguments}
                        names[name] = self._called(task, arguments, mocks)
                    case Expectation(condition, text, span):
                        if not compile_core(condition)(names):
                            yield Problem(f"`expect {text}` does not hold", span, tuple(_values(condition, names)))
            except (EvaluationError, _NoResultError) as error:
                span = statement.span if not isinstance(statement, MockValue) else test.span
                yield Problem(str(error), span)
                return

    def _called(self, name: str, arguments: dict[str, Any], mocks: Mapping[str, Any]) -> Any:
        task = self._plan.task(name)
        if isinstance(task.body, Prompt):
            mocks = self._with_recorded(task, task.body, arguments, mocks)
            with closing(self._prompt(mocks, task, task.body)) as prompt:
                return self._value(task, prompt, arguments)
        with self._lock:
            if name not in self._bodies:
                self._bodies[name] = make_body(self._plan, task, _no_prompt)
            body = self._bodies[name]
        return self._value(task, body, arguments)

    def _prompt(self, mocks: Mapping[str, Any], task: Task, body: Prompt) -> PromptBody:
        wrapped = not isinstance(task.result, RecordType)
        clients = {model: Mock(model, mocks, wrapped=wrapped) for model in body.models}
        files, base = ProgramFiles.of(self._plan), self._plan.base
        agents = agents_of(self._plan, body, partial(self._prompt, mocks))
        return PromptBody(task, body, clients, self._loop, None, base, self._servers, files, agents)

    def _value(self, task: Task, body: Body, arguments: dict[str, Any]) -> Any:
        record = task.result if isinstance(task.result, RecordType) else RecordType("<value>", (Field("value", STR),))
        step = Step(task.name, Call(task.name, ()), (), record)
        match StepRunner(self._plan, step, task, "", body).once(arguments):
            case Done(value):
                return value
            case Failed(reason):
                raise _NoResultError(f"`{task.name}` gave no result: {reason}")
            case _:
                raise _NoResultError(f"`{task.name}` was stopped")

    def _with_recorded(
        self, task: Task, body: Prompt, arguments: dict[str, Any], mocks: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        lacking = [model for model in body.models if model not in mocks]
        if self._recorded is None or not lacking:
            return mocks
        with self._lock:
            found = self._recorded.answer(task.name, arguments)
        if not found:
            raise _NoResultError(f"run {self._recorded.name} has no answer of `{task.name}` to these arguments")
        return {**mocks, **dict.fromkeys(lacking, found[0])}


class _NoResultError(Exception):
    """A statement has no value; the text says why."""


def _no_prompt(body: Prompt) -> Body:
    raise TypeError("a prompt is asked with mocks")


def _loaded(fixture: Fixture) -> Any:
    """The value in a file: JSON, lines of JSON for a list, or text."""
    path = fixture.base / fixture.path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _NoResultError(f"cannot read `{fixture.path}`: {reason}") from None
    try:
        if fixture.type == STR and path.suffix != ".json":
            return text
        if isinstance(fixture.type, ListOf) and path.suffix == ".jsonl":
            return [_valid(fixture.type.item, line) for line in text.split("\n") if line.strip()]
        return _valid(fixture.type, text)
    except InvalidValue as error:
        raise _NoResultError(f"`{fixture.path}` holds no {fixture.type}: {error}") from None


def _valid(type: Type, text: str) -> Any:
    return validator(type).json(text)


def _values(condition: Core, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Both sides of a comparison, else the names that a condition uses; what has no value is left out."""
    match condition:
        case Apply(function, (left, right)) if function in _COMPARISONS:
            with suppress(EvaluationError):
                sides = [compile_core(side)(names) for side in (left, right)]
                yield from zip(("left", "right"), map(_shown, sides), strict=True)
        case Apply(_, arguments):
            for argument in arguments:
                yield from _values(argument, names)
        case Var(name):
            yield name, _shown(names[name])
        case GetField(Var(name), field):
            with suppress(EvaluationError):
                yield f"{name}.{field}", _shown(compile_core(condition)(names))


def _shown(value: Any) -> str:
    text = json_text(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
