"""Models: from their declarations to typed models.

In: a model as declared and the file it stands in. Out: the model; wrong settings are reported and left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from apwa_lang.diagnostics.codes import tasks as codes
from apwa_lang.semantics import settings
from apwa_lang.semantics.context import File
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import Model
from apwa_lang.semantics.settings import WRONG, Reader, Settings
from apwa_lang.semantics.targets import python_target
from apwa_lang.syntax import nodes as ast

OPENAI_URL = "https://api.openai.com/v1"
ANTHROPIC_URL = "https://api.anthropic.com/v1"
PROVIDERS = ("openai", "anthropic", "local")
STRUCTURED = ("schema", "tools", "text")
READ_BY = {"local": ("file",), "anthropic": ("image", "file")}
"""Providers that do not read every kind of file in a prompt; of a ``file`` a local model reads text alone."""

_ANY = (*PROVIDERS, "python")
_SERVER = ("openai", "anthropic", "python")
_NOT_ANTHROPIC = ("openai", "local", "python")
_LOCAL = ("local", "python")


def _price(expr: ast.Expr) -> object:
    if not isinstance(expr, ast.RecordLiteral):
        return WRONG
    dollars = settings.number(0)
    found = {entry.key.text: dollars(entry.value) for entry in expr.entries}
    return WRONG if WRONG in found.values() or not found or set(found) - {"input", "output"} else found


def _rate(expr: ast.Expr) -> object:
    """A rate of requests, or one of each kind."""
    if not isinstance(expr, ast.RecordLiteral):
        return settings.rate(expr)
    found = {entry.key.text: settings.rate(entry.value) for entry in expr.entries}
    return WRONG if WRONG in found.values() or not found or set(found) - {"requests", "tokens"} else found


def _structured(expr: ast.Expr) -> object:
    match expr:
        case ast.StringLiteral(value=word) | ast.Variable(name=word) if word in STRUCTURED:
            return word
        case _:
            return WRONG


class _Spec(NamedTuple):
    """How a setting is read, what it takes in words, what it means, and which providers know it."""

    reader: Reader
    wanted: str
    doc: str
    providers: tuple[str, ...] = _ANY
    from_environment: bool = True


_TEXT = "a text"
_SPECS: dict[str, _Spec] = {
    "name": _Spec(settings.text, _TEXT, "The model, as the server knows it."),
    "base_url": _Spec(
        settings.text, "the address of a server", "Where requests go; the provider's own without it.", _SERVER
    ),
    "api_key": _Spec(
        settings.text, settings.KEY, "The key that is sent with requests, read where it is used.", _SERVER
    ),
    "concurrency": _Spec(
        settings.integer(1), "a whole number of at least 1", "How many requests a run has on the wire at most."
    ),
    "rate": _Spec(
        _rate,
        "a rate, such as `600 per 1m` or `{ requests: 600 per 1m, tokens: 100_000 per 1m }`",
        "What the run sends at most.",
        from_environment=False,
    ),
    "price": _Spec(
        _price,
        "`{ input: dollars, output: dollars }`, for a million tokens",
        "What tokens cost, for estimates and budgets.",
        from_environment=False,
    ),
    "timeout": _Spec(
        settings.duration,
        "a duration with its unit, such as `30s`",
        "How long one answer may take.",
        from_environment=False,
    ),
    "temperature": _Spec(settings.number(0), "a number of at least 0", "How freely the model draws its words."),
    "max_tokens": _Spec(settings.integer(1), "a whole number of at least 1", "How long an answer may be."),
    "seed": _Spec(
        settings.integer(0), "a whole number of at least 0", "Where the model's draws begin.", _NOT_ANTHROPIC
    ),
    "path": _Spec(
        settings.text, "the path of a GGUF file", "The weights; those that come with the package without it.", _LOCAL
    ),
    "threads": _Spec(
        settings.integer(1), "a whole number of at least 1", "How many cores the model works with.", _LOCAL
    ),
    "context": _Spec(
        settings.integer(1), "a whole number of at least 1", "How many tokens of prompt and answer it holds.", _LOCAL
    ),
    "headers": _Spec(settings.headers, settings.HEADERS, "Sent with each request.", _SERVER, from_environment=False),
    "structured": _Spec(
        _structured,
        '`"schema"`, `"tools"` or `"text"`',
        "How the server is held to the result's schema, where it is known.",
        _NOT_ANTHROPIC,
        from_environment=False,
    ),
}
_PROVIDER = Form('`"openai"`, `"anthropic"`, `"local"` or `python "module:factory"`', "Who answers.")
FORMS: Mapping[str, Form] = {
    "provider": _PROVIDER,
    **{name: Form(spec.wanted, spec.doc) for name, spec in _SPECS.items()},
}
"""The settings of models."""
_URLS = {"openai": OPENAI_URL, "anthropic": ANTHROPIC_URL}
_NEEDS = {_SERVER: "a server", _LOCAL: "a local model", _NOT_ANTHROPIC: "another provider"}


def resolve_model(symbol: Symbol, file: File) -> Model:
    """The model that ``symbol`` declares."""
    node = symbol.node
    assert isinstance(node, ast.Model)
    given = Settings("model", node.settings, FORMS, file.report)
    provider, factory = _provider(node, given, file)
    values: dict[str, object] = {}
    for name, spec in _SPECS.items():
        setting = given.get(name)
        if setting is None:
            continue
        if provider and provider not in spec.providers:
            chosen = given.get("provider")
            needs = _NEEDS[spec.providers]
            file.report(codes.setting_elsewhere(setting.name, needs, chosen.name if chosen else None))
            continue
        value = settings.read(setting.value, name, _reader(spec), spec.wanted, file.report)
        if value is not None:
            values[name] = value
        if name == "api_key" and isinstance(value, str):
            file.report(codes.key_in_program(setting.value.span, node.name.text))
    if provider in _URLS:
        values.setdefault("base_url", _URLS[provider])
        if given.lacks("name") and not file.has_hole(node.span):
            file.report(codes.missing_setting(node.name, "model", "name", '"the name that the server knows"'))
    return Model(symbol.name, provider, factory, tuple(values.items()), symbol.span)


def _reader(spec: _Spec) -> Reader:
    def reader(expr: ast.Expr) -> object:
        found = settings.environment(expr) if spec.from_environment else WRONG
        return spec.reader(expr) if found is WRONG else found

    return reader


def _provider(node: ast.Model, given: Settings, file: File) -> tuple[str, str | None]:
    """The provider and, for ``python``, its target; "" where it is not known."""
    setting = given.get("provider")
    if setting is None:
        if given.lacks("provider") and not file.has_hole(node.span):
            file.report(codes.missing_setting(node.name, "model", "provider", '"openai"'))
        return "", None
    if isinstance(setting.value, ast.PythonReference):
        return "python", python_target(setting.value.target, file.report)
    return settings.word(setting.value, "provider", PROVIDERS, file.report) or "", None
