"""The expression checker.

In: an expression's tree, the names in its scope, and the type that is asked for, where one is. Out: a checked
expression with its type. What is wrong is reported once, to the scope, and has the unknown type from there on.
"""

from __future__ import annotations

import re

from apwa_lang.diagnostics.codes import literals as literal_codes
from apwa_lang.diagnostics.codes import types as codes
from apwa_lang.diagnostics.codes.placeholders import placeholder
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.suggest import did_you_mean
from apwa_lang.semantics import operators
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.core import Apply, Const, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.durations import to_iso
from apwa_lang.semantics.literals import EXAMPLES, PATHS, text_constant
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.signatures import Constant, Misfit, match_call
from apwa_lang.semantics.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    JSON,
    NULL,
    STR,
    UNKNOWN,
    Choice,
    Field,
    ListOf,
    MapOf,
    Optional,
    Primitive,
    RecordType,
    Type,
    Union,
    assignable,
)
from apwa_lang.semantics.uses import Role
from apwa_lang.syntax import nodes
from apwa_lang.syntax.source import Span

Checked = tuple[Core, Type]
_UNKNOWN: Checked = (Const(None, UNKNOWN), UNKNOWN)


def check(expr: nodes.Expr, scope: Scope, expected: Type | None = None) -> Checked:
    """The checked form and the type of ``expr``.

    ``expected`` helps literals to their type; the result may still be of another, which the caller compares.
    """
    wanted = expected.inner if isinstance(expected, Optional) else expected
    match expr:
        case nodes.StringLiteral():
            return _string(expr, scope, wanted)
        case nodes.IntLiteral(value=value) | nodes.SizeLiteral(value=value):
            return (Const(float(value), FLOAT), FLOAT) if wanted == FLOAT else (Const(value, INT), INT)
        case nodes.FloatLiteral(value=value):
            return Const(value, FLOAT), FLOAT
        case nodes.BoolLiteral(value=value):
            return Const(value, BOOL), BOOL
        case nodes.NullLiteral():
            return Const(None, NULL), NULL
        case nodes.DurationLiteral(value=value):
            return Const(to_iso(value), DURATION), DURATION
        case nodes.ListLiteral():
            return _list(expr, scope, wanted)
        case nodes.RecordLiteral():
            return _record(expr, scope, wanted)
        case nodes.Variable(name=name):
            return _variable(name, expr.span, scope)
        case nodes.FieldAccess():
            return _field(expr, scope)
        case nodes.Index():
            return _index(expr, scope)
        case nodes.Call():
            return _call(expr, scope, expected)
        case nodes.Unary():
            return _unary(expr, scope, wanted)
        case nodes.Binary():
            return _binary(expr, scope, wanted)
        case nodes.ErrorExpr():
            return _UNKNOWN
        case _:
            return _fail(scope, literal_codes.not_a_value(expr))


def check_against(
    expr: nodes.Expr, expected: Type, scope: Scope, what: str, because: tuple[Span, str] | None = None
) -> Core:
    """The checked form of ``expr``, which must be of type ``expected``; a mismatch is reported.

    ``what`` says in a noun phrase what the value is for; ``because`` is the place that asks for the type, and why.
    """
    core, found = check(expr, scope, expected)
    if assignable(found, expected):
        scope.uses.tie(found, expected)
        return _tagged(core, found, expected)
    declared = _declared(expr, scope)
    if isinstance(found, Optional) and assignable(found.inner, expected):
        scope.report(codes.null_mismatch(expr.span, what, expected, found, because, declared))
    else:
        scope.report(codes.mismatch(expr.span, what, expected, found, because, declared))
    return Const(None, UNKNOWN)


def _fail(scope: Scope, diagnostic: Diagnostic) -> Checked:
    scope.report(diagnostic)
    return _UNKNOWN


def _tagged(core: Core, found: Type, expected: Type) -> Core:
    """A record made where a union is asked for says which member it is."""
    expected = expected.inner if isinstance(expected, Optional) else expected
    if not (isinstance(core, MakeRecord) and isinstance(expected, Union) and isinstance(found, RecordType)):
        return core
    if found.field("kind") is not None or any(name == "kind" for name, _ in core.fields):
        return core
    return MakeRecord(core.type, (("kind", Const(found.name, STR)), *core.fields))


