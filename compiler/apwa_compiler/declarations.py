"""Tasks, models and tables of a typed program as the plan has them.

In: declarations of ``apwa_lang.semantics.program``. Out: values of ``plan.py``, without spans, paths absolute. What the
plan has no form for raises :class:`CompileError` with the diagnostic of `not lowered`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from apwa_compiler import plan
from apwa_compiler.errors import CompileError
from apwa_compiler.skills import skills
from apwa_lang.diagnostics.codes.lowering import not_lowered, stopping
from apwa_lang.proofs.bodies import function_of
from apwa_lang.semantics import program as typed
from apwa_lang.semantics.core import Const, Core
from apwa_lang.syntax.source import Span

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")


Tables = Mapping[str, typed.Table]

DEFAULT_STEPS = 16
"""How often an agent asks its model, where its task does not say."""


def unsupported(span: Span, construct: str) -> CompileError:
    """The error for a construct that this release does not run."""
    return CompileError(stopping(not_lowered(span, construct)))


def absolute(path: str, base: Path) -> str:
    """``path`` below ``base``, unless it is a URL or absolute; a trailing slash stays."""
    return path if _URL.match(path) else f"{base.resolve() / path}{'/' if path.endswith('/') else ''}"


def jsonable(value: object) -> object:
    """Setting values: tuples as lists, durations in seconds, rates and environment names as the plan has them."""
    match value:
        case timedelta():
            return value.total_seconds()
        case typed.Rate(count, period):
            return plan.Rate(count, period.total_seconds())
        case typed.Environment(name, secret):
            return plan.Secret(name, secret)
        case Const(inner):
            return jsonable(inner)
        case list() | tuple():
            return [jsonable(item) for item in value]
        case dict():
            return {str(name): jsonable(item) for name, item in value.items()}
        case _:
            return value


def lower_model(model: typed.Model) -> plan.Model:
    """A model; the file of a local one is found from the folder of the program text that names it."""
    settings = {name: jsonable(value) for name, value in model.settings}
    path, file = settings.get("path"), model.span.source.file
    if isinstance(path, str) and file is not None:
        settings["path"] = absolute(path, file.parent)
    lowered = plan.Model(model.name, model.provider, model.factory, tuple(settings.items()))
    if model.factory is None or file is None:
        return lowered
    from apwa_lang.proofs.python import infer

    base = file.parent.resolve()
    return replace(lowered, base=str(base), sources=infer(model.factory, base, frozenset(), False).sources)


def lower_source(table: typed.Table) -> plan.Source:
    """Where a table's rows come from."""
    match table.source:
        case typed.ReadSource(path, format, options, base):
            return plan.ReadSource(absolute(path, base), format, tuple((k, jsonable(v)) for k, v in options))
        case typed.FilesSource(pattern, base):
            return plan.FilesSource(pattern, str(base.resolve()))
        case typed.LiteralSource(rows):
            return plan.LiteralSource(tuple(tuple(jsonable(value) for value in row) for row in rows))
        case typed.SqlSource(query, tables):
            return plan.SqlSource(query, tuple(map(typed.short_name, tables)))


def lower_task(task: typed.Task, program: typed.Program) -> plan.Task:
    """A task of the program."""
    policy = task.policy
    return plan.Task(
        name=task.name,
        parameters=task.parameters,
        result=task.result,
        body=_body(task, program),
        policy=plan.Policy(
            policy.retry, policy.backoff, policy.timeout, policy.on_error, policy.budget_tokens, policy.budget_dollars
        ),
        requires=tuple(plan.Contract(contract.condition, contract.text) for contract in task.requires),
        ensures=tuple(plan.Contract(contract.condition, contract.text) for contract in task.ensures),
        reads=_files(task, "read"),
        writes=_files(task, "write"),
        resources=_resources(task),
        idempotent=task.idempotent,
        description=task.description,
        batch=task.batch,
        network=_named(task, "network"),
        cache=task.policy.cache,
        secrets=_named(task, "secret"),
    )


def _body(task: typed.Task, program: typed.Program) -> plan.Body:
    match task.body:
        case typed.PromptBody(template, models, system):
            route = tuple(arm.condition for arm in task.route)
            agents = (lower_task(program.tasks[name], program) for name in task.agents)
            tools = (_tool(program.tools[name], program.tables) for name in task.tools)
            given = (*tools, *(plan.Tool(one.name, one.parameters, one.result, one, one.description) for one in agents))
            steps = (task.max_steps or DEFAULT_STEPS) if given else 0
            return plan.Prompt(template.text, models, system.text if system else None, route, given, steps)
        case typed.PythonBody(target, base):
            return plan.Python(target, str(base.resolve()))
        case typed.ReturnBody(value):
            return plan.Return(value)
        case typed.TorchBody(target, base):
            return plan.Torch(target, str(base.resolve()))
        case typed.ShellBody(template):
            return plan.Shell(template.text)


def _tool(tool: typed.Tool, tables: Tables) -> plan.Tool:
    return plan.Tool(
        name=tool.name,
        parameters=tool.parameters,
        result=tool.result,
        body=_tool_body(tool, tables),
        description=tool.description,
        reads=_files(tool, "read"),
        network=_named(tool, "network"),
        secrets=_named(tool, "secret"),
    )


def _tool_body(tool: typed.Tool, tables: Tables) -> plan.Python | plan.Mcp | plan.Builtin:
    if tool.builtin is not None:
        return _builtin(tool, tool.builtin, tables)
    server = tool.server
    if server is None:
        body = function_of(tool)
        assert body is not None
        return plan.Python(body.target, str(body.base.resolve()))
    return plan.Mcp(
        server.address,
        str(server.base.resolve()),
        server.only,
        tuple((name, jsonable(value)) for name, value in server.headers),
        jsonable(server.api_key),
        server.timeout,
        server.shared,
        server.trust or "",
    )


def _builtin(tool: typed.Tool, builtin: typed.Builtin, tables: Tables) -> plan.Builtin:
    read = tuple(
        plan.ToolTable(typed.short_name(name), lower_source(tables[name]), tables[name].record)
        for name in builtin.tables
    )
    texts = skills(tool) if builtin.kind == "skills" else ()
    return plan.Builtin(builtin.kind, read, () if texts else builtin.places, builtin.rows, texts)


def _named(task: typed.Task | typed.Tool, kind: str) -> tuple[str, ...]:
    return tuple(effect.target.text for effect in task.effects if effect.kind == kind)


def _files(task: typed.Task | typed.Tool, kind: str) -> tuple[plan.FileEffect, ...]:
    effects = (effect for effect in task.effects if effect.kind == kind)
    return tuple(plan.FileEffect(effect.target.text, effect.label, effect.shown) for effect in effects)


def _resources(task: typed.Task) -> tuple[tuple[str, Core], ...]:
    """Resources under the names that workers offer: capitals, memory in bytes."""
    return tuple((name.upper(), core) for name, core in task.resources)
