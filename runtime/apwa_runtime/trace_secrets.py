"""Keeps secrets out of the traces of agents.

In: the trace of a sub-problem, as its body tells it, and its row. Out: the same without secrets. A model may spell out
in any way what it was told: where the prompt depends on a secret, what was said in calls of tools is left out whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from typing import Any

from apwa_compiler.plan import Plan, Prompt, Step, Task
from apwa_lang.semantics.types import ListOf, MapOf, Optional, RecordType, Type
from apwa_runtime.binding import Binding
from apwa_runtime.failures import HIDDEN, hidden, secrets_in
from apwa_runtime.prompts import compile_prompt

_SAID = ("arguments", "result", "error")


class TraceSecrets:
    """For the sub-problems of a step, which are rows of ``record``, and the agent that is its ``task``."""

    def __init__(self, plan: Plan, step: Step, task: Task, record: RecordType) -> None:
        assert isinstance(task.body, Prompt)
        self._record = record
        self._binding = Binding(plan, step, task)
        self._templates = [compile_prompt(text) for text in (task.body.template, task.body.system) if text]
        declared = {name for tool in task.tools() for name in tool.secrets}
        self._variables = {value for name in declared if (value := os.environ.get(name))}

    def without(self, trace: str, row: dict[str, Any]) -> str:
        """The trace without secrets."""
        in_row = set(secrets_in(row, self._record))
        secrets = in_row | self._variables
        if not secrets:
            return trace
        steps = json.loads(trace)
        if in_row and self._is_told(row):
            _hide(steps)
        return json.dumps(_masked(steps, secrets), ensure_ascii=False)

    def _is_told(self, row: dict[str, Any]) -> bool:
        """Whether the prompt would be another if the secrets were."""
        try:
            return self._prompt(row) != self._prompt(_changed(row, self._record))
        except Exception:
            return True

    def _prompt(self, row: dict[str, Any]) -> list[object]:
        names = self._binding.names(self._binding.arguments(row))
        return [render(names) for render in self._templates]


def _hide(steps: list[dict[str, Any]]) -> None:
    for call in (call for step in steps for call in step.get("calls", ())):
        call.update({name: HIDDEN for name in _SAID if name in call})
        _hide(call.get("steps", []))


def _masked(value: Any, secrets: Collection[str]) -> Any:
    match value:
        case str():
            return hidden(_spelt(value, secrets), secrets)
        case list():
            return [_masked(item, secrets) for item in value]
        case dict():
            return {name: _masked(item, secrets) for name, item in value.items()}
        case _:
            return value


def _spelt(text: str, secrets: Collection[str]) -> str:
    """``text``; where it is JSON that has a secret in other escapes, the same JSON without it."""
    if "\\" not in text:
        return text
    try:
        found = json.loads(text)
        masked = _masked(found, secrets)
        return text if masked == found else json.dumps(masked, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _changed(value: Any, type: Type) -> Any:
    """``value`` with other secrets. Raises TypeError for one that has no other."""
    match type:
        case _ if value is None:
            return None
        case Optional(inner):
            return _changed(value, inner)
        case ListOf(item):
            return [_changed(element, item) for element in value]
        case MapOf(inner):
            return {name: _changed(element, inner) for name, element in value.items()}
        case RecordType(fields=fields):
            others = {
                field.name: _other(value[field.name]) if field.secret else _changed(value[field.name], field.type)
                for field in fields
                if field.name in value
            }
            return {**value, **others}
        case _:
            return value


def _other(value: Any) -> Any:
    match value:
        case None | "":
            return value
        case bool():
            return not value
        case int() | float():
            return 0 if value else 1
        case str():
            return ""
        case _:
            raise TypeError(value)