def _declared(expr: nodes.Expr, scope: Scope) -> tuple[Span, str] | None:
    """Where what ``expr`` reads was declared, a field or the variable at its root, and as what."""
    field = _field_of(expr, scope)
    if field is not None and field.declared is not None and field.declared.span is not None:
        return field.declared.span, f"`{field.name}` is `{field.type}`"
    while isinstance(expr, nodes.FieldAccess | nodes.Index):
        expr = expr.base
    binding = scope.names.get(expr.name) if isinstance(expr, nodes.Variable) else None
    if not isinstance(expr, nodes.Variable) or binding is None or binding.span is None:
        return None
    return binding.span, f"`{expr.name}` is `{binding.type}`"


def _field_of(expr: nodes.Expr, scope: Scope) -> Field | None:
    """The field of a record that ``expr`` reads."""
    if not isinstance(expr, nodes.FieldAccess):
        return None
    if isinstance(expr.base, nodes.Variable):
        binding = scope.names.get(expr.base.name)
        base = binding.type if binding is not None else None
    else:
        inner = _field_of(expr.base, scope)
        base = inner.type if inner is not None else None
    return base.field(expr.field.text) if isinstance(base, RecordType) else None


def _string(expr: nodes.StringLiteral, scope: Scope, wanted: Type | None) -> Checked:
    if isinstance(wanted, Choice):
        if expr.value not in wanted.values:
            return _fail(scope, literal_codes.not_a_choice(expr.span, expr.value, wanted))
        return Const(expr.value, wanted), wanted
    if wanted in PATHS:
        return Const(expr.value, wanted), wanted
    if wanted in EXAMPLES:
        try:
            return Const(text_constant(expr.value, wanted), wanted), wanted
        except ValueError:
            return _fail(scope, literal_codes.bad_text(expr.span, expr.value, wanted, EXAMPLES[wanted]))
    return Const(expr.value, STR), STR


def _list(expr: nodes.ListLiteral, scope: Scope, wanted: Type | None) -> Checked:
    if isinstance(wanted, ListOf):
        what = f"an item of `{wanted}`"
        return MakeList(tuple(check_against(item, wanted.item, scope, what) for item in expr.items)), wanted
    if wanted == JSON:
        return MakeList(tuple(check(item, scope, JSON)[0] for item in expr.items)), JSON
    items: list[Core] = []
    joined: Type = UNKNOWN
    for place, item in enumerate(expr.items):
        core, type = check(item, scope)
        items.append(core)
        both = operators.join(joined, type) if place else type
        if both is None:
            scope.report(literal_codes.items_differ(item.span, type, expr.items[0].span, joined))
            both = UNKNOWN
        else:
            scope.uses.tie(joined, type)
        joined = both
    return MakeList(tuple(items)), ListOf(joined)


def _record(expr: nodes.RecordLiteral, scope: Scope, wanted: Type | None) -> Checked:
    entries: dict[str, nodes.Entry] = {}
    for entry in expr.entries:
        first = entries.setdefault(entry.key.text, entry)
        if first is not entry:
            scope.report(literal_codes.duplicate_entry(entry.key, first.key))
    if expr.type is not None:
        named = scope.records.get(expr.type.text)
        if named is not None:
            scope.uses.refer(expr.type, named.declared or scope.uses.builtin("record", named.name))
        if named is None:
            _check_all(entries, scope)
            if scope.is_lost(expr.type.text):
                return _UNKNOWN
            return _fail(scope, literal_codes.unknown_record(expr.type, scope.records))
        return _make_record(expr, entries, named, scope)
    match wanted:
        case RecordType():
            return _make_record(expr, entries, wanted, scope)
        case MapOf(value):
            what = f"a value of `{wanted}`"
            cores = {key: check_against(entry.value, value, scope, what) for key, entry in entries.items()}
            return MakeMap(tuple(cores.items())), wanted
        case Primitive("json"):
            return MakeMap(tuple((key, check(entry.value, scope, JSON)[0]) for key, entry in entries.items())), JSON
        case Union():
            _check_all(entries, scope)
            return _fail(scope, literal_codes.which_member(expr.span, wanted))
        case _:
            checked = {key: check(entry.value, scope) for key, entry in entries.items()}
            fields = tuple(
                Field(key, type, declared=scope.uses.declare("field", key, word_of(entries[key]), type=type))
                for key, (_, type) in checked.items()
            )
            made = RecordType(f"<{', '.join(checked)}>", fields)
            return MakeRecord(made, tuple((key, core) for key, (core, _) in checked.items())), made


