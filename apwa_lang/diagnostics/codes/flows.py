"""Findings about flows and tests: APWA451 to APWA475.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.codes.names import article
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import did_you_mean, suggestion
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

_NOTES = """
record Note { id: str @key, ward: str, words: int }
table notes: Note = [{ id: "a", ward: "1", words: 3 }]
split each = notes by row
"""
_COPY = _NOTES + "task copy(note: Note) -> Note { return: note }\n"
_COUNT = _NOTES + "task count(id: str, words: int) -> int { return: len(id) + words }\n"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


UNKNOWN_TABLE = register(
    "APWA451",
    "a flow uses what it does not have",
    explanation="""
A statement works on tables of the program and on results of statements above it. A name that is assigned further
down does not exist yet, and one that only one branch of an `if` assigns does not exist after it.
""",
    fix="Correct the name, move the statement below the one that it needs, or assign the name in both branches.",
    bad=_NOTES + "flow main { long = note where words > 2 }",
    good=_NOTES + "flow main { long = notes where words > 2 }",
)


def unknown_table(name: Name, what: str, known: Iterable[str]) -> Diagnostic:
    """Neither the program nor the flow has a ``what`` (``"table"`` or ``"split"``) called ``name``."""
    names = tuple(known)
    return UNKNOWN_TABLE.at(
        name.span,
        f"there is no {what} `{name.text}` here",
        "neither declared nor assigned above",
        help=suggestion(name.text, names) or (f"there are {_listed(names)}" if 0 < len(names) <= 8 else None),
    )


def assigned_below(name: Name, place: Span) -> Diagnostic:
    """``name`` is assigned at ``place``, further down."""
    return UNKNOWN_TABLE.at(
        name.span,
        f"`{name.text}` is used before it is assigned",
        "not there yet",
        also=((place, "assigned here"),),
        help="move this statement below that one",
    )


def assigned_in_branch(name: Name, place: Span) -> Diagnostic:
    """``name`` is assigned at ``place`` in one branch of an ``if`` only."""
    return UNKNOWN_TABLE.at(
        name.span,
        f"`{name.text}` may not exist here: one branch of the `if` does not assign it",
        "used after the `if`",
        also=((place, "assigned in this branch only"),),
        help=f"assign `{name.text}` in the other branch too, or use it inside this one",
    )


ASSIGNED_TWICE = register(
    "APWA452",
    "a flow assigns a name twice",
    explanation="""
Each name of a flow is assigned once, and none has the name of a table, split or parameter of the program: results
never change, so the order of statements cannot matter. The two branches of an `if` may assign the same name.
""",
    fix="Use another name.",
    bad=_NOTES + "flow main { long = notes where words > 2  long = notes where words > 3 }",
    good=_NOTES + "flow main { long = notes where words > 2  longer = notes where words > 3 }",
)


def assigned_twice(name: Name, first: Span) -> Diagnostic:
    """``name`` is assigned at ``first`` already."""
    return ASSIGNED_TWICE.at(
        name.span,
        f"`{name.text}` is assigned twice",
        "assigned again here",
        also=((first, "first assigned here"),),
        help="use another name",
    )


def hides(name: Name, kind: str, declared: Span) -> Diagnostic:
    """``name`` is a ``kind`` of the program."""
    return ASSIGNED_TWICE.at(
        name.span,
        f"`{name.text}` is {article(kind)} of the program already",
        "assigned here",
        also=((declared, f"the {kind}"),),
        help="use another name",
    )


BRANCHES_DIFFER = register(
    "APWA453",
    "two branches assign a name to different records",
    explanation="""
What both branches of an `if` assign is used after it as one table, so its rows must have the same fields.
""",
    fix="Make the records equal with `select`, or use two names.",
    bad=_NOTES
    + """
param short: bool = true
flow main {
  if (short) { picked = notes select { id: id } } else { picked = notes select { ward: ward } }
  save picked to "picked.jsonl"
}
""",
    good=_NOTES
    + """
param short: bool = true
flow main {
  if (short) { picked = notes select { id: id } } else { picked = notes select { id: ward } }
  save picked to "picked.jsonl"
}
""",
)


def branches_differ(name: Name, use: Span, other: Span, why: str) -> Diagnostic:
    """``name`` is used at ``use``; its records differ, as ``why`` says."""
    return BRANCHES_DIFFER.at(
        use,
        f"`{name.text}` has different records in the two branches: {why}",
        "used here",
        also=((name.span, "assigned here"), (other, "and here")),
        help="make the records equal with `select`, or use two names",
    )


TASK_ARGUMENTS = register(
    "APWA454",
    "a task gets the wrong arguments",
    explanation="""
