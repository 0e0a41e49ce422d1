"""Settings of models, tools and tasks: reading them by name and by form.

In: the settings of one declaration. Out: each setting once, and its value as a plain Python value where it is written
in the form asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

from apwa_lang.diagnostics.codes import tasks as codes
from apwa_lang.diagnostics.suggest import did_you_mean
from apwa_lang.semantics.modules import Report
from apwa_lang.semantics.program import Environment, Rate
from apwa_lang.syntax import nodes as ast


class _Mark:
    """A value told apart by identity."""


# The tree has a hole here, reported already; the expression is not of the form asked for.
UNREADABLE: Final = _Mark()
WRONG: Final = _Mark()

Reader = Callable[[ast.Expr], object]

HEADERS = "`{ name: value }`, the values texts"
KEY = '`secret("NAME")`'


class Settings:
    """The settings of one declaration; unknown and repeated ones are reported when it is made."""

    def __init__(
        self,
        owner: str,
        settings: tuple[ast.Setting, ...],
        known: Collection[str],
        report: Report,
        repeatable: Collection[str] = (),
    ) -> None:
        self._report = report
        self._found: dict[str, list[ast.Setting]] = {}
        self._misspelt: set[str | None] = set()
        for setting in settings:
            name = setting.name.text
            if name not in known:
                report(codes.unknown_setting(setting.name, owner, known))
                self._misspelt.add(did_you_mean(name, known))
            elif name in self._found and name not in repeatable:
                report(codes.repeated_setting(setting.name, self._found[name][0].name.span))
            else:
                self._found.setdefault(name, []).append(setting)

    def get(self, name: str) -> ast.Setting | None:
        """The setting of that name, or None."""
        return self._found[name][0] if name in self._found else None

    def lacks(self, *names: str) -> bool:
        """Whether none of ``names`` is given, nor seems to be meant by a setting that was reported as unknown."""
        return not any(name in self._found or name in self._misspelt for name in names)

    def all(self, name: str) -> list[ast.Setting]:
        """Every setting of that name, in order."""
        return self._found.get(name, [])

    def read(self, name: str, reader: Reader, wanted: str) -> object | None:
        """The value of a setting; None when it is not given, or reported as not being ``wanted``."""
        setting = self.get(name)
        return None if setting is None else read(setting.value, name, reader, wanted, self._report)

    def integer(self, name: str, minimum: int = 0) -> int | None:
        """A whole number of at least ``minimum``."""
        found = self.read(name, integer(minimum), f"a whole number of at least {minimum}")
        return found if isinstance(found, int) else None

    def boolean(self, name: str) -> bool | None:
        """``true`` or ``false``."""
        found = self.read(name, boolean, "`true` or `false`")
        return found if isinstance(found, bool) else None

    def seconds(self, name: str) -> float | None:
        """A duration, in seconds."""
        found = self.read(name, duration, "a duration with its unit, such as `30s`")
        return found.total_seconds() if isinstance(found, timedelta) else None

    def word(self, name: str, words: Collection[str]) -> str | None:
        """One of ``words``, bare or quoted."""
        setting = self.get(name)
        return None if setting is None else word(setting.value, name, words, self._report)


def read(expr: ast.Expr, name: str, reader: Reader, wanted: str, report: Report) -> object | None:
    """What ``reader`` makes of ``expr``; None, reported, when it is not ``wanted``."""
    if isinstance(expr, ast.ErrorExpr):
        return None
    found = reader(expr)
    if found is WRONG:
        report(codes.bad_setting(expr, name, wanted))
        return None
    return found


def word(expr: ast.Expr, name: str, words: Collection[str], report: Report) -> str | None:
    """One of ``words``, bare or quoted."""
    match expr:
        case ast.Variable(name=text) | ast.StringLiteral(value=text):
            if text in words:
                return text
            report(codes.bad_word(expr.span, name, text, words))
        case ast.ErrorExpr():
            pass
        case _:
            report(codes.bad_word(expr.span, name, expr.span.text, words))
    return None


def literal(expr: ast.Expr) -> object:
    """The Python value of a plain literal; UNREADABLE for a hole, WRONG for any other expression."""
    match expr:
        case (
            ast.StringLiteral(value=value)
            | ast.IntLiteral(value=value)
            | ast.FloatLiteral(value=value)
            | ast.BoolLiteral(value=value)
            | ast.DurationLiteral(value=value)
        ):
            return value
        case ast.NullLiteral():
            return None
        case ast.Unary(operator="-", operand=ast.IntLiteral(value=number) | ast.FloatLiteral(value=number)):
            return -number
        case ast.ErrorExpr():
            return UNREADABLE
        case _:
            return WRONG


def integer(minimum: int) -> Reader:
    """Reads a whole number of at least ``minimum``."""

    def reader(expr: ast.Expr) -> object:
        value = literal(expr)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= minimum else WRONG

    return reader


def number(minimum: float) -> Reader:
    """Reads a number of at least ``minimum``."""

    def reader(expr: ast.Expr) -> object:
        value = literal(expr)
        return value if isinstance(value, int | float) and not isinstance(value, bool) and value >= minimum else WRONG

    return reader


def boolean(expr: ast.Expr) -> object:
    """Reads ``true`` or ``false``."""
    return expr.value if isinstance(expr, ast.BoolLiteral) else WRONG


def text(expr: ast.Expr) -> object:
    """Reads a text that is not empty."""
    return expr.value if isinstance(expr, ast.StringLiteral) and expr.value.strip() else WRONG


def texts(expr: ast.Expr) -> object:
    """Reads a text that is not empty, or a list of these."""
    found = tuple(map(text, expr.items if isinstance(expr, ast.ListLiteral) else (expr,)))
    return WRONG if WRONG in found or not found else found


def headers(expr: ast.Expr) -> object:
    """Reads ``{ name: value }``, each value a text or from the environment."""
    if not isinstance(expr, ast.RecordLiteral):
        return WRONG
    found: dict[str, object] = {}
    for entry in expr.entries:
        value = text(entry.value)
        found[entry.key.text] = environment(entry.value) if value is WRONG else value
    return WRONG if WRONG in found.values() else found


def duration(expr: ast.Expr) -> object:
    """Reads a duration longer than nothing."""
    return expr.value if isinstance(expr, ast.DurationLiteral) and expr.value > timedelta(0) else WRONG


def rate(expr: ast.Expr) -> object:
    """Reads ``600 per 1m``."""
    if isinstance(expr, ast.RateLiteral) and expr.count > 0 and expr.period > timedelta(0):
        return Rate(expr.count, expr.period)
    return WRONG


def environment(expr: ast.Expr) -> object:
    """Reads ``env("NAME")`` or ``secret("NAME")``."""
    match expr:
        case ast.Call(
            function=ast.Name(text="env" | "secret" as function),
            arguments=(ast.Argument(value=ast.StringLiteral(value=name), name=None),),
        ) if name:
            return Environment(name, function == "secret")
        case _:
            return WRONG


def dotted(expr: ast.Expr) -> ast.Name | None:
    """The name that a bare expression is: ``small``, or ``pii.small``; None when it is another expression."""
    match expr:
        case ast.Variable(span=span, name=name):
            return ast.Name(span, name)
        case ast.FieldAccess(span=span, base=ast.Variable(name=prefix), field=field):
            return ast.Name(span, f"{prefix}.{field.text}")
        case _:
            return None