def _make_record(expr: nodes.RecordLiteral, entries: dict[str, nodes.Entry], type: RecordType, scope: Scope) -> Checked:
    misspelt: set[str | None] = set()
    for name, entry in entries.items():
        if type.field(name) is None:
            misspelt.add(did_you_mean(name, [field.name for field in type.fields]))
            scope.report(literal_codes.unknown_entry(entry.key, type))
            check(entry.value, scope)
    fields: list[tuple[str, Core]] = []
    missing: list[str] = []
    for field in type.fields:
        if field.name in entries:
            value = entries[field.name].value
            scope.uses.field(word_of(entries[field.name]), type, field.name, field.type, Role.WRITE)
            fields.append((field.name, check_against(value, field.type, scope, f"field `{field.name}` of `{type}`")))
        elif field.default is not None:
            fields.append((field.name, Const(field.default.value, field.type)))
        else:
            fields.append((field.name, Const(None, NULL)))
            if not isinstance(field.type, Optional) and field.name not in misspelt:
                missing.append(field.name)
    if missing:
        scope.report(literal_codes.missing_fields(expr, type, missing, _ready(missing, type, scope)))
    return MakeRecord(type, tuple(fields)), type


def _ready(missing: list[str], type: RecordType, scope: Scope) -> dict[str, str]:
    """What in reach has the name and the type of a missing field, else a value to begin with; by field."""
    found: dict[str, str] = {}
    for name in missing:
        field, binding = type.field(name), scope.names.get(name)
        value = placeholder(field.type) if field is not None else None
        if field is not None and binding is not None and assignable(binding.type, field.type):
            value = name
        if value is not None:
            found[name] = value
    return found


def word_of(entry: nodes.Entry) -> Span:
    """The place of an entry's key, without quotes."""
    return entry.key.span if entry.quoted is None else entry.quoted.place(0, len(entry.quoted.value))


def _check_all(entries: dict[str, nodes.Entry], scope: Scope) -> None:
    for entry in entries.values():
        check(entry.value, scope)


def _variable(name: str, span: Span, scope: Scope) -> Checked:
    binding: Binding | None = scope.names.get(name)
    if binding is None:
        meant = scope.holder(name)
        return _fail(scope, codes.unknown_variable(span, name, scope.names, FUNCTIONS, meant=meant))
    if binding.declared is not None:
        scope.uses.record(span, binding.declared, type=binding.type)
    return Var(name), binding.type


def _dotted(expr: nodes.Expr) -> str | None:
    match expr:
        case nodes.Variable(name=name):
            return name
        case nodes.FieldAccess(base=base, field=field):
            start = _dotted(base)
            return None if start is None else f"{start}.{field.text}"
        case _:
            return None


