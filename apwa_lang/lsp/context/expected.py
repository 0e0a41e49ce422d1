"""The type that is asked for at a place.

In: a place, and what can be named there. Out: the type that the expression at the place should have, where that is
known: of a field, a parameter, an item, the other side of a comparison.
"""

from __future__ import annotations

import re

from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.place import Place
from apwa_lang.lsp.context.scopes import type_of
from apwa_lang.semantics.arguments import match_arguments
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.scope import Scope
from apwa_lang.semantics.signatures import substitute
from apwa_lang.semantics.tasks import CONTRACTS
from apwa_lang.semantics.types import BOOL, INT, ListOf, MapOf, Optional, RecordType, Type
from apwa_lang.syntax import nodes as ast

_CONDITIONS = ("where", "expect", "when", "and", "or", "not")


class Expected:
    """Reads the parts before a place from right to left."""

    def __init__(self, place: Place, scope: Scope, around: Around) -> None:
        self._place = place
        self._parts = place.parts
        self._scope = scope
        self._around = around

    def type(self, index: int | None = None) -> Type | None:
        """The type of the expression that begins behind the first ``index`` parts; behind all of them without it."""
        at = len(self._parts) if index is None else index
        match self._symbol(at - 1):
            case symbol if symbol in _CONDITIONS:
                return BOOL
            case "limit":
                return INT
            case "comparator":
                found = type_of(self._parts[at - 2].value, self._scope)
                return ListOf(found) if getattr(self._parts[at - 1].value, "kind", "") == "in" else found
            case "additive":
                return self.type(at - 2)
            case ":":
                return self._named(at)
            case "[" if self._symbol(at - 2) not in ("operand", "dotted", "value"):
                return _item(self.type(at - 1))
            case "," if self._symbol(at - 2) == "_items":
                return _item(self.type(at - 3))
            case "," if self._symbol(at - 2) == "_arguments":
                return self._argument(at - 3, self._parts[at - 2].value, None)
            case "(" if self._symbol(at - 2) == "dotted":
                return self._argument(at - 1, [], None)
            case "(":
                return BOOL if self._symbol(at - 2) in ("if", "until") else self.type(at - 1)
            case "=":
                return self._assigned(at)
        return None

    def record(self, index: int) -> RecordType | None:
        """The record that the braces behind the first ``index`` parts make."""
        before = self._parts[index - 1] if index else None
        if before is not None and before.symbol == "dotted" and isinstance(before.value, ast.Name):
            return self._scope.records.get(before.value.text)
        wanted = self.type(index)
        wanted = wanted.inner if isinstance(wanted, Optional) else wanted
        return wanted if isinstance(wanted, RecordType) else None

    def turn(self) -> Type | None:
        """What the model answers at last, of the turns that a `mock` lists; None where the place is in none."""
        symbols = [part.symbol for part in self._parts]
        at = symbols.index("mock") if "mock" in symbols else len(symbols)
        if symbols[at + 2 : at + 4] != ["=", "["]:
            return None
        return self._mocked(self._parts[at + 1].value)

    def braces(self) -> int | None:
        """Where the record literal begins whose key the place is; None where it is no key."""
        at = len(self._parts)
        return next((at - back for back in (1, 3) if self._symbol(at - back) == "{"), None)

    def _symbol(self, index: int) -> str:
        return self._parts[index].symbol if 0 <= index < len(self._parts) else ""

    def _named(self, at: int) -> Type | None:
        """Behind a `:`, of an entry or a named argument."""
        key = self._parts[at - 2].value
        name = key.text if isinstance(key, ast.Name) else key.value if isinstance(key, ast.StringLiteral) else ""
        opening = at - 3 if self._symbol(at - 3) in ("{", "(", "_settings") else at - 5
        match self._symbol(opening):
            case "_settings":
                return self._result() if name == "return" else BOOL if name in CONTRACTS else None
            case "{":
                record = self.record(opening)
                field = record.field(name) if record is not None else None
                if field is not None:
                    return field.type
                wanted = self.type(opening) if self._symbol(opening - 1) != "dotted" else None
                return wanted.value if isinstance(wanted, MapOf) else None
            case "(" if self._symbol(opening - 1) == "dotted":
                return self._argument(opening, [], name)
            case _:
                return None

    def _argument(self, opening: int, given: list[ast.Argument], name: str | None) -> Type | None:
        """The type of a call's next argument; the function stands before the part ``opening``."""
        function = self._parts[opening - 1].value
        if not isinstance(function, ast.Name):
            return None
        signature = self._around.signature(function.text)
        if signature is not None:
            types = dict(signature.parameters)
            left = [each for each in types if each not in match_arguments(given, tuple(types)).given]
            wanted = name or (left[0] if left else "")
            return types.get(wanted)
        known = FUNCTIONS.get(function.text)
        if known is None:
            return None
        parameters = known.signatures[0].parameters
        if name is None and len(given) < len(parameters):
            return substitute(parameters[len(given)].shape, {})
        return next((substitute(one.shape, {}) for one in parameters if one.name == name), None)

    def _assigned(self, at: int) -> Type | None:
        """Behind a `=`: of a field, a parameter, a table or a mock."""
        around = self._around
        match self._symbol(0):
            case "record" if self._symbol(at - 3) == "type":
                return around.type(self._parts[at - 3].value)
            case "param":
                return around.type(self._parts[at - 2].value)
            case "table":
                return ListOf(around.type(self._parts[at - 2].value))
            case "test" if self._symbol(at - 3) == "mock":
                return self._mocked(self._parts[at - 2].value)
            case _:
                return None

    def _result(self) -> Type:
        """What the task around the place gives."""
        return self._around.type(next((part.value for part in self._parts if part.symbol == "type"), None))

    def _mocked(self, model: object) -> Type | None:
        """What a model answers: the result of a task that asks it, if there is one of a task that is called next."""
        if not isinstance(model, ast.Name):
            return None
        asking = [
            text
            for text, symbol in self._around.of_kind("task")
            if isinstance(symbol.node, ast.Task) and _asks(symbol.node, model.text)
        ]
        behind = self._place.view.source.text[self._place.word.end :].partition("\ntest ")[0]
        called = [text for text in asking if re.search(rf"\b{re.escape(text)}\s*\(", behind)]
        signature = self._around.signature(next(iter(called or asking), ""))
        return signature.result if signature is not None else None


def _asks(task: ast.Task, model: str) -> bool:
    return any(
        setting.name.text in ("model", "route") and model in re.findall(r"[\w.]+", setting.value.span.text)
        for setting in task.settings
    )


def _item(type: Type | None) -> Type | None:
    type = type.inner if isinstance(type, Optional) else type
    return type.item if isinstance(type, ListOf) else None