A task with one parameter may be mapped as it is: it gets the whole sub-problem. Otherwise each parameter gets an
argument, in order or by name, made from the sub-problem's fields: `map count(id, words) over each`.
""",
    fix="Give each parameter one argument.",
    bad=_COUNT + "flow main { counts = map count(id) over each }",
    good=_COUNT + "flow main { counts = map count(id, words) over each }",
)


def _signature(parameters: Iterable[str]) -> str:
    return ", ".join(parameters)


def missing_arguments(
    place: Span, task: str, missing: Iterable[str], declared: Span, parameters: Iterable[str]
) -> Diagnostic:
    """``missing`` parameters get no argument."""
    names = tuple(missing)
    return TASK_ARGUMENTS.at(
        place,
        f"`{task}` gets no argument for {_listed(names)}",
        also=((declared, f"takes {_signature(parameters)}"),),
        help=f"write `{task}({_signature(parameters)})` with a value for each",
    )


def surplus_argument(place: Span, task: str, count: int, declared: Span) -> Diagnostic:
    """The task takes only ``count`` arguments."""
    takes = f"{count} argument{'' if count == 1 else 's'}" if count else "no arguments"
    return TASK_ARGUMENTS.at(
        place, f"`{task}` takes {takes}", "one too many", also=((declared, "declared here"),), help="remove it"
    )


def unknown_argument(name: Name, task: str, parameters: Iterable[str], declared: Span) -> Diagnostic:
    """The task has no parameter ``name``."""
    known = tuple(parameters)
    return TASK_ARGUMENTS.at(
        name.span,
        f"`{task}` has no parameter `{name.text}`",
        also=((declared, "declared here"),),
        help=suggestion(name.text, known) or (f"parameters are {_listed(known)}" if known else None),
    )


def repeated_argument(place: Span, task: str, parameter: str, first: Span) -> Diagnostic:
    """A parameter gets two arguments."""
    return TASK_ARGUMENTS.at(
        place,
        f"`{task}` gets two arguments for `{parameter}`",
        "again here",
        also=((first, "first here"),),
        help="remove one",
    )


def several_parameters(place: Span, task: str, parameters: Iterable[str], declared: Span) -> Diagnostic:
    """The task is mapped without arguments but does not take exactly one."""
    names = tuple(parameters)
    takes = f"takes {_listed(names)}" if names else "takes no argument"
    return TASK_ARGUMENTS.at(
        place,
        f"`{task}` cannot take a whole sub-problem: it {takes}",
        "mapped without arguments",
        also=((declared, "declared here"),),
        help=f"name the arguments: `map {task}({_signature(names)}) over …`",
    )


SUBPROBLEM_TYPE = register(
    "APWA455",
    "a task does not take the sub-problems of a split",
    explanation="""
Mapped without arguments, a task gets the whole sub-problem: the row of a split by `row`, a record of `index` and
`rows` of a split by `chunk`, and so on. Its parameter must be of that type.
""",
    fix="Name the arguments that the task takes, or split in another way.",
    bad=_NOTES + "task shout(id: str) -> str { return: upper(id) }\nflow main { loud = map shout over each }",
    good=_NOTES + "task shout(id: str) -> str { return: upper(id) }\nflow main { loud = map shout(id) over each }",
)


def subproblem_type(
    place: Span, task: str, wanted: str, found: str, fields: Iterable[str], parameter: Span, split: Span
) -> Diagnostic:
    """The task wants ``wanted``, the split gives ``found`` with ``fields``."""
    names = tuple(fields)
    return SUBPROBLEM_TYPE.at(
        place,
        f"`{task}` takes `{wanted}`, not a sub-problem of this split",
        f"each sub-problem has {_listed(names)}",
        also=((parameter, f"takes `{wanted}`"), (split, f"gives `{found}`")),
        help=f"name the argument: `map {task}(…) over …` with one of {_listed(names)}",
    )


KEEP = register(
    "APWA456",
    "`keep` names a field that cannot be kept",
    explanation="""
