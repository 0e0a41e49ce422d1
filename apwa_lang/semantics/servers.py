"""MCP servers: from ``tool name = mcp "…" { … }`` to a typed tool.

In: the declaration and the file it stands in. Out: the tool, whose parameters only the server knows; wrong settings are
reported and left out.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from apwa_lang.diagnostics.codes import servers as codes
from apwa_lang.diagnostics.codes import tasks as task_codes
from apwa_lang.semantics import settings as forms
from apwa_lang.semantics.context import File
from apwa_lang.semantics.effects import resolve_effects
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import Effect, Server, Tool, is_url
from apwa_lang.semantics.settings import Settings
from apwa_lang.semantics.task_settings import FORMS as OF_TASKS
from apwa_lang.semantics.types import JSON
from apwa_lang.syntax import nodes as ast

_OF_COMMANDS = ("reads", "network", "secrets")
_OF_URLS = ("headers", "api_key")

FORMS: Mapping[str, Form] = {
    "only": Form("list of texts", "The tools that are wanted of the server; all of them without it."),
    "reads": OF_TASKS["reads"]._replace(doc="What the command may read besides programs and packages."),
    "network": OF_TASKS["network"]._replace(doc="Hosts that the command asks."),
    "secrets": OF_TASKS["secrets"]._replace(doc="Environment variables that the command is given."),
    "headers": Form(forms.HEADERS, "Sent with each request."),
    "api_key": Form(forms.KEY, "The key that is sent with requests, read where it is used."),
    "timeout": Form("a duration with its unit, such as `30s`", "How long one call may take."),
    "shared": Form("`true` or `false`", "Whether all sub-problems of a worker have one session."),
    "trust": Form("a text", "Why the author vouches for what cannot be proved."),
}
"""The settings of MCP servers."""


def resolve_server(symbol: Symbol, node: ast.Tool, address: ast.StringLiteral, file: File) -> Tool:
    """The tool that ``symbol`` declares, at ``address``."""
    given = Settings("server", node.settings, FORMS, file.report)
    remote = is_url(address.value)
    wrong = _problem(address.value)
    if wrong is not None:
        file.report(codes.bad_address(address.span, wrong))
    for name in _OF_COMMANDS if remote else _OF_URLS:
        setting = given.get(name)
        if setting is not None:
            file.report(task_codes.setting_elsewhere(setting.name, "a command" if remote else "a URL", None))
    headers = given.read("headers", forms.headers, forms.HEADERS)
    only = given.read("only", forms.texts, "names of the server's tools, as a list of texts")
    trust = given.read("trust", forms.text, "the reason, as a text")
    shared = given.boolean("shared") or False
    setting = given.get("shared")
    if shared and setting is not None and given.lacks("trust"):
        file.report(codes.shared(setting.name))
    server = Server(
        address.value,
        _folder(file),
        tuple(dict.fromkeys(only)) if isinstance(only, tuple) else (),
        tuple(headers.items()) if isinstance(headers, dict) else (),
        _key(given, symbol.node.name.text, file),
        given.seconds("timeout"),
        shared,
        trust if isinstance(trust, str) else None,
    )
    effects = resolve_effects(given, file.scope, frozenset(), file)
    if remote and wrong is None:
        effects = (Effect("network", file.template(address, file.scope), False, address.span),)
    return Tool(symbol.name, (), JSON, None, effects, symbol.span, node.doc, server=server)


def _problem(address: str) -> str | None:
    """Why there can be no server at an address."""
    if is_url(address):
        try:
            parts = urlsplit(address)
            found = bool(parts.hostname) and parts.port != 0
        except ValueError:
            found = False
        return None if found and not set(address) & set(" {}#") else "no URL"
    try:
        return None if shlex.split(address) else "empty"
    except ValueError as error:
        return str(error).lower()


def _key(given: Settings, tool: str, file: File) -> object:
    setting = given.get("api_key")
    if setting is None:
        return None
    found = forms.environment(setting.value)
    if found is not forms.WRONG:
        return found
    key = given.read("api_key", forms.text, forms.KEY)
    if key is not None:
        file.report(task_codes.key_in_program(setting.value.span, tool))
    return key


def _folder(file: File) -> Path:
    found = file.unit.module.source.file
    return found.parent if found is not None else Path()
