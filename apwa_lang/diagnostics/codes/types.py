"""Findings about the types of expressions: APWA201 to APWA249.

In: the places, names and types of a mistake. Out: its diagnostic. Those about literals stand in ``literals.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from apwa_lang.diagnostics.codes import literals as literals
from apwa_lang.diagnostics.codes.placeholders import placeholder
from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion, written
from apwa_lang.semantics.signatures import Misfit, told
from apwa_lang.semantics.types import NULL, Field, ListOf, Optional, RecordType, TableOf, Type, assignable
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

Place = tuple[Span, str]


def _also(*places: Place | None) -> tuple[Place, ...]:
    return tuple(place for place in places if place is not None)


def also_declared(field: Field | None) -> tuple[Place, ...]:
    """The place where a field is declared."""
    if field is None or field.declared is None or field.declared.span is None:
        return ()
    return ((field.declared.span, f"`{field.name}` is `{field.type}`"),)


def _is(type: Type) -> str:
    return "`null`" if type == NULL else f"`{type}`"


UNKNOWN_VARIABLE = register(
    "APWA201",
    "an expression names something unknown",
    explanation="""
An expression may name the arguments of its task, the fields of its sub-problem or row, the program's parameters and, in
`ensure`, `result`. Nothing else is in reach.
""",
    fix="Correct the spelling, or add the argument or parameter.",
    bad="""
task shout(name: str) -> str { return: upper(nam) }
""",
    good="""
task shout(name: str) -> str { return: upper(name) }
""",
)


_CONSTANTS = {"True": "true", "TRUE": "true", "False": "false", "FALSE": "false"} | dict.fromkeys(
    ("None", "Null", "NULL", "nil", "undefined"), "null"
)


def unknown_variable(
    span: Span,
    name: str,
    known: Iterable[str],
    functions: Iterable[str],
    help: str | None = None,
    *,
    meant: str | None = None,
    whole: Span | None = None,
) -> Diagnostic:
    """Nothing in scope is called ``name``. ``meant`` is to stand in its place, or in that of ``whole``."""
    names = tuple(known)
    meant = meant or _CONSTANTS.get(name)
    fix = None if help else respelling(span, name, names)
    if meant is not None and help is None:
        help = f"did you mean `{meant}`?"
        fix = Fix(f"write `{meant}`", (Edit(whole or span, meant),), safe=False)
    help = help or suggestion(name, names)
    if help is None and name in functions:
        help = f"`{name}` is a function; call it: `{name}(…)`"
    if help is None:
        near = ", ".join(f"`{each}`" for each in sorted(names)[:8])
        help = f"in reach here: {near}" if near else "no names are in reach here"
    return UNKNOWN_VARIABLE.at(
        span, f"`{name}` is not known here", "not an argument, field or parameter", help=help, fix=fix
    )


UNKNOWN_FIELD = register(
    "APWA202",
    "a value has no such field",
    explanation="""
Only the declared fields of a record can be read. On a list of records, `rows.amount` is the list of that field.
Values of other types have no fields: use an index or a built-in function.
""",
    fix="Correct the spelling, or declare the field in the record.",
    bad="""
record Note { id: str, text: str }
task body(note: Note) -> str { return: note.txt }
""",
    good="""
record Note { id: str, text: str }
task body(note: Note) -> str { return: note.text }
""",
)


def unknown_field(field: Name, base: Type, known: Sequence[str], declared: Place | None) -> Diagnostic:
    """A record without that field."""
    record = base.declared.span if isinstance(base, RecordType) and base.declared is not None else None
    return UNKNOWN_FIELD.at(
        field.span,
        f"`{base}` has no field `{field.text}`",
        "no such field",
        also=_also(declared, (record, f"`{base}` is declared here") if record is not None else None),
        help=suggestion(field.text, known) or f"its fields are {', '.join(f'`{name}`' for name in known)}",
        fix=respelling(field.span, field.text, known),
    )


def no_fields(
    field: Name, base: Span, found: Type, whole: Span | None = None, function: str | None = None
) -> Diagnostic:
    """A value that is no record; ``function`` gives what is asked by ``whole``."""
    text = str(found)
    help = f"{base.text}[0].{field.text} reads one item" if text.startswith("list[") else None
    if text.startswith("map["):
        help = f'an entry of a map is read by its key: {base.text}["{field.text}"]'
    return UNKNOWN_FIELD.at(
        field.span,
        f"`{base.text}` is {_is(found)}, which has no fields",
        "no such field",
        also=((base, f"this is {_is(found)}"),),
        help=f"write `{function}({base.text})`" if function else help,
        fix=written(whole, f"{function}({base.text})") if function and whole else None,
    )


UNKNOWN_FUNCTION = register(
    "APWA203",
    "no built-in function has this name",
    explanation="""
