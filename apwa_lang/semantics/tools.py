"""Tools: from their declarations to typed tools.

In: a tool as declared and the file it stands in. Out: the tool; wrong settings are reported and left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from apwa_lang.diagnostics.codes import tasks as codes
from apwa_lang.semantics import settings
from apwa_lang.semantics.builtin_tools import resolve_builtin
from apwa_lang.semantics.context import File
from apwa_lang.semantics.effects import SETTINGS, resolve_effects
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.parameters import resolve_parameters
from apwa_lang.semantics.program import Tool
from apwa_lang.semantics.servers import resolve_server
from apwa_lang.semantics.settings import Settings
from apwa_lang.semantics.targets import python_target
from apwa_lang.semantics.task_settings import FORMS as OF_TASKS
from apwa_lang.semantics.types import JSON
from apwa_lang.syntax import nodes as ast

FORMS: Mapping[str, Form] = {name: OF_TASKS[name] for name in ("python", *SETTINGS) if name != "reduces"}
"""The settings of tools."""


def resolve_tool(symbol: Symbol, file: File) -> Tool:
    """The tool that ``symbol`` declares."""
    node = symbol.node
    assert isinstance(node, ast.Tool)
    if node.builtin is not None:
        return resolve_builtin(symbol, node, node.builtin, file)
    if node.mcp is not None:
        return resolve_server(symbol, node, node.mcp, file)
    parameters, scope = resolve_parameters(symbol.name, node.parameters, file, table_allowed=False)
    result = JSON if node.result is None else file.annotations.resolve(node.result)
    given = Settings("tool", node.settings, FORMS, file.report)
    effects = resolve_effects(given, scope, frozenset(name for name, _ in parameters), file)
    target = None
    setting = given.get("python")
    if setting is not None and isinstance(setting.value, ast.StringLiteral):
        target = python_target(setting.value, file.report)
    elif setting is not None:
        settings.read(setting.value, "python", settings.text, '`"module:function"`', file.report)
    elif given.lacks("python") and not file.has_hole(node.span):
        file.report(codes.missing_setting(node.name, "tool", "python", '"module:function"'))
    return Tool(symbol.name, parameters, result, target, effects, symbol.span, node.doc)
