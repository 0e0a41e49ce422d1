"""What a draft may do.

In: a program that a model wrote, checked, and the names that its caller offered. Out: a diagnostic for each thing that
goes beyond. Everything is allowed by name: what the language learns is refused until it is added here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain

from apwa_lang.check import Checked
from apwa_lang.diagnostics.codes.drafts import not_offered
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.draft.files import strays
from apwa_lang.semantics.media import holds_files
from apwa_lang.syntax import nodes as ast

OUT = "out/"
"""The folder that drafts write to, beside the program."""
SETTINGS = (
    *("prompt", "return", "model", "route", "system", "tools", "max_steps", "budget", "writes", "require", "ensure"),
    *("retry", "backoff", "timeout", "on_error", "resources", "idempotent", "cache"),
)
SPLITS = ("row", "chunk", "group", "window", "tokens", "lines", "pages", "items", "file", "cross", "plan")

HAS_SQL = find_spec("duckdb") is not None
"""Whether queries can be checked here; a draft has none that were not."""

_OWN_TABLES = (ast.LiteralSource, ast.SqlSource) if HAS_SQL else (ast.LiteralSource,)

_DECLARED = "It declares records, splits, tasks, tests, one flow, and parameters with a value."
_OFFERED = (
    f"Models, tools and tables are those that are given; tables also literal{' and by `sql`' if HAS_SQL else ''}."
)
_BODIES = f"A task has one of `prompt` and `return`, and of settings: {', '.join(SETTINGS)}."
_PATHS = f"Paths of `writes` and `save` begin with `{OUT}` and hold no `..`."
_FILES = (
    "No task takes a `file`, an `image` or `audio`, and no test reads a file. A prompt shows files as `{{ x.path | "
    "image }}`, or `audio` or `file`, where `x: File` is the row of a given `files` table."
)
_SPLITS = f"Splits are by {', '.join(SPLITS)}."
_MOST = 20
_TURNS = f"None of `retry`, `max_steps` and `repeat max` is above {_MOST}."
RULES = (_DECLARED, _OFFERED, _BODIES, _PATHS, _FILES, _SPLITS, _TURNS)


@dataclass(frozen=True)
class Offered:
    """The names of what a draft is given."""

    tables: frozenset[str]
    models: frozenset[str]
    tools: frozenset[str]


def violations(checked: Checked, offered: Offered) -> tuple[Diagnostic, ...]:
    """What the program does that no draft may do, in order of place.

    Most of it is told by the tree, which shows what a mistake elsewhere keeps out of the typed program.
    """
    (root, *_) = checked.modules
    found = [*chain.from_iterable(_of_declaration(node, offered) for node in root.declarations)]
    flows = [node for node in root.declarations if isinstance(node, ast.Flow)]
    found += [not_offered(flow.name.span, "a second flow", _DECLARED) for flow in flows[1:]]
    for task in checked.program.tasks.values():
        files = next((type for _, type in task.parameters if holds_files(type)), None)
        if files is not None:
            found.append(not_offered(task.span, f"a task that takes `{files}`", _FILES))
        if task.agents:
            found.append(not_offered(task.span, "a task as a tool", _OFFERED))
        turns = max(task.policy.retry, task.max_steps or 0)
        if turns > _MOST:
            found.append(not_offered(task.span, f"{turns:,} turns", _TURNS))
    for task in strays(checked.program, offered.tables):
        found.append(not_offered(task.span, "a prompt that shows any file", _FILES))
    return tuple(sorted(found, key=lambda one: one.sort_key))


def _of_declaration(node: ast.Declaration, offered: Offered) -> Iterator[Diagnostic]:
    match node:
        case ast.Import():
            yield not_offered(node.span, "an import", _DECLARED)
        case ast.Model(name=name) if name.text not in offered.models:
            yield not_offered(name.span, "a model of its own", _OFFERED)
        case ast.Tool(name=name) if name.text not in offered.tools:
            yield not_offered(name.span, "a tool of its own", _OFFERED)
        case ast.Table(name=name, source=source) if name.text not in offered.tables:
            if source is not None and not isinstance(source, _OWN_TABLES):
                yield not_offered(source.span, "a table of its own", _OFFERED)
        case ast.Task(settings=settings):
            for setting in settings:
                if setting.name.text not in SETTINGS:
                    yield not_offered(setting.name.span, f"the setting `{setting.name.text}`", _BODIES)
                elif setting.name.text == "writes":
                    yield from _of_writes(setting.value)
        case ast.Split():
            yield from _of_statement(node)
        case ast.Flow(statements=statements):
            yield from chain.from_iterable(map(_of_statement, statements))
        case ast.Test(statements=checks):
            for check in checks:
                if isinstance(check, ast.Fixture):
                    yield not_offered(check.span, "a test that reads a file", _FILES)


def _of_statement(node: ast.Statement) -> Iterator[Diagnostic]:
    match node:
        case ast.Split(rule=rule) if rule.name.text not in SPLITS:
            yield not_offered(rule.name.span, f"a split by `{rule.name.text}`", _SPLITS)
        case ast.Save(path=path):
            yield from _of_path(path)
        case ast.If(then=then, otherwise=otherwise):
            yield from chain.from_iterable(map(_of_statement, (*then, *otherwise)))
        case ast.Repeat(limit=limit, body=body):
            if isinstance(limit, ast.IntLiteral) and limit.value > _MOST:
                yield not_offered(limit.span, f"{limit.value:,} turns", _TURNS)
            yield from chain.from_iterable(map(_of_statement, body))


def _of_writes(value: ast.Expr) -> Iterator[Diagnostic]:
    match value:
        case ast.StringLiteral():
            yield from _of_path(value)
        case ast.ListLiteral(items=items):
            yield from chain.from_iterable(map(_of_writes, items))
        case ast.RecordLiteral(entries=entries):
            yield from chain.from_iterable(_of_writes(entry.value) for entry in entries)


def _of_path(path: ast.StringLiteral) -> Iterator[Diagnostic]:
    if not path.value.startswith(OUT) or ".." in path.value.split("/"):
        yield not_offered(path.span, f"the path `{path.value}`", _PATHS)