Expressions call built-in functions only. Tasks are called in flows and tests; `env` and `secret` stand in the
settings of a model.
""",
    fix="Correct the spelling, or do the work in a task.",
    bad="""
task shout(name: str) -> str { return: uper(name) }
""",
    good="""
task shout(name: str) -> str { return: upper(name) }
""",
)


def unknown_function(name: Name, known: Iterable[str], call: Span, meant: str | None) -> Diagnostic:
    """A ``call`` of something that is no built-in; ``meant`` is what to write in its place."""
    names = tuple(known)
    help, fix = suggestion(name.text, names), respelling(name.span, name.text, names)
    if name.text in ("env", "secret"):
        help, fix = f"`{name.text}` stands only in the settings of a model", None
    if meant is not None:
        help, fix = f"write `{meant}`", Fix(f"write `{meant}`", (Edit(call, meant),), safe=False)
    return UNKNOWN_FUNCTION.at(
        name.span, f"there is no function `{name.text}`", "not a built-in function", help=help, fix=fix
    )


def task_in_expression(name: Name, declared: Span) -> Diagnostic:
    """A call, inside an expression, of the task ``declared`` there."""
    return UNKNOWN_FUNCTION.at(
        name.span,
        f"`{name.text}` is a task, which an expression cannot call",
        "a task, not a built-in function",
        also=((declared, f"the task `{name.text}`"),),
        help=f"in a test, write `got = {name.text}(…)` first and `got` here; in a flow, `map` it over a split",
    )


WRONG_ARGUMENTS = register(
    "APWA204",
    "a function is called with too few, too many or misnamed arguments",
    explanation="""
Arguments are given in order, or by the names in the function's signature. Parameters with `=` may be left out.
""",
    fix="Give the arguments that the signature asks for.",
    bad="""
task ends(text: str) -> bool { return: ends_with(text) }
""",
    good="""
task ends(text: str) -> bool { return: ends_with(text, ".") }
""",
)


def wrong_arguments(span: Span, name: str, signatures: Sequence[str]) -> Diagnostic:
    """No signature of the function takes these arguments."""
    return WRONG_ARGUMENTS.at(
        span,
        f"these are not the arguments of `{name}`",
        "wrong number or names of arguments",
        help=f"the signature is {told(signatures)}",
    )


WRONG_ARGUMENT = register(
    "APWA205",
    "an argument of a function has the wrong type",
    explanation="""
Each built-in function says in its signature which types it takes. `T` stands for any type; `number` for `int` or
`float`; `ordered` for a type with an order: `str`, numbers, dates, times and durations. Where the signature says `T`,
`null` is not allowed unless it says `T?`.
""",
    fix="Convert the value with `int(…)`, `float(…)` or `str(…)`, or give another.",
    bad="""
task shout(number: int) -> str { return: upper(number) }
""",
    good="""
task shout(number: int) -> str { return: upper(str(number)) }
""",
)


def wrong_argument(
    span: Span, name: str, misfit: Misfit, signatures: Sequence[str], declared: Place | None
) -> Diagnostic:
    """An argument that no signature takes in its place."""
    if misfit.optional:
        return null_argument(span, name, misfit, signatures, declared)
    return WRONG_ARGUMENT.at(
        span,
        f"`{name}` takes `{misfit.expected}` as `{misfit.parameter}`, but this is {_is(misfit.found)}",
        f"this is {_is(misfit.found)}",
        also=_also(declared),
        help=f"the signature is {told(signatures)}",
        fix=unquoted(span, misfit.expected),
    )


OPERANDS = register(
    "APWA206",
    "an operator does not go with its operands",
    explanation="""
`+` adds numbers, texts, lists and durations, and a duration to a datetime; `-` subtracts numbers, durations, dates and
datetimes; `* / // %` are for numbers. `< <= > >=` compare numbers, texts, dates, datetimes and durations of one type,
`==` anything of one type. `in` looks in lists, texts and the keys of maps. `and`, `or` and `not` take `bool` only.
""",
    fix="Convert one side, for instance with `str(…)`, or compare with a value.",
    bad="""
