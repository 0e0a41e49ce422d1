"""Findings about names, imports and written types: APWA101 to APWA149.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apwa_lang.diagnostics.codes.wording import article, listed
from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

DUPLICATE = register(
    "APWA101",
    "a name is declared twice",
    explanation="""
Parameters, records, tables, models, tools, tasks, splits, flows and imports of one file share one set of names, so
that a name means one thing wherever it stands. The fields of a record, the parameters of a task and the tests of a
file are each told apart by name too.
""",
    fix="Rename one of the two, or remove it.",
    bad="""
record Note { id: str }
record Note { text: str }
""",
    good="""
record Note { id: str }
record Text { text: str }
""",
)


def duplicate(what: str, name: Name, text: str, first: Span) -> Diagnostic:
    """``what`` named ``text`` is declared at ``first`` and again at ``name``."""
    return DUPLICATE.at(
        name.span,
        f"the {what} `{text}` is declared twice",
        "declared again here",
        also=((first, "first declared here"),),
        help="rename one of the two",
    )


def meant_otherwise(double: Diagnostic, name: Name, meant: str) -> Diagnostic:
    """``double``, where ``meant`` is used and not declared."""
    fix = Fix(f"write `{meant}`", (Edit(name.span, meant),), safe=False)
    return replace(double, help=f"did you mean `{meant}`, which is used and not declared?", fix=fix)


def name_taken(what: str, name: Name, other: str, first: Span) -> Diagnostic:
    """``name`` declares a ``what``, but an ``other`` of that name exists."""
    return DUPLICATE.at(
        name.span,
        f"`{name.text}` is already the name of {article(other)}",
        f"{article(what)} of the same name",
        also=((first, f"the {other}"),),
        help="rename one of the two",
    )


UNKNOWN_NAME = register(
    "APWA102",
    "a name is not declared",
    explanation="""
Each name must be declared in the file or come from an import under its prefix: `pii.Note` is the record `Note` of
`import "lib/pii.apwa" as pii`.
""",
    fix="Correct the spelling, declare the name, or import the file that declares it.",
    bad="""
record Note { id: str }
table notes: Note = [{ id: "a" }]
split each = note by row
""",
    good="""
record Note { id: str }
table notes: Note = [{ id: "a" }]
split each = notes by row
""",
)


def unknown_name(what: str, name: Name, known: Iterable[str]) -> Diagnostic:
    """No ``what`` is called ``name``; ``known`` are those there are."""
    names = tuple(known)
    return UNKNOWN_NAME.at(
        name.span,
        f"there is no {what} `{name.text}`",
        "not declared",
        help=suggestion(name.text, names) or f"declare {article(what)} of this name, or correct the spelling",
        fix=respelling(name.span, name.text, names),
    )


def step_outside_flow(name: Name, step: Span, flow: str) -> Diagnostic:
    """A split of the program whose table is a ``step`` of a flow."""
    return UNKNOWN_NAME.at(
        name.span,
        f"there is no table `{name.text}` outside the flow `{flow}`",
        "not declared here",
        also=((step, f"a step of the flow `{flow}`"),),
        help=f"move the split into the flow `{flow}`, below this step",
    )


def foreign_type(place: Span, name: str, meant: str) -> Diagnostic:
    """A type of other languages that is written ``meant`` here."""
    fix = Fix(f"write `{meant}`", (Edit(place, meant),), safe=False)
    return UNKNOWN_NAME.at(
        place, f"there is no type `{name}`", "not declared", help=f"did you mean `{meant}`?", fix=fix
    )


WRONG_KIND = register(
    "APWA103",
    "a name means another kind of thing",
    explanation="""
The name is declared, but as something that cannot stand here: a table where a split is wanted, a record where a
table is wanted.
""",
    fix="Use a name of the wanted kind; to map a task over the rows of a table, split the table `by row` first.",
    bad="""
record Note { id: str }
table notes: Note = [{ id: "a" }]
task copy(note: Note) -> Note { return: note }
flow main { copies = map copy over notes }
""",
    good="""