`keep` adds fields of the sub-problem to the result: the row's for `row`, `file`, `tokens`, `lines` and `pages` (and
their `index`), the group's for `group`, `index` for `chunk` and `window`, fields of either side that are not
ambiguous for `cross`. The result of the task must not have a field of that name.
""",
    fix="Keep another field, or rename the result's.",
    bad=_COPY + "flow main { copies = map copy over each keep wards }",
    good=_NOTES
    + "task measure(note: Note) -> int { return: note.words }\nflow main { sizes = map measure over each keep ward }",
)


def keep_unknown(name: Name, known: Iterable[str], split: Span) -> Diagnostic:
    """Nothing called ``name`` can be kept of this split's sub-problems."""
    names = tuple(known)
    return KEEP.at(
        name.span,
        f"`{name.text}` cannot be kept",
        "not a field of the sub-problem" if name.text not in names else "",
        also=((split, "the split"),),
        help=suggestion(name.text, names) or (f"one can keep {_listed(names)}" if names else None),
    )


def keep_ambiguous(name: Name, split: Span) -> Diagnostic:
    """Both sides of a ``cross`` have a field ``name``."""
    return KEEP.at(
        name.span,
        f"`{name.text}` is a field of both sides",
        "which one?",
        also=((split, "the split"),),
        help="rename it on one side with `select` before the split",
    )


def keep_repeated(name: Name, first: Span) -> Diagnostic:
    """``name`` is kept twice."""
    return KEEP.at(
        name.span, f"`{name.text}` is kept twice", "again here", also=((first, "first here"),), help="remove one"
    )


def keep_clash(name: Name, task: str, result: Span) -> Diagnostic:
    """The result of the task has a field ``name`` too."""
    return KEEP.at(
        name.span,
        f"the result of `{task}` has a field `{name.text}` already",
        "kept here",
        also=((result, "from this result"),),
        help="keep another field, or rename the result's",
    )


UNKNOWN_STRATEGY = register(
    "APWA457",
    "a reduction is not known",
    explanation="""
`reduce TASK over t` merges rows by a task: `by tree(n)` in groups of n, level by level, or `by fold`, one after the
other. `reduce FIELD over t by sum`, `min`, `max` or `concat` aggregates a field, `reduce over t by count` counts
rows.
""",
    fix="Write one of these forms.",
    bad=_NOTES + "flow main { total = reduce words over notes by add }",
    good=_NOTES + "flow main { total = reduce words over notes by sum }",
)


def unknown_strategy(name: Name, known: Iterable[str]) -> Diagnostic:
    """There is no way ``name`` to reduce."""
    ways = tuple(known)
    return UNKNOWN_STRATEGY.at(
        name.span,
        f"there is no way `{name.text}` to reduce",
        help=suggestion(name.text, ways) or f"ways are {_listed(ways)}",
    )


def strategy_arguments(place: Span, strategy: str, form: str) -> Diagnostic:
    """``form`` shows how the strategy is written."""
    return UNKNOWN_STRATEGY.at(place, f"`{strategy}` does not take these arguments", help=f"write `by {form}`")


def strategy_missing(place: Span, what: str, strategy: str | None) -> Diagnostic:
    """``what`` is missing beside ``strategy``, or no strategy is given."""
    message = f"`{strategy}` needs {what}" if strategy else f"this reduction needs {what}"
    return UNKNOWN_STRATEGY.at(
        place, message, help="write `reduce TASK over t by tree(8)` or `reduce FIELD over t by sum`"
    )


REDUCER = register(
    "APWA458",
    "a task cannot merge these rows",
    explanation="""
A task that reduces `by tree` takes one list of rows and gives a row that can stand in such a list again. `by fold`
it may also take two parameters, what was merged so far and the next row.
""",
    fix="Let the task take `list[R]` and give `R`, R being the rows' record.",
    bad=_COPY + "flow main { one = reduce copy over notes by tree(8) }",
    good=_NOTES
    + """
task longest(notes: list[Note]) -> Note { return: first(notes) }
flow main { one = reduce longest over notes by tree(8) }
""",
)


def reducer_parameters(name: Name, strategy: str, record: str, declared: Span) -> Diagnostic:
    """The task's parameters are not those of a reducer."""
    forms = f"one parameter of type `list[{record}]`"
    if strategy == "fold":
        forms += f", or two of type `{record}`"
    return REDUCER.at(
        name.span,
        f"`{name.text}` cannot reduce by {strategy}: it needs {forms}",
        also=((declared, "declared here"),),
        help=f"declare `task {name.text}(parts: list[{record}]) -> {record}`",
    )


def reducer_rows(name: Name, found: str, wanted: str, declared: Span, rows: Span) -> Diagnostic:
    """The rows are ``found``, the task merges ``wanted``."""
    return REDUCER.at(
        name.span,
        f"`{name.text}` merges `{wanted}`, not rows of `{found}`",
        also=((declared, "declared here"), (rows, f"these rows are `{found}`")),
        help="let the task take the rows' record, or make these rows with `select` first",
    )