task label(name: str, number: int) -> str { return: name + number }
""",
    good="""
task label(name: str, number: int) -> str { return: name + str(number) }
""",
)


def bad_operands(span: Span, operator: str, left: tuple[Span, Type], right: tuple[Span, Type]) -> Diagnostic:
    """Two operands that the operator has no meaning for."""
    kinds = {str(left[1]), str(right[1])}
    help = fix = None
    if operator in ("==", "!="):
        message = f"{_is(left[1])} and {_is(right[1])} are never equal"
    elif operator in ("and", "or"):
        message = f"`{operator}` takes `bool` on both sides, not {_is(left[1])} and {_is(right[1])}"
        help = "compare with a value, as in `x > 0` or `len(x) > 0`"
    else:
        message = f"`{operator}` does not take {_is(left[1])} and {_is(right[1])}"
    if operator in ("<", "<=", ">", ">=", "==", "!="):
        help, fix = _compared(left, right) or _compared(right, left) or (help, None)
    if help is None and "str" in kinds and kinds & {"int", "float"}:
        help = "convert one side with `str(…)`, `int(…)` or `float(…)`"
    if help is None and "json" in kinds:
        help = "convert the json value with `str(…)`, `int(…)`, `float(…)` or `bool(…)`"
    return OPERANDS.at(
        span,
        message,
        f"`{operator}` is not defined for these",
        also=((left[0], f"this is {_is(left[1])}"), (right[0], f"this is {_is(right[1])}")),
        help=help,
        fix=fix,
    )


def _compared(one: tuple[Span, Type], other: tuple[Span, Type]) -> tuple[str, Fix] | None:
    """How a text or list is compared with a number: by its length, or as the number that stands in quotes."""
    place, found = one
    if str(other[1]) not in ("int", "float") or not (str(found) == "str" or str(found).startswith(("list[", "map["))):
        return None
    fix = unquoted(place, other[1])
    if fix is None and place.text[:1] not in ('"', "'"):
        fix = Fix(f"write `len({place.text})`", (Edit(place, f"len({place.text})"),), safe=False)
        return f"compare its length: `len({place.text})`", fix
    return None if fix is None else (fix.title, fix)


def bad_operand(span: Span, operator: str, found: Type, declared: Place | None) -> Diagnostic:
    """An operand of ``-`` or ``not`` that it has no meaning for."""
    wanted = "a number or duration" if operator == "-" else "`bool`"
    return OPERANDS.at(
        span, f"`{operator}` takes {wanted}, but this is {_is(found)}", f"this is {_is(found)}", also=_also(declared)
    )


MISMATCH = register(
    "APWA207",
    "a value is not of the type that its place asks for",
    explanation="""
Every field, argument, setting and result has a type, and a value must fit it. An `int` fits where a `float` is asked
for, a text of a literal union where `str` is, a value of type `T` where `T?` is, and anything where `json` is.
""",
    fix="Give a value of that type, convert it, or change the declared type.",
    bad="""
task size(text: str) -> str { return: len(text) }
""",
    good="""
task size(text: str) -> int { return: len(text) }
""",
)


def mismatch(
    span: Span, what: str, expected: Type, found: Type, because: Place | None, declared: Place | None
) -> Diagnostic:
    """``what`` asks for ``expected`` and gets ``found``."""
    conversions = {"str": "str", "int": "int", "float": "float", "bool": "bool"}
    convert = conversions.get(str(expected))
    scalar = str(found) in ("str", "int", "float", "bool", "json")
    help = f"convert it with `{convert}(…)`" if convert and scalar else None
    if found == NULL:
        help = f"`{expected}?` would allow null"
    help = help or _unfit(found, expected)
    bare = unquoted(span, expected)
    if bare is not None:
        help = bare.title
    return MISMATCH.at(
        span,
        f"{what} must be {_is(expected)}, but this is {_is(found)}",
        f"this is {_is(found)}",
        also=_also(because, declared),
        help=help,
        fix=bare,
    )


def _unfit(found: Type, expected: Type) -> str | None:
    """The first field in which a record, or each of a list, does not fit another; None where there is none."""
    match found, expected:
        case (ListOf(item), ListOf(wanted)):
            return _unfit(item, wanted)
        case (TableOf(item), ListOf(wanted) | TableOf(wanted)):
            return _unfit(item, wanted)
        case (RecordType(), RecordType()):
            for field in expected.fields:
                given = found.field(field.name)
                if given is None and field.default is None and not isinstance(field.type, Optional):
                    return f"`{found}` has no field `{field.name}`, which `{expected}` has"
                if given is not None and not assignable(given.type, field.type):
                    return f"`{field.name}` of `{found}` is `{given.type}`, but of `{expected}` it is `{field.type}`"
    return None


_NUMERALS = {"int": re.compile(r"-?\d+"), "float": re.compile(r"-?\d+(\.\d+)?"), "bool": re.compile(r"true|false")}


def unquoted(place: Span, wanted: object) -> Fix | None:
    """Takes the quotes off a text that holds a value of the type ``wanted``."""
    text, form = place.text, _NUMERALS.get(str(wanted).removesuffix("?"))
    value = text[1:-1]
    if form is None or text[:1] not in ('"', "'") or not form.fullmatch(value):
        return None
    return Fix(f"write `{value}` without quotes", (Edit(place, value),), safe=False)


NULLABLE = register(
    "APWA208",
    "a value that may be null is used as if it never were",
    explanation="""