def _field(expr: nodes.FieldAccess, scope: Scope) -> Checked:
    dotted = _dotted(expr)
    if dotted is not None and dotted.partition(".")[0] not in scope.names and dotted in scope.names:
        binding = scope.names[dotted]
        if binding.declared is not None:
            scope.uses.refer(nodes.Name(expr.span, dotted), binding.declared, type=binding.type)
        return Var(dotted), binding.type
    root = expr.base
    if isinstance(root, nodes.Variable) and root.name not in scope.names and expr.field.text in scope.names:
        near = did_you_mean(root.name, scope.names)
        meant, whole = (expr.field.text, expr.span) if near is None else (near, root.span)
        return _fail(scope, codes.unknown_variable(root.span, root.name, scope.names, (), meant=meant, whole=whole))
    core, found = check(root, scope)
    name, found = expr.field.text, operators.plain(found)
    if found == UNKNOWN:
        return _UNKNOWN
    if found == JSON:
        return GetItem(core, Const(name, STR)), JSON
    rows = found.item if isinstance(found, ListOf) else None
    base = found if rows is None else rows
    if not isinstance(base, RecordType | Union):
        if base == UNKNOWN:
            return _UNKNOWN
        if isinstance(base, Optional) and isinstance(base.inner, RecordType | Union):
            return _fail(scope, codes.null_field(expr.field, expr.base.span, base))
        function = _METHODS.get(name) if found == STR or isinstance(found, ListOf) else None
        return _fail(scope, codes.no_fields(expr.field, expr.base.span, found, expr.span, function))
    type = operators.field_type(base, name)
    if type is None:
        return _fail(
            scope, codes.unknown_field(expr.field, base, operators.field_names(base), _declared(expr.base, scope))
        )
    scope.uses.field(expr.field.span, base, name, type)
    if rows is None:
        return GetField(core, name), type
    return GetField(core, name, each=True), ListOf(type)


def _index(expr: nodes.Index, scope: Scope) -> Checked:
    core, found = check(expr.base, scope)
    index, type = check(expr.index, scope)
    indexed = operators.indexing(found)
    if indexed is None:
        unknown = operators.plain(found) == UNKNOWN
        return _UNKNOWN if unknown else _fail(scope, codes.not_indexable(expr.base.span, found))
    wanted, result = indexed
    if type != UNKNOWN and operators.plain(type) not in wanted:
        return _fail(scope, codes.bad_index(expr.index.span, found, wanted, type))
    return GetItem(core, index), result


def _call(expr: nodes.Call, scope: Scope, expected: Type | None) -> Checked:
    name = expr.function.text
    function = FUNCTIONS.get(name)
    if function is None:
        for argument in expr.arguments:
            check(argument.value, scope)
        task = scope.task(name)
        if task is not None:
            return _fail(scope, codes.task_in_expression(expr.function, task))
        if scope.is_lost(name):
            return _UNKNOWN
        return _fail(scope, codes.unknown_function(expr.function, FUNCTIONS, expr.span, _meant_call(expr, scope)))
    scope.uses.record(expr.function.span, scope.uses.builtin("function", name))
    checked: list[Checked] = []

    def type_of(index: int, hint: Type | None) -> Type:
        checked.append(check(expr.arguments[index].value, scope, hint))
        return checked[-1][1]

    names = [argument.name.text if argument.name else None for argument in expr.arguments]
    found = match_call(function.signatures, names, type_of, expected)
    if found is None:
        for argument in expr.arguments:
            check(argument.value, scope)
        return _fail(scope, codes.wrong_arguments(expr.span, name, function.overloads))
    if isinstance(found, Misfit):
        for argument in expr.arguments[found.argument + 1 :]:
            check(argument.value, scope)
        place = expr.arguments[found.argument].value
        report = codes.wrong_argument(place.span, name, found, function.overloads, _declared(place, scope))
        return _fail(scope, report)
    values = [Const(each.value, each.type) if isinstance(each, Constant) else checked[each][0] for each in found.order]
    if name == "sum" and found.result in (FLOAT, DURATION):
        values.append(Const(0.0, FLOAT) if found.result == FLOAT else Const("PT0S", DURATION))
    if name == "matches" and not _is_pattern(expr, found.order[1], scope):
        return _UNKNOWN
    return Apply(name, tuple(values)), found.result


_METHODS = {"length": "len", "size": "len", "toLowerCase": "lower", "toUpperCase": "upper", "trim": "strip"} | {
    "startswith": "starts_with",
    "endswith": "ends_with",
    "includes": "contains",
    "is_none": "is_null",
    "isnull": "is_null",
}


