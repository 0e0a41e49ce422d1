"""Content keys: what a result depends on, in a few bytes.

In: a plan's step; a sub-problem. Out: the ingredients of the step's results with a hash each, and a key for each
sub-problem. Two sub-problems with one key have the same task, model, prompt, contract, code, versions, arguments and
shown files, so the result of the one is a result of the other.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version

from apwa_compiler.plan import (
    Builtin,
    LiteralSource,
    Map,
    Mcp,
    Plan,
    Policy,
    Prompt,
    Python,
    Step,
    Task,
    Tool,
    ToolTable,
    Torch,
)
from apwa_runtime.batches import KEY_BYTES
from apwa_runtime.binding import Row
from apwa_runtime.tables.digest import digest

# What may change of a model without changing its answers.
_OPERATIONAL = frozenset(
    {"api_key", "base_url", "concurrency", "headers", "price", "proxy", "rate", "threads", "timeout"}
)


def ingredients(plan: Plan, step: Step, task: Task) -> dict[str, str]:
    """What the results of a step depend on besides its sub-problems: the name of each ingredient and its hash."""
    operation = step.operation
    found = {
        "result": _hash(task.result),
        "contract": _hash((task.requires, task.ensures)),
        "files": _hash((task.reads, task.writes)),
        "keep": _hash(operation.keep if isinstance(operation, Map) else ()),
        "parameters": _hash(_parameters(plan, (operation, task))),
        "versions": _hash((version("apwa-lang"),)),
    }
    if step.unless is not None:
        found["round"] = _hash(step.unless)
    match task.body:
        case Prompt() as prompt:
            models = [model for model in plan.models if model.name in task.models()]
            found["prompt"] = _hash(replace(prompt, tools=()))
            if prompt.tools:
                found["tools"] = _hash((tuple(map(_anywhere, prompt.tools)), sys.version_info[:2]))
                tables = [(table.name, digest(table.source)) for table in task.tables()]
                if tables:
                    found["tables"] = _hash(tables)
            found["model"] = _hash(
                [
                    (model.name, model.provider, model.factory, [s for s in model.settings if s[0] not in _OPERATIONAL])
                    for model in models
                ]
            )
        case Python(target, sources=sources) | Torch(target, sources=sources):
            found["code"] = _hash((target, sources, sys.version_info[:2]))
        case body:
            found["body"] = _hash(body)
    return found


def fingerprint(found: Mapping[str, str]) -> str:
    """One hash of all ingredients."""
    return _hash(sorted(found.items()))


class Keyring:
    """Makes the keys of one step's sub-problems."""

    def __init__(self, step_fingerprint: str) -> None:
        self._start = hashlib.blake2b(step_fingerprint.encode(), digest_size=KEY_BYTES)

    def key(self, arguments: Row, kept: Row, shown: tuple[str, ...] = ()) -> bytes:
        """The key of a sub-problem by the arguments of its call, what is kept of it, and the files that it shows."""
        key = self._start.copy()
        key.update(repr((arguments, kept, *shown)).encode("utf-8", "surrogatepass"))
        return key.digest()


def _anywhere(tool: Tool) -> Tool:
    """A tool without what may change and leave its results as they are."""
    match tool.body:
        case Mcp() as body:
            return replace(tool, body=Mcp(body.address, "", body.only))
        case Builtin() as body:
            return replace(tool, body=replace(body, tables=tuple(map(_unread, body.tables))))
        case Python() as body:
            return replace(tool, body=replace(body, base=""))
        case Task(body=Prompt() as prompt) as agent:
            asks = replace(prompt, tools=tuple(map(_anywhere, prompt.tools)))
            return replace(tool, body=replace(agent, body=asks, policy=Policy()))
        case Task():
            return tool


def _unread(table: ToolTable) -> ToolTable:
    return replace(table, source=LiteralSource(()))


def _parameters(plan: Plan, user: object) -> list[tuple[str, object]]:
    """The parameters that may take part: those whose name occurs."""
    text = repr(user)
    return [
        (parameter.name, parameter.value)
        for parameter in plan.parameters
        if re.search(rf"\b{re.escape(parameter.name)}\b", text)
    ]


def _hash(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()[:32]