A value of type `T?` is a `T` or `null`. Wherever a `T` is asked for, say what to use in place of null: `default(x,
"none")`. `is_null(x)` and `x == null` ask whether it is null.
""",
    fix="Write `default(x, …)` with a value to use in place of null.",
    bad="""
task shout(name: str?) -> str { return: upper(name) }
""",
    good="""
task shout(name: str?) -> str { return: upper(default(name, "nobody")) }
""",
)


def null_mismatch(
    span: Span, what: str, expected: Type, found: Type, because: Place | None, declared: Place | None
) -> Diagnostic:
    """``what`` asks for a value, and this may be null."""
    return _nullable(span, f"{what} must be {_is(expected)}, but this may be null", found, _also(because, declared))


def null_argument(
    span: Span, name: str, misfit: Misfit, signatures: Sequence[str], declared: Place | None
) -> Diagnostic:
    """A function takes a value, and this argument may be null."""
    message = f"`{name}` takes `{misfit.expected}` as `{misfit.parameter}`, but this may be null"
    return _nullable(span, message, misfit.found, _also(declared))


def null_operand(span: Span, operator: str, found: Type, declared: Place | None) -> Diagnostic:
    """An operand that may be null."""
    return _nullable(span, f"`{operator}` takes no null, but this may be null", found, _also(declared))


def null_field(field: Name, base: Span, found: Optional) -> Diagnostic:
    """A field of a record that may be null."""
    message = f"`{base.text}` may be null, so `.{field.text}` may not be there"
    return NULLABLE.at(
        field.span,
        message,
        f"a field of `{found}`",
        also=((base, f"this is `{found}`"),),
        help=f"give a value for null first: `default({base.text}, …).{field.text}`",
    )


def _nullable(span: Span, message: str, found: Type, also: tuple[Place, ...]) -> Diagnostic:
    value = placeholder(found.inner) if isinstance(found, Optional) else None
    fix = Fix(f"write `default({span.text}, {value})`", (Edit(span, f"default({span.text}, {value})"),), safe=False)
    return NULLABLE.at(
        span,
        message,
        f"this is {_is(found)}",
        also=also,
        help=f"say what to use in place of null: `default({span.text}, {value or '…'})`",
        fix=fix if value else None,
    )


NOT_INDEXABLE = register(
    "APWA209",
    "an index does not go with its value",
    explanation="""
`x[0]` reads an item of a list or a character of a text, `x["key"]` an entry of a map. A json value takes either.
Fields of records are read as `x.field`.
""",
    fix="Use a number for lists and texts, a text for maps, and `.field` for records.",
    bad="""
task pick(names: list[str]) -> str { return: names["first"] }
""",
    good="""
task pick(names: list[str]) -> str { return: names[0] }
""",
)


def not_indexable(span: Span, found: Type) -> Diagnostic:
    """A value without items."""
    help = f"say what to use in place of null: `default({span.text}, …)`" if isinstance(found, Optional) else None
    return NOT_INDEXABLE.at(
        span, f"{_is(found)} has no items to index", "lists, maps, texts and json values have", help=help
    )


def bad_index(span: Span, base: Type, wanted: Sequence[Type], found: Type) -> Diagnostic:
    """An index of the wrong type."""
    kinds = " or ".join(f"`{each}`" for each in wanted)
    return NOT_INDEXABLE.at(
        span, f"{_is(base)} is indexed by {kinds}, but this is {_is(found)}", f"this is {_is(found)}"
    )