record Note { id: str }
table notes: Note = [{ id: "a" }]
task copy(note: Note) -> Note { return: note }
split each = notes by row
flow main { copies = map copy over each }
""",
)


def wrong_kind(name: Name, found: str, declared: Span, wanted: str) -> Diagnostic:
    """``name`` is a ``found`` where a ``wanted`` must stand."""
    hint = f"use the name of {article(wanted)}"
    return WRONG_KIND.at(
        name.span,
        f"`{name.text}` is {article(found)}, not {article(wanted)}",
        f"{article(wanted)} is needed here",
        also=((declared, f"declared as {article(found)}"),),
        help=hint,
    )


def table_for_split(name: Name, declared: Span, splits: Sequence[str], free: str, before: Span) -> Diagnostic:
    """The table ``name`` stands where a split must; ``splits`` are those of it, the likeliest first.

    Where there are none, one called ``free`` can be declared at the start of ``before``, the statement.
    """
    if splits:
        near = splits[0]
        help = f"map over a split of it: {listed(splits)}"
        fix = Fix(f"write `{near}`", (Edit(name.span, near),), safe=False)
    else:
        line = before.source.line_text(before.line)
        indent = line[: len(line) - len(line.lstrip())]
        split = f"split {free} = {name.text} by row"
        help = f"split the table first: `{split}`, then map over `{free}`"
        above = Span(before.source, before.start, before.start)
        fix = Fix(f"declare `{split}`", (Edit(above, f"{split}\n{indent}"), Edit(name.span, free)), safe=False)
    return WRONG_KIND.at(
        name.span,
        f"`{name.text}` is a table, not a split",
        "a split is needed here",
        also=((declared, "declared as a table"),),
        help=help,
        fix=fix,
    )


BUILT_IN = register(
    "APWA104",
    "a name belongs to the language",
    explanation="""
A record cannot take the name of a built-in type (`str`, `list`, `File`, …), and a task parameter cannot be called
`result`, which names the answer in `ensure`.
""",
    fix="Choose another name.",
    bad="record date { year: int }",
    good="record Day { year: int }",
)


def shadows_type(name: Name) -> Diagnostic:
    """A record called like a built-in type."""
    return BUILT_IN.at(
        name.span,
        f"`{name.text}` is a built-in type",
        "a record cannot take its name",
        help="choose another name; records are usually written with a capital",
    )


def reserved_parameter(name: Name) -> Diagnostic:
    """A task parameter called ``result``."""
    return BUILT_IN.at(
        name.span,
        f"a parameter cannot be called `{name.text}`",
        "`result` is the task's answer in `ensure`",
        help="choose another name",
    )


IMPORT_CYCLE = register(
    "APWA105",
    "files import each other in a circle",
    explanation="A file may not import itself, directly or by way of others: nothing would come first.",
    fix="Move what both files need into a third one and import that.",
)


def import_cycle(place: Span, chain: tuple[str, ...], others: tuple[Span, ...]) -> Diagnostic:
    """``chain`` names the files of the circle, the first again at the end."""
    return IMPORT_CYCLE.at(
        place,
        "files import each other in a circle: " + " -> ".join(f"`{path}`" for path in chain),
        "this import closes the circle",
        also=tuple((other, "and this import is part of it") for other in others),
        help="move what both need into a third file",
    )


CANNOT_IMPORT = register(
    "APWA106",
    "an imported file cannot be read",
    explanation="""
The path of an import is relative to the folder of the file that says it. The file must exist and be readable.
""",
    fix="Correct the path.",
    bad='import "no/such/file.apwa" as lib',
    good="record Note { id: str }",
)


def cannot_import(place: Span, path: str, reason: str, near: str | None = None) -> Diagnostic:
    """The file cannot be read, for ``reason``; ``near`` is the path of one that is there."""
    return CANNOT_IMPORT.at(
        place,
        f"cannot read `{path}`: {reason}",
        "imported here",
        help=f"did you mean `{near}`?" if near else "paths are relative to the folder of this file",
        fix=Fix(f"write `{near}`", (Edit(place, f'"{near}"'),), safe=False) if near else None,
    )


NOT_UTF8 = register(
    "APWA107",
    "an imported file is not UTF-8 text",
    explanation="Programs are written in UTF-8.",
    fix="Save the file as UTF-8.",
)


def not_utf8(place: Span, path: str) -> Diagnostic:
    """The file is in another encoding, or no text at all."""
    return NOT_UTF8.at(place, f"`{path}` is not UTF-8 text", "imported here", help="save the file as UTF-8")


RECURSIVE_RECORD = register(
    "APWA108",
    "a record contains itself",
    explanation="""
A record cannot hold itself, directly, in a list, or by way of another record: rows have a fixed shape that columns and
JSON schemas can describe.
""",
    fix="Hold the key of the other row instead of the row, or use `json` for data of any depth.",
    bad="record Tree { name: str, children: list[Tree] }",
    good="record Tree { name: str, children: list[str] }",
)


def recursive_record(place: Span, chain: tuple[str, ...], others: tuple[Span, ...]) -> Diagnostic:
    """``chain`` names the records of the circle, the first again at the end."""
    return RECURSIVE_RECORD.at(
        place,
        f"the record `{chain[0]}` contains itself: " + " -> ".join(f"`{name}`" for name in chain),
        "this field closes the circle",
        also=tuple((other, "by way of this field") for other in others),
        help="hold a key instead of the record, or use `json`",
    )


TOO_DEEP = register(
    "APWA109",
    "the program nests too deeply",
    explanation="Expressions and types may nest a few hundred levels, which no program written by hand reaches.",
    fix="Split the expression into named parts.",
)


def too_deep(place: Span) -> Diagnostic:
    """A declaration whose parts nest beyond what the analyser follows."""
    return TOO_DEEP.at(place, "this nests too deeply to be analysed", help="split it into named parts")


TYPE_ARGUMENTS = register(
    "APWA121",
    "a type has the wrong arguments",
    explanation="""
