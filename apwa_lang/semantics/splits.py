"""Splits: how a table falls apart, and what a sub-problem is.

In: a rule as written and the table that it splits. Out: the split, with the record of its sub-problems and what tells
them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from apwa_lang.diagnostics.codes import splits as codes
from apwa_lang.diagnostics.codes.types import unquoted
from apwa_lang.diagnostics.model import Edit, Fix
from apwa_lang.diagnostics.suggest import written
from apwa_lang.semantics import settings as forms
from apwa_lang.semantics.arguments import match_arguments
from apwa_lang.semantics.attributes import is_keyable
from apwa_lang.semantics.context import File
from apwa_lang.semantics.forms import Form
from apwa_lang.semantics.program import PythonBody, Split
from apwa_lang.semantics.settings import dotted, literal
from apwa_lang.semantics.targets import python_target
from apwa_lang.semantics.types import (
    FLOAT,
    INT,
    JSON,
    STR,
    UNKNOWN,
    Field,
    ListOf,
    MapOf,
    Optional,
    RecordType,
    Tensor,
    Type,
    Union,
)
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span

_TEXT = ("field", "size", "overlap")

FORMS: Mapping[str, Form] = {
    "row": Form("row", "One sub-problem for each row: the row itself."),
    "chunk": Form("chunk(100)", "`n` consecutive rows each.", ("n",)),
    "group": Form(
        "group(field)", "All rows with equal values of the fields, which are sent to one place first.", ("field",)
    ),
    "window": Form(
        "window(100, 50)",
        "`size` consecutive rows, from every `stride`-th on; with `full: true` without a last one that is shorter.",
        ("size", "stride", "full"),
        ("stride", "full"),
    ),
    "tokens": Form(
        "tokens(field, 1000, 100)",
        "Pieces of a text of about `size` tokens, `overlap` of them shared.",
        _TEXT,
        ("overlap",),
    ),
    "lines": Form(
        "lines(field, 100)", "Pieces of a text of `size` lines, `overlap` of them shared.", _TEXT, ("overlap",)
    ),
    "pages": Form(
        "pages(field)", "Pieces of a text of `size` pages, which form feeds part.", _TEXT, ("size", "overlap")
    ),
    "items": Form("items(list)", "One sub-problem for each item of a list.", ("field",)),
    "file": Form("file", "One sub-problem for each row of a `files` table."),
    "cross": Form("cross(other)", "Every pair of a row of this table and one of the other.", ("other",)),
    "plan": Form(
        'plan(model, goal: "…")',
        "Parts of the table that a model proposes, verified against every row before anything runs; at most `max`, and "
        "split again where they have more than `size` rows.",
        ("model", "goal", "max", "size"),
        ("max", "size"),
    ),
    "python": Form(
        'python("module:function")', "Parts of the table that a Python function makes of all its rows.", ("target",)
    ),
}


@dataclass(frozen=True)
class Rows:
    """A table as splits and flows see it: its name, its rows, where it was declared, and whether files are its source.

    ``record`` is None where a mistake was reported. ``unkept`` has, for each field that the ``map`` making the rows
    could keep and does not, what adds it to its ``keep``.
    """

    name: str
    record: RecordType | None
    span: Span
    from_files: bool = False
    unkept: Mapping[str, Edit] = field(default_factory=dict, compare=False)


FindRows = Callable[[ast.Name], Rows | None]


@dataclass(frozen=True)
class _Made:
    """What a rule makes of a table; names and places are added by the caller."""

    arguments: tuple[tuple[str, object], ...]
    fields: tuple[Field, ...]
    identity: tuple[str, ...]
    partitions: bool
    whole: RecordType | None = None
    function: PythonBody | None = None


def resolve_split(node: ast.Split, name: str, rows: Rows, find: FindRows, file: File) -> Split | None:
    """The split that ``node`` declares of ``rows``; ``find`` gives the other table of ``cross``."""
    rule = node.rule.name
    if rule.text not in FORMS:
        file.report(codes.unknown_rule(rule, FORMS))
        return None
    made = _Rule(node, rows, find, file).resolve()
    if made is None or rows.record is None:
        return None
    subproblem = made.whole or RecordType(f"<{node.name.text}>", made.fields)
    return Split(
        name,
        rows.name,
        rule.text,
        made.arguments,
        subproblem,
        made.identity,
        made.partitions,
        node.name.span,
        made.function,
    )


class _Rule:
    """One rule while it is checked. Its methods are named for the rules."""

    def __init__(self, node: ast.Split, rows: Rows, find: FindRows, file: File) -> None:
        self._node = node
        self._rule = node.rule
        self._rows = rows
        self._record = rows.record or RecordType("unknown", ())
        self._find = find
        self._file = file
        self._failed = False

    def resolve(self) -> _Made | None:
        """What the rule makes; None where a mistake was reported."""
        made: _Made | None
        match self._rule.name.text:
            case "row":
                self._arguments()
                made = self._whole()
            case "file":
                made = self._files()
            case "chunk":
                made = self._chunk()
            case "window":
                made = self._window()
            case "group":
                made = self._group()
            case "items":
                made = self._items()
            case "cross":
                made = self._cross()
            case "plan":
                made = self._plan()
            case "python":
                made = self._python()
            case _:
                made = self._text()
        return None if self._failed else made

    def _whole(self) -> _Made:
        return _Made((), (), tuple(field.name for field in self._record.keys), True, self._record)

    def _files(self) -> _Made:
        self._arguments()
        if not self._rows.from_files and self._rows.record is not None:
            self._fail()
            self._file.report(codes.not_files(self._rule.span, self._node.table.text, self._rows.span))
        whole = self._whole()
        return whole if whole.identity or self._record.field("path") is None else replace(whole, identity=("path",))

    def _chunk(self) -> _Made | None:
        given = self._arguments()
        n = self._integer(given, "n", 1)
        return _Made((("n", n),), self._indexed(), ("index",), True)

    def _window(self) -> _Made | None:
        given = self._arguments()
        size = self._integer(given, "size", 1)
        stride = self._integer(given, "stride", 1, size)
        full = False
        if "full" in given:
            value = given["full"].value
            full = isinstance(value, ast.BoolLiteral) and value.value
            if not isinstance(value, ast.BoolLiteral | ast.ErrorExpr):
                self._wrong(value.span, "takes `true` or `false` for `full`")
        arguments = (("size", size), ("stride", stride), ("full", full))
        return _Made(arguments, self._indexed(), ("index",), stride >= size and not full)

    def _group(self) -> _Made | None:
        if not self._rule.arguments:
            self._wrong(self._rule.span, "needs a field to group by")
            return None
        places: dict[str, Span] = {}
        fields: list[Field] = []
        for argument in self._rule.arguments:
            if argument.name is not None:
                self._wrong(argument.span, "takes fields, without names")
                continue
            field = self._field(argument.value)
            if field is None:
                continue
            place = argument.value.span
            if field.name in places:
                self._fail()
                self._file.report(codes.repeated_field(place, field.name, places[field.name]))
                continue
            places[field.name] = place
            why = _not_groupable(field)
            if why:
                self._fail()
                self._file.report(codes.field_type(place, "group", field.name, str(field.type), why))
            fields.append(replace(field, key=False, unique=False, default=None))
        names = tuple(field.name for field in fields)
        return _Made((("fields", names),), (*fields, Field("rows", ListOf(self._record))), names, True)

    def _text(self) -> _Made | None:
        rule = self._rule.name.text
        given = self._arguments()
        size = self._integer(given, "size", 1, 1)
        overlap = self._integer(given, "overlap", 0, 0)
        if overlap >= size and not self._failed:
            self._fail()
            size_span = given["size"].value.span if "size" in given else self._rule.span
            self._file.report(codes.overlap_too_large(given["overlap"].value.span, size_span))
        field = self._field(given["field"].value) if "field" in given else None
        if field is not None and "field" in given and field.type not in (STR, Optional(STR), UNKNOWN):
            self._fail()
            place = given["field"].value.span
            self._file.report(codes.field_type(place, rule, field.name, str(field.type), "only a `str` can be cut"))
        arguments = (("field", field.name if field else ""), ("size", size), ("overlap", overlap))
        return self._pieces(arguments, Field("text", STR), overlap == 0)

    def _items(self) -> _Made:
        given = self._arguments()
        field = self._field(given["field"].value) if "field" in given else None
        found = UNKNOWN if field is None else field.type.inner if isinstance(field.type, Optional) else field.type
        if field is not None and "field" in given and not isinstance(found, ListOf) and found != UNKNOWN:
            self._fail()
            place = given["field"].value.span
            self._file.report(codes.field_type(place, "items", field.name, str(field.type), "only a list has items"))
        item = found.item if isinstance(found, ListOf) else UNKNOWN
        return self._pieces((("field", field.name if field else ""),), Field("item", item), True)

    def _pieces(self, arguments: tuple[tuple[str, object], ...], piece: Field, partitions: bool) -> _Made:
        """Several sub-problems of one row, numbered."""
        keys = tuple(f"row.{key.name}" for key in self._record.keys)
        fields = (Field("row", self._record), Field("index", INT, minimum=0), piece)
        return _Made(arguments, fields, (*keys, "index") if keys else (), partitions)

    def _cross(self) -> _Made | None:
        given = self._arguments()
        if "other" not in given:
            return None
        name = dotted(given["other"].value)
        if name is None:
            if not isinstance(given["other"].value, ast.ErrorExpr):
                self._wrong(given["other"].value.span, "takes the name of a table")
            return None
        other = self._find(name)
        if other is None or other.record is None:
            return None
        left, right = self._record.keys, other.record.keys
        keys = (*(f"left.{key.name}" for key in left), *(f"right.{key.name}" for key in right))
        fields = (Field("left", self._record), Field("right", other.record))
        return _Made((("other", other.name),), fields, keys if left and right else (), False)

    def _plan(self) -> _Made | None:
        given = self._arguments()
        model = None
        if "model" in given:
            name = dotted(given["model"].value)
            if name is not None:
                symbol = self._file.names.find(name, "model")
                model = symbol.name if symbol else None
            elif not isinstance(given["model"].value, ast.ErrorExpr):
                self._wrong(given["model"].value.span, "takes the name of a model first")
        goal = self._text_argument(given, "goal")
        limits = [(name, self._integer(given, name, 1)) for name in ("max", "size") if name in given]
        arguments = (("model", model), ("goal", goal), *limits)
        return _Made(arguments, self._indexed(), ("index",), False)

    def _python(self) -> _Made | None:
        given = self._arguments()
        function = None
        if "target" in given:
            value = given["target"].value
            if isinstance(value, ast.StringLiteral):
                target = python_target(value, self._file.report)
                function = PythonBody(target, self._file.unit.base, value.span) if target else None
            elif not isinstance(value, ast.ErrorExpr):
                self._wrong(value.span, 'takes `"module:function"`')
        if function is None:
            self._fail()
            return None
        return _Made((("target", function.target),), self._indexed(), ("index",), False, function=function)

    def _indexed(self) -> tuple[Field, ...]:
        return Field("index", INT, minimum=0), Field("rows", ListOf(self._record))

    def _arguments(self) -> dict[str, ast.Argument]:
        """The rule's arguments by name; reports those too many, unknown, given twice or missing."""
        form = FORMS[self._rule.name.text]
        names = form.parameters
        matched = match_arguments(self._rule.arguments, names)
        for argument in matched.surplus:
            self._wrong(argument.span, f"takes {len(names) or 'no'} argument{'' if len(names) == 1 else 's'}")
        for argument in matched.unknown:
            assert argument.name is not None
            only = names[0] if len(names) == 1 else None
            renamed = written(argument.name.span, only) if only is not None and not matched.given else None
            self._wrong(argument.name.span, f"has no argument `{argument.name.text}`", renamed)
        for again, _ in matched.repeated:
            self._wrong(again.span, "is given one argument twice")
        missing = [name for name in names if name not in matched.given and name not in form.optional]
        if missing and not self._failed:
            text = self._form(matched.given)
            fix = written(self._rule.span, text) if text is not None else None
            self._wrong(self._rule.span, "needs " + " and ".join(f"`{name}`" for name in missing), fix)
        return matched.given

    def _form(self, given: Mapping[str, ast.Argument]) -> str | None:
        """How the rule is written with the arguments that are given; None where it is not known what it names."""
        form = FORMS[self._rule.name.text].syntax
        if "field" in given:
            return form.replace("field", given["field"].value.span.text)
        texts = [each.name for each in self._record.fields if each.type == STR and not each.key]
        if "(field" in form and len(texts) == 1:
            return form.replace("field", texts[0])
        return form if all(word not in form for word in ("field", "other", "model", "module", "list")) else None

    def _integer(self, given: dict[str, ast.Argument], name: str, minimum: int, usual: int = 0) -> int:
        if name not in given:
            return usual
        expr = given[name].value
        if isinstance(expr, ast.ErrorExpr):
            self._fail()
            return usual
        value = literal(expr)
        if isinstance(value, int) and not isinstance(value, bool) and value >= minimum:
            return value
        problem = f"takes a whole number of at least {minimum} for `{name}`"
        self._wrong(expr.span, problem, unquoted(expr.span, INT))
        return usual

    def _text_argument(self, given: dict[str, ast.Argument], name: str) -> str:
        if name not in given:
            return ""
        value = given[name].value
        if forms.text(value) is forms.WRONG and not isinstance(value, ast.ErrorExpr):
            self._wrong(value.span, f"takes a text for `{name}`")
        return value.value if isinstance(value, ast.StringLiteral) else ""

    def _field(self, expr: ast.Expr) -> Field | None:
        """The field of the table that ``expr`` names."""
        if isinstance(expr, ast.ErrorExpr) or self._rows.record is None:
            self._fail()
            return None
        rule = self._rule.name.text
        if not isinstance(expr, ast.Variable):
            self._fail()
            self._file.report(codes.not_a_field(expr.span, rule))
            return None
        field = self._record.field(expr.name)
        if field is None:
            self._fail()
            known = tuple(field.name for field in self._record.fields)
            self._file.report(
                codes.split_field(
                    expr.span, expr.name, str(self._record), known, self._rows.span, self._rows.unkept.get(expr.name)
                )
            )
        self._file.uses.field(expr.span, self._record, expr.name, field.type if field is not None else None)
        return field

    def _fail(self) -> None:
        self._failed = True

    def _wrong(self, place: Span, problem: str, fix: Fix | None = None) -> None:
        self._fail()
        rule = self._rule.name.text
        form = FORMS[rule]
        self._file.report(codes.rule_arguments(place, rule, problem, form.syntax, form.doc, fix))


def _not_groupable(field: Field) -> str | None:
    """Why rows cannot be grouped by a field; None where they can."""
    inner: Type = field.type.inner if isinstance(field.type, Optional) else field.type
    if field.name == "rows":
        return "`rows` is the name of a group's rows"
    if inner in (FLOAT, JSON) or isinstance(inner, ListOf | MapOf | RecordType | Union | Tensor):
        return "values of this type are not compared exactly"
    return None if is_keyable(inner) or inner == UNKNOWN else "rows cannot be grouped by it"
