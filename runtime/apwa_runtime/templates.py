"""Templates at run time.

In: the text of a checked template. Out: a function from names to the rendered text. Jinja2 in its sandbox, with the
language's filters and no globals. Values print as ``plain_text`` says: records as JSON, dates in ISO 8601, ``true``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from jinja2 import StrictUndefined, Undefined, UndefinedError
from jinja2 import TemplateError as JinjaError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from apwa_runtime.evaluation import EvaluationError, plain_text, reason, shown
from apwa_runtime.filters import FILTERS

T = TypeVar("T")
Render = Callable[[Mapping[str, Any]], str]

TESTS = frozenset({"defined", "undefined", "none", "even", "odd", "divisibleby", "string", "number", "integer"})
TESTS |= {"float", "boolean", "true", "false", "mapping", "sequence", "iterable"}
MAX_COMPONENT = 255

_CHAIN = re.compile(r"\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\s*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FAILURES = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError, RecursionError)


class TemplateError(EvaluationError):
    """A template cannot be rendered for these values."""


class PathComponentError(TemplateError):
    """A value would make a path with an empty, special or overlong component."""


def compile_template(text: str, printed: Callable[..., Any] | None = None) -> Render:
    """A function that renders ``text``. It raises TemplateError, as does this for a text that is no template.

    ``printed`` gives the text of a hole, where that is not ``plain_text``; it may be a Jinja2 function of the context.
    """
    render = _compiled(lambda: _environment(printed or _printed).from_string(text)).render
    plain = _plain(text) if printed is None else None

    def rendered(names: Mapping[str, Any]) -> str:
        if plain is not None:
            try:
                return plain(names)
            except (TemplateError, TypeError):
                # Jinja2 says better what is missing.
                pass
        return _guarded(lambda: render(names))

    return rendered


def _plain(text: str) -> Render | None:
    """Renders a template of fields alone without Jinja2, which takes five times as long; None for any other."""
    try:
        parts = _parts(text)
    except TemplateError:
        return None
    if not all(value_of is None or _fields(hole) for _, hole, value_of in parts):
        return None

    def rendered(names: Mapping[str, Any]) -> str:
        return "".join([fixed if value_of is None else plain_text(value_of(names)) for fixed, _, value_of in parts])

    return rendered


def compile_path(text: str) -> Render:
    """A function that renders the path ``text``, hole by hole.

    It raises PathComponentError when a hole is empty or has ``/`` or NUL in it, or when a component with a hole is
    ``.``, ``..`` or longer than 255 bytes; TemplateError when a hole cannot be rendered.
    """
    parts = _parts(text)

    def rendered(names: Mapping[str, Any]) -> str:
        pieces: list[str] = []
        filled: list[tuple[int, str, str]] = []
        length = 0
        for fixed, hole, value_of in parts:
            if value_of is None:
                piece = fixed
            else:
                piece = _component(hole, value_of(names))
                filled.append((length, hole, piece))
            pieces.append(piece)
            length += len(piece)
        path = "".join(pieces)
        for place, hole, piece in filled:
            _check_component(path, place, hole, piece)
        return path

    return rendered


class _Environment(ImmutableSandboxedEnvironment):
    """Records are dictionaries: a field is an entry, whatever methods dictionaries have."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: str | Any) -> Any:
        if isinstance(obj, dict):
            return obj[argument] if argument in obj else self.undefined(obj=obj, name=argument)
        return super().getitem(obj, argument)


@cache
def _environment(printed: Callable[..., Any]) -> _Environment:
    environment = _Environment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=printed
    )
    environment.globals.clear()
    environment.filters = {name: _present(filter) for name, filter in FILTERS.items()}
    environment.filters["default"] = _default
    environment.tests = {name: test for name, test in environment.tests.items() if name in TESTS or name == "in"}
    return environment