def reducer_result(name: Name, result: str, wanted: str, declared: Span) -> Diagnostic:
    """The task's ``result`` cannot be merged again as a ``wanted``."""
    return REDUCER.at(
        name.span,
        f"`{name.text}` gives `{result}`, which it cannot merge again: it takes `{wanted}`",
        also=((declared, "declared here"),),
        help="parts are merged level by level, so the result must be like the parts",
    )


FLOW_FIELD = register(
    "APWA459",
    "a statement names a field that its table does not have",
    explanation="`sort by`, `join … on`, `group` and aggregates name fields of their tables.",
    fix="Name a field of the table.",
    bad=_NOTES + "flow main { sorted = notes sort by wrods }",
    good=_NOTES + "flow main { sorted = notes sort by words }",
)


def flow_field(name: Name, record: str, known: Iterable[str], table: Span) -> Diagnostic:
    """``record`` has no field ``name``."""
    names = tuple(known)
    return FLOW_FIELD.at(
        name.span,
        f"`{record}` has no field `{name.text}`",
        also=((table, f"the rows of this table are `{record}`"),),
        help=suggestion(name.text, names) or f"fields are {_listed(names)}",
    )


def field_twice(name: Name, first: Span) -> Diagnostic:
    """A field stands twice in one list."""
    return FLOW_FIELD.at(
        name.span, f"`{name.text}` stands twice", "again here", also=((first, "first here"),), help="remove one"
    )


FLOW_FIELD_TYPE = register(
    "APWA460",
    "a field is of the wrong type for a statement",
    explanation="""
`sum` adds numbers and durations, `min` and `max` compare numbers, texts and times, `concat` joins texts and lists,
`sort by` orders numbers, texts, booleans and times, `group` and `join … on` compare exactly, so they take no float,
json, list or record.
""",
    fix="Name another field, or make one with `select`.",
    bad=_NOTES + "flow main { total = reduce ward over notes by sum }",
    good=_NOTES + "flow main { total = reduce words over notes by sum }",
)


def field_unfit(name: Name, found: str, use: str, table: Span) -> Diagnostic:
    """``use`` (``"`sum`"``) cannot work on a field of type ``found``."""
    return FLOW_FIELD_TYPE.at(
        name.span,
        f"{use} does not take the field `{name.text}` of type `{found}`",
        also=((table, "of this table"),),
    )


def group_clash(name: Name, other: str) -> Diagnostic:
    """A group field has the name of ``other``, the result's field."""
    return FLOW_FIELD_TYPE.at(
        name.span, f"`{name.text}` cannot be a group: {other} has that name", help="rename one with `select`"
    )


JOIN = register(
    "APWA461",
    "two tables cannot be joined",
    explanation="""
The fields after `on` must be in both tables and of one type. The other fields of both stand in the result together,
so no name may be in both.
""",
    fix="Rename or leave out fields with `select` first.",
    bad="""
record Note { id: str @key, text: str }
table old: Note = [{ id: "a", text: "x" }]
table new: Note = [{ id: "a", text: "y" }]
flow main { both = old join new on id }
""",
    good="""
record Note { id: str @key, text: str }
table old: Note = [{ id: "a", text: "x" }]
table new: Note = [{ id: "a", text: "y" }]
flow main {
  before = old select { id: id, before: text }
  both = before join new on id
}
""",
)


def join_types(name: Name, left: str, right: str, places: tuple[Span, Span]) -> Diagnostic:
    """The field has different types on the two sides."""
    return JOIN.at(
        name.span,
        f"`{name.text}` is `{left}` on the left and `{right}` on the right",
        "equal values of these types cannot be found",
        also=((places[0], "left"), (places[1], "right")),
        help="turn one into the other's type with `select`",
    )


def join_clash(place: Span, names: Iterable[str], places: tuple[Span, Span]) -> Diagnostic:
    """Fields that are not joined on have the same names."""
    listed = tuple(names)
    return JOIN.at(
        place,
        f"both tables have {_listed(listed)}",
        "which one would the result have?",
        also=((places[0], "left"), (places[1], "right")),
        help="rename it on one side with `select`, or join on it too",
    )


