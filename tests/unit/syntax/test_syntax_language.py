"""What each form of the language reads as."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from trees import WHOLE, names, programs, read

from apwa_lang.syntax import nodes as n


def first(text: str) -> Any:
    return read(text).declarations[0]


def value(text: str) -> Any:
    """The expression ``text``."""
    return first(f"param x: t = {text}").default


def typed(text: str) -> Any:
    return first(f"param x: {text}").type


def statement(text: str) -> Any:
    return first(f"flow main {{ {text} }}").statements[0]


def relation(text: str) -> Any:
    return statement(f"x = {text}").relation


def shown(node: Any) -> Any:
    """A node as short text, for comparison."""
    match node:
        case n.Variable(name=name):
            return name
        case n.Name(text=text):
            return text
        case n.FieldAccess(base=base, field=field):
            return f"{shown(base)}.{field.text}"
        case n.Index(base=base, index=index):
            return f"{shown(base)}[{shown(index)}]"
        case n.Unary(operator=operator, operand=operand):
            return f"({operator} {shown(operand)})"
        case n.Binary(operator=operator, left=left, right=right):
            return f"({shown(left)} {operator} {shown(right)})"
        case n.Call(function=function, arguments=arguments):
            return f"{function.text}({', '.join(shown(argument) for argument in arguments)})"
        case n.Argument(value=inner, name=name):
            return f"{name.text}: {shown(inner)}" if name else shown(inner)
        case n.RateLiteral(count=count, period=period):
            return f"{count} per {period}"
        case n.NullLiteral():
            return "null"
        case n.ListLiteral(items=items):
            return f"[{', '.join(shown(item) for item in items)}]"
        case n.RecordLiteral(entries=entries, type=name):
            head = f"{name.text} " if name else ""
            return head + "{" + ", ".join(f"{entry.key.text}: {shown(entry.value)}" for entry in entries) + "}"
        case n.NamedType(name=name, arguments=arguments):
            inner = f"[{', '.join(shown(argument) for argument in arguments)}]" if arguments else ""
            return name.text + inner
        case n.OptionalType(inner=inner):
            return f"{shown(inner)}?"
        case n.UnionType(members=members):
            return " | ".join(shown(member) for member in members)
        case n.LiteralType(value=literal):
            return repr(literal.value)
        case _:
            return repr(node.value)


@pytest.mark.parametrize("path", programs(), ids=lambda path: path.stem)
def test_programs_have_no_syntax_error(path: Any) -> None:
    assert read(path.read_text(encoding="utf-8")).declarations


def test_the_whole_program() -> None:
    module = read(WHOLE.read_text(encoding="utf-8"))
    assert names(module) == [
        *("style", "Note", "Span", "Redaction", "Digest", "notes", "small", "redact", "digest", "merge"),
        *("per_note", "per_ward", "main", "redacts an e-mail address"),
    ]
    note = module.declarations[1]
    assert isinstance(note, n.Record)
    assert [field.name.text for field in note.fields] == ["id", "ward", "text", "taken"]
    assert [attribute.name.text for attribute in note.fields[0].attributes] == ["key", "pattern"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1_000", "1000"),
        ("0.5", "0.5"),
        ("1e-3", "0.001"),
        ("true", "True"),
        ("null", "null"),
        ("600 per 1m", "600 per 0:01:00"),
        ("[a, b,]", "[a, b]"),
        ("[]", "[]"),
        ("{}", "{}"),
        ('{ a: 1, "b c": 2, }', "{a: 1, b c: 2}"),
        ("pii.Note { id: 1 }", "pii.Note {id: 1}"),
        ("note.text", "note.text"),
        ("f(a, size: 2,)", "f(a, size: 2)"),
        ("pii.f(a).b[0].c", "pii.f(a).b[0].c"),
        ("rows[0][1]", "rows[0][1]"),
        ('"a".b', "'a'.b"),
        ("a + b * c - d", "((a + (b * c)) - d)"),
        ("(a + b) * c", "((a + b) * c)"),
        ("a // b % c / d", "(((a // b) % c) / d)"),
        ("- a * b", "((- a) * b)"),
        ("not a and b or c", "(((not a) and b) or c)"),
        ("a or b and c", "(a or (b and c))"),
        ("not a == b", "(not (a == b))"),
        ("a not in b", "(a not in b)"),
        ("a + 1 in b", "((a + 1) in b)"),
        ("a < b and c >= d", "((a < b) and (c >= d))"),
        ("(a < b) == c", "((a < b) == c)"),
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert shown(value(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("30s", timedelta(seconds=30)),
        ("5m", timedelta(minutes=5)),
        ("1.5h", timedelta(minutes=90)),
        ("1d", timedelta(days=1)),
        ("10B", 10),
        ("64KiB", 64 << 10),
        ("1.5MiB", 3 << 19),
        ("8GiB", 8 << 30),
        ("1TiB", 1 << 40),
    ],
)
def test_durations_and_sizes(text: str, expected: object) -> None:
    assert value(text).value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("str", "str"),
        ("datetime?", "datetime?"),
        ("list[Note]?", "list[Note]?"),
        ("map[str, list[int],]", "map[str, list[int]]"),
        ("tensor[f32, 384]", "tensor[f32, 384]"),
        ('"a" | "b"', "'a' | 'b'"),
        ("A | pii.B?", "A | pii.B?"),
    ],
)
def test_types(text: str, expected: str) -> None:
    assert shown(typed(text)) == expected


def test_imports_and_params() -> None:
    module = read('import "lib/pii.apwa" as pii\nparam limit: int = 3 param other: str')
    imported, limit, other = module.declarations
    assert isinstance(imported, n.Import)
    assert (imported.path.value, imported.alias.text) == ("lib/pii.apwa", "pii")
    assert isinstance(limit, n.Param) and isinstance(limit.default, n.IntLiteral)
    assert isinstance(other, n.Param) and other.default is None


def test_fields_with_every_part() -> None:
    record = first('record R { a: str @key @range(1, hi: 2) = "x", b: int c: pii.T }')
    a, b, c = record.fields
    assert [(at.name.text, [shown(arg) for arg in at.arguments]) for at in a.attributes] == [
        ("key", []),
        ("range", ["1", "hi: 2"]),
    ]
    assert a.default.value == "x"
    assert (b.name.text, b.default, c.name.text) == ("b", None, "c")


def test_table_sources() -> None:
    read_csv = first('table t: R = read "x/*.txt" as csv(delimiter: ";")').source
    assert isinstance(read_csv, n.ReadSource) and read_csv.format is not None
    assert shown(read_csv.format) == "csv(delimiter: ';')"
    assert first('table t: pii.R = read "x.csv"').source.format is None
    assert first('table t: R = files "docs/*"').source.pattern.value == "docs/*"
    assert first('table t: R = sql """select 1"""').source.query.value == "select 1"
    assert len(first("table t: R = [{ a: 1 }, R { a: 2 }]").source.rows.items) == 2


def test_models_tools_and_tasks() -> None:
    model = first('model m { provider: python "pkg.mod:f", rate: 600 per 1m }')
    assert isinstance(model.settings[0].value, n.PythonReference)
    assert model.settings[0].value.target.value == "pkg.mod:f"
    tool = first('tool t(a: int, b: str,) -> list[R] { python: "m:f" network: ["x"] }')
    assert [parameter.name.text for parameter in tool.parameters] == ["a", "b"]
    assert [setting.name.text for setting in tool.settings] == ["python", "network"]
    server = first('tool t = mcp "npx server"')
    assert (server.mcp.value, server.result, server.settings) == ("npx server", None, ())
    server = first('tool mcp = mcp "npx server" { only: ["a"], trust: "b" }')
    assert [setting.name.text for setting in server.settings] == ["only", "trust"]
    task = first("task f() -> R { return: { a: 1 } }")
    assert task.parameters == ()
    assert isinstance(task.settings[0].value, n.RecordLiteral)


def test_routes_are_told_from_records() -> None:
    settings = first(
        "task f(a: int) -> R { route: { small when a < 8, pii.large } reads: { cfg: a } cache: on }"
    ).settings
    route = settings[0].value
    assert isinstance(route, n.Route)
    assert [(arm.target.text, arm.condition is None) for arm in route.arms] == [("small", False), ("pii.large", True)]
    assert isinstance(settings[1].value, n.RecordLiteral)


def test_reduces_takes_paths_as_keys() -> None:
    entry = first('task f() -> R { reduces: { "stats/{{ ward }}.json": sum } }').settings[0].value.entries[0]
    assert entry.quoted.value == entry.key.text == "stats/{{ ward }}.json"
    assert shown(entry.value) == "sum"


def test_map_relations() -> None:
    plain = relation("map pii.f over s")
    assert (plain.task.text, plain.arguments, plain.split.text, plain.keep) == ("pii.f", None, "s", ())
    full = relation("map f(a, b: c.d) over s keep id, ward")
    assert [shown(argument) for argument in full.arguments] == ["a", "b: c.d"]
    assert [name.text for name in full.keep] == ["id", "ward"]


def test_reduce_relations() -> None:
    tree = relation("reduce f over t by tree(8)")
    assert (tree.function.text, tree.table.text, tree.strategy.name.text) == ("f", "t", "tree")
    assert shown(tree.strategy.arguments[0]) == "8"
    bare = relation("reduce f over t")
    assert (bare.strategy, bare.group) == (None, ())
    count = relation("reduce over t by count group a, b")
    assert (count.function, count.strategy.name.text, [name.text for name in count.group]) == (
        None,
        "count",
        ["a", "b"],
    )


def test_other_relations() -> None:
    assert shown(relation("t where a > 1 and b").condition) == "((a > 1) and b)"
    assert shown(relation("t select { a: b + 1 }").record) == "{a: (b + 1)}"
    join = relation("t join pii.u on a, b")
    assert (join.left.text, join.right.text, [name.text for name in join.on]) == ("t", "pii.u", ["a", "b"])
    assert [name.text for name in relation("t sort by a, b").by] == ["a", "b"]
    assert shown(relation("t limit 5").count) == "5"
    assert [name.text for name in relation("union(t, u, v,)").tables] == ["t", "u", "v"]
    assert isinstance(relation("f(1)"), n.CallRelation)
    assert isinstance(relation("pii.t"), n.AliasRelation)


def test_statements() -> None:
    save = statement('save x to "out/{{ a }}.json" after y, z')
    assert (save.table.text, save.path.value, [name.text for name in save.after]) == (
        "x",
        "out/{{ a }}.json",
        ["y", "z"],
    )
    assert [name.text for name in statement("x = f(1) after y").after] == ["y"]
    branch = statement('if (a == 1) { save x to "a" } else if (b) { } else { save y to "b" }')
    assert len(branch.then) == 1
    assert isinstance(branch.otherwise[0], n.If)
    assert isinstance(branch.otherwise[0].otherwise[0], n.Save)
    loop = statement("repeat max 3 until (ok) { x = f(1) }")
    assert (shown(loop.limit), shown(loop.until), len(loop.body)) == ("3", "ok", 1)
    assert isinstance(statement("split s = x by tokens(text, 800, overlap: 50)"), n.Split)


def test_language_tests() -> None:
    test = first('test "adds up" { mock small = { a: 1 } got = f(1) expect got.a == 1 }')
    assert test.name.value == "adds up"
    assert [type(item) for item in test.statements] == [n.Mock, n.Let, n.Expect]


def test_commas_part_settings_and_fields_or_nothing_does() -> None:
    commas = first("model m { a: 1, b: 2, }")
    nothing = first("model m { a: 1 b: 2 }")
    assert [setting.name.text for setting in commas.settings] == [setting.name.text for setting in nothing.settings]


def test_white_space_never_matters() -> None:
    text = WHOLE.read_text(encoding="utf-8")
    windows = read(text.replace("\n", "\r\n"))
    assert names(windows) == names(read(text))
    assert names(read("\ufeff" + text)) == names(windows)


def test_spans_cover_what_was_read() -> None:
    text = "record Note { id: str @key }\nparam x: int = (1 + f(2)) * 3"
    record, param = read(text).declarations
    assert isinstance(record, n.Record) and isinstance(param, n.Param)
    assert record.span.text == "record Note { id: str @key }"
    assert record.fields[0].span.text == "id: str @key"
    assert param.default is not None and param.default.span.text == "(1 + f(2)) * 3"
    access = value("a . b /".removesuffix("/"))
    assert access.span.text == "a . b" and access.base.span.text == "a"