def _present(filter: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that says so when its value is missing."""

    def filtered(value: Any, *arguments: Any, **named: Any) -> Any:
        return filter(str(value) if isinstance(value, Undefined) else value, *arguments, **named)

    return filtered


def _default(value: Any, otherwise: Any) -> Any:
    """Null, and a key that a json value does not have, give way."""
    return otherwise if value is None or isinstance(value, Undefined) else value


def _printed(value: Any) -> Any:
    return value if isinstance(value, Undefined) else plain_text(value)


def _compiled(make: Callable[[], T]) -> T:
    try:
        return make()
    except (JinjaError, SyntaxError, RecursionError, MemoryError) as error:
        raise TemplateError(f"this is not a template: {error}") from None


def _guarded(render: Callable[[], T]) -> T:
    try:
        return render()
    except UndefinedError as error:
        raise TemplateError(f"a value is missing: {error.message}") from None
    except SecurityError as error:
        raise TemplateError(str(error)) from None
    except EvaluationError as error:
        raise TemplateError(str(error)) from None
    except _FAILURES as error:
        raise TemplateError(reason(error)) from None


def _parts(text: str) -> list[tuple[str, str, Callable[[Mapping[str, Any]], Any] | None]]:
    """Fixed text, or a hole's source with the function that gives its value."""
    parts: list[tuple[str, str, Callable[[Mapping[str, Any]], Any] | None]] = []
    hole: list[str] | None = None
    for _, kind, value in _compiled(lambda: list(_environment(_printed).lex(text))):
        if kind == "data":
            parts.append((value, "", None))
        elif kind == "variable_begin":
            hole = []
        elif kind == "variable_end" and hole is not None:
            source = "".join(hole)
            parts.append(("", source.strip(), _hole(source)))
            hole = None
        elif hole is not None:
            hole.append(value)
        elif not kind.startswith(("comment", "raw")):
            raise TemplateError("a path cannot have statements")
    return parts


def _hole(source: str) -> Callable[[Mapping[str, Any]], Any]:
    fields = _fields(source)
    if fields:
        return _chain(fields)
    expression = _compiled(lambda: _environment(_printed).compile_expression(source, undefined_to_none=False))

    def value_of(names: Mapping[str, Any]) -> Any:
        value = _guarded(lambda: expression(names))
        return _guarded(lambda: str(value)) if isinstance(value, Undefined) else value

    return value_of


def _fields(source: str) -> tuple[str, ...]:
    """``note.id`` in parts; none where ``source`` is another expression."""
    chain = _CHAIN.fullmatch(source)
    if chain is None or chain[1] in ("none", "None", "true", "True", "false", "False"):
        return ()
    return (chain[1], *filter(None, chain[2].split(".")))


def _chain(fields: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Any]:
    """Reads ``note.id`` without Jinja2, which takes ten times as long."""

    def value_of(names: Mapping[str, Any]) -> Any:
        value: Any = names
        for field in fields:
            try:
                value = value[field]
            except (KeyError, TypeError):
                raise TemplateError(f"a value is missing: `{'.'.join(fields)}`") from None
        return value

    return value_of


def _component(hole: str, value: Any) -> str:
    """The text of a hole. Raises PathComponentError when it cannot be part of one component."""
    problem = ""
    text = "" if value is None else plain_text(value)
    if value is None:
        problem = "is null"
    elif not text:
        problem = "is empty"
    elif "/" in text:
        problem = "has a `/`"
    elif "\0" in text:
        problem = "has a NUL character"
    if problem:
        raise PathComponentError(f"`{{{{ {hole} }}}}` in a path {problem}: {shown(value)}")
    return text


def _check_component(path: str, place: int, hole: str, piece: str) -> None:
    scheme = _SCHEME.match(path)
    start = max(path.rfind("/", 0, place) + 1, scheme.end() if scheme else 0)
    end = path.find("/", place)
    component = path[start : end if end >= 0 else len(path)]
    try:
        size = len(component.encode())
    except UnicodeEncodeError:
        raise PathComponentError(f"`{{{{ {hole} }}}}` in a path is no Unicode text") from None
    if component in (".", ".."):
        raise PathComponentError(f"`{{{{ {hole} }}}}` makes `{component}` a component of a path: {shown(piece)}")
    if size > MAX_COMPONENT:
        raise PathComponentError(
            f"`{{{{ {hole} }}}}` makes a component of a path longer than {MAX_COMPONENT} bytes: {shown(piece)}"
        )