`list[T]` and `table[R]` take one type, `map[str, T]` two, `tensor[f32, 384]` an element type and sizes; others
none.
""",
    fix="Write the type with the arguments that it takes.",
    bad="record Note { tags: list }",
    good="record Note { tags: list[str] }",
)


def type_arguments(name: Name, form: str) -> Diagnostic:
    """``form`` shows how the type is written."""
    return TYPE_ARGUMENTS.at(
        name.span, f"`{name.text}` does not take these arguments", f"written `{form}`", help=f"write `{form}`"
    )


def argument_not_a_type(place: Span, owner: str) -> Diagnostic:
    """A number where ``owner`` takes a type."""
    return TYPE_ARGUMENTS.at(place, f"`{owner}` takes a type here, not a number", "a type is needed here")


MIXED_UNION = register(
    "APWA122",
    "a union of unlike types",
    explanation="""
A union is either of texts (`"a" | "b"`: one of these) or of records (`A | B`: told apart by a `kind`). Other types
cannot be told apart in data.
""",
    fix="""
Use texts only or records only; wrap other types in records of their own; `T?` says that a value may be missing.
""",
    bad='record Note { state: "open" | int }',
    good='record Note { state: "open" | "closed" }',
)


def mixed_union(place: Span, member: str, why: str) -> Diagnostic:
    """``member`` cannot stand in the union."""
    return MIXED_UNION.at(
        place,
        f"`{member}` cannot stand in this union",
        why,
        help="a union holds texts only, or records only; `T?` says that a value may be missing",
    )


def repeated_member(place: Span, member: str, first: Span) -> Diagnostic:
    """``member`` stands twice in a union."""
    return MIXED_UNION.at(
        place, f"`{member}` stands twice in this union", "again here", also=((first, "first here"),), help="remove one"
    )


NESTED_OPTIONAL = register(
    "APWA123",
    "`??` in a type",
    explanation="`T?` already says that the value may be missing; a second `?` adds nothing.",
    fix="Write one `?`.",
    bad="record Note { text: str?? }",
    good="record Note { text: str? }",
)


def nested_optional(place: Span) -> Diagnostic:
    """``T??``."""
    return NESTED_OPTIONAL.at(place, "this type is optional twice", help="write one `?`")


MAP_KEY = register(
    "APWA124",
    "the key of a map is not `str`",
    explanation="Maps are written as JSON objects, whose keys are texts.",
    fix="Write `map[str, T]`, and turn keys into text with `str(x)`.",
    bad="record Note { counts: map[int, int] }",
    good="record Note { counts: map[str, int] }",
)


def map_key(place: Span, found: str) -> Diagnostic:
    """A map with keys of type ``found``."""
    return MAP_KEY.at(place, f"the keys of a map are `str`, not `{found}`", help="write `map[str, T]`")


TENSOR = register(
    "APWA125",
    "a tensor type is malformed",
    explanation="A tensor has an element type (`f16 f32 f64 i32 i64 u8`) and one or more sizes: `tensor[f32, 384]`.",
    fix="Write the element type first, then the sizes.",
    bad="record Note { vector: tensor[float, 384] }",
    good="record Note { vector: tensor[f32, 384] }",
)


def tensor_element(place: Span, found: str, known: Iterable[str]) -> Diagnostic:
    """``found`` is no element type."""
    kinds = tuple(known)
    return TENSOR.at(
        place,
        f"`{found}` is no element type of a tensor",
        "one of " + listed(kinds),
        help=suggestion(found, kinds) or "write `tensor[f32, 384]`",
        fix=respelling(place, found, kinds),
    )


def tensor_shape(place: Span) -> Diagnostic:
    """The sizes are missing, or one is no positive number."""
    return TENSOR.at(
        place, "a tensor needs sizes that are whole numbers of at least 1", help="write `tensor[f32, 384]`"
    )


TABLE_TYPE = register(
    "APWA126",
    "`table[R]` stands where no table can",
    explanation="""
`table[R]` is the type of a task parameter that a direct call in a flow fills with a whole table. Data hold
`list[R]`.
""",
    fix="Write `list[R]`.",
    bad="""
record Note { id: str }
record Book { notes: table[Note] }
""",
    good="""
record Note { id: str }
record Book { notes: list[Note] }
""",
)


def table_type(place: Span) -> Diagnostic:
    """A table inside data."""
    return TABLE_TYPE.at(place, "a table cannot be part of data", help="write `list[R]`")


def table_of_records(place: Span, found: str) -> Diagnostic:
    """A table of something other than a record."""
    return TABLE_TYPE.at(place, f"the rows of a table are records, not `{found}`", help="declare a record for the rows")