def _meant_call(expr: nodes.Call, scope: Scope) -> str | None:
    """What a method of a value, or a record made as by a call, is written as here."""
    base, dot, method = expr.function.text.rpartition(".")
    function = _METHODS.get(method, method)
    arguments = [argument.value.span.text for argument in expr.arguments]
    if dot and function in FUNCTIONS and base.partition(".")[0] in scope.names:
        return f"{function}({', '.join((base, *arguments))})"
    if not dot and function != method:
        return f"{function}({', '.join(arguments)})"
    if expr.function.text in scope.records and all(argument.name for argument in expr.arguments):
        fields = (f"{argument.name.text}: {argument.value.span.text}" for argument in expr.arguments if argument.name)
        return f"{expr.function.text} {{ {', '.join(fields)} }}"
    return None


def _is_pattern(expr: nodes.Call, index: int | Constant, scope: Scope) -> bool:
    """Whether the pattern argument of ``matches`` is a literal regular expression; reports when not."""
    pattern = expr.arguments[index if isinstance(index, int) else 1].value
    if not isinstance(pattern, nodes.StringLiteral):
        scope.report(literal_codes.pattern_not_literal(pattern.span))
        return False
    try:
        re.compile(pattern.value)
    except re.error as error:
        place = pattern.place(error.pos, error.pos + 1) if error.pos is not None else pattern.span
        scope.report(literal_codes.bad_pattern(place, error.msg))
        return False
    return True


def _unary(expr: nodes.Unary, scope: Scope, wanted: Type | None) -> Checked:
    negative = expr.operator == "-"
    if negative and isinstance(expr.operand, nodes.DurationLiteral):
        return Const(to_iso(-expr.operand.value), DURATION), DURATION
    core, found = check(expr.operand, scope, wanted if negative else BOOL)
    if negative and isinstance(core, Const) and isinstance(core.value, int | float) and found in operators.NUMBERS:
        return Const(-core.value, found), found
    operator = "neg" if negative else "not"
    result = operators.unary(operator, found)
    if result is None:
        place = expr.operand
        return _fail(scope, codes.bad_operand(place.span, expr.operator, found, _declared(place, scope)))
    return Apply(operator, (core,)), result


def _binary(expr: nodes.Binary, scope: Scope, wanted: Type | None) -> Checked:
    operator = expr.operator.removeprefix("not").strip()
    (left, left_type), (right, right_type) = _operands(expr, operator, scope, wanted)
    result = operators.binary(operator, left_type, right_type)
    if result is None:
        sides = ((expr.left, left_type), (expr.right, right_type))
        for side, type in sides:
            if isinstance(type, Optional) and operator not in operators.EQUALITIES:
                return _fail(scope, codes.null_operand(side.span, operator, type, _declared(side, scope)))
        return _fail(
            scope,
            codes.bad_operands(expr.span, expr.operator, (expr.left.span, left_type), (expr.right.span, right_type)),
        )
    core = Apply(operator, (left, right))
    return (core if operator == expr.operator else Apply("not", (core,))), result


def _operands(expr: nodes.Binary, operator: str, scope: Scope, wanted: Type | None) -> tuple[Checked, Checked]:
    """Both sides; where they are compared, a literal is read as the type of the other side."""
    if operator in operators.LOGIC:
        return check(expr.left, scope, BOOL), check(expr.right, scope, BOOL)
    if operator == "in":
        right = check(expr.right, scope)
        container = operators.plain(right[1])
        item = container.item if isinstance(container, ListOf) else None
        if isinstance(expr.right, nodes.ListLiteral):
            left = check(expr.left, scope)
            if isinstance(left[1], Choice):
                right = check(expr.right, scope, ListOf(left[1]))
            return left, right
        return check(expr.left, scope, item), right
    compares = operator in operators.EQUALITIES or operator in operators.COMPARISONS
    if isinstance(expr.left, nodes.StringLiteral) and compares:
        right = check(expr.right, scope)
        return check(expr.left, scope, right[1]), right
    if compares:
        left = check(expr.left, scope)
        return left, check(expr.right, scope, left[1])
    hint = wanted if wanted == FLOAT or isinstance(wanted, ListOf) else None
    return check(expr.left, scope, hint), check(expr.right, scope, hint)