UNION = register(
    "APWA462",
    "tables of a union have different records",
    explanation="""
The rows of a union follow each other in one table, so they must have the same fields of the same types.
""",
    fix="Make the records equal with `select`.",
    bad="""
record Note { id: str }
record Text { text: str }
table notes: Note = [{ id: "a" }]
table texts: Text = [{ text: "x" }]
flow main { all = union(notes, texts) }
""",
    good="""
record Note { id: str }
record Text { text: str }
table notes: Note = [{ id: "a" }]
table texts: Text = [{ text: "x" }]
flow main {
  named = texts select { id: text }
  all = union(notes, named)
}
""",
)


def union_differs(name: Name, first: Name, why: str, places: tuple[Span, Span]) -> Diagnostic:
    """``name`` has other rows than ``first``, as ``why`` says."""
    return UNION.at(
        name.span,
        f"`{name.text}` and `{first.text}` have different records: {why}",
        also=((places[1], f"`{first.text}`"), (places[0], f"`{name.text}`")),
        help="make the records equal with `select`",
    )


SAVE = register(
    "APWA464",
    "a table cannot be saved under this path",
    explanation="""
The format comes from the suffix: `.parquet .jsonl .csv .tsv .json .arrow`; a path that ends in `/` takes parts, one
Parquet file each. The path may use program parameters only.
""",
    fix="Give the path one of these suffixes.",
    bad=_NOTES + 'flow main { save notes to "out/notes.xls" }',
    good=_NOTES + 'flow main { save notes to "out/notes.csv" }',
)


def save_format(place: Span, suffix: str, known: Iterable[str]) -> Diagnostic:
    """``suffix`` is no format's."""
    formats = tuple(known)
    near = did_you_mean(suffix, formats)
    shown = f"`{suffix}` is no format's suffix" if suffix else "the path has no suffix"
    return SAVE.at(
        place,
        f"the format to save in is not known: {shown}",
        help=f"did you mean `{near}`?" if near else f"end the path in one of {_listed(formats)}, or in `/` for parts",
    )


def save_empty(place: Span) -> Diagnostic:
    """The path is empty."""
    return SAVE.at(place, "the path is empty", help='write a path, such as `"out/notes.jsonl"`')


LIMITS = register(
    "APWA465",
    "a count is not a whole number",
    explanation="""
`repeat max n` takes a whole number of at least 1, written out, so a program always ends; `limit n` one of at least
0.
""",
    fix="Write such a number.",
    bad=_NOTES + "flow main { few = notes limit -1 }",
    good=_NOTES + "flow main { few = notes limit 1 }",
)


def repeat_limit(place: Span) -> Diagnostic:
    """The limit of a ``repeat`` is no number of at least 1."""
    return LIMITS.at(place, "`max` takes a whole number of at least 1", "not such a number")


def negative_limit(place: Span) -> Diagnostic:
    """The count of a ``limit`` is below zero."""
    return LIMITS.at(place, "`limit` takes a whole number of at least 0", "not such a number")


AFTER_ITSELF = register(
    "APWA466",
    "`after` names what comes with the statement itself",
    explanation="""
`after x` lets a statement wait for the statement that assigns `x`, for the sake of files that both touch. Tables of
the program are there from the start, so there is nothing to wait for.
""",
    fix="Name a result of a statement above, or remove `after`.",
    bad=_NOTES + 'flow main { long = notes where words > 2 save long to "long.csv" after notes }',
    good=_NOTES + 'flow main { long = notes where words > 2 save long to "long.csv" }',
)


def after_table(name: Name, declared: Span) -> Diagnostic:
    """``name`` is a table of the program."""
    return AFTER_ITSELF.at(
        name.span,
        f"`{name.text}` is a table of the program: it is there from the start",
        "nothing to wait for",
        also=((declared, "declared here"),),
        help="name a result of this flow, or remove `after`",
    )


TEST_CALL = register(
    "APWA467",
    "a test uses a name twice",
    explanation="Each name of a test is given once, and each model mocked once.",
    fix="Use another name.",
    bad="""
task double(n: int) -> int { return: n + n }
test "doubles" { got = double(2) got = double(3) expect got == 6 }
""",
    good="""
task double(n: int) -> int { return: n + n }
test "doubles" { four = double(2) got = double(3) expect got == 6 and four == 4 }
""",
)


def test_name_twice(name: Name, first: Span) -> Diagnostic:
    """``name`` is given, or mocked, at ``first`` already."""
    return TEST_CALL.at(
        name.span,
        f"`{name.text}` is used twice in this test",
        "again here",
        also=((first, "first here"),),
        help="use another name",
    )
