"""Findings about `map` and calls of tasks: APWA454 to APWA456.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

_NOTES = """
record Note { id: str @key, ward: str, words: int }
table notes: Note = [{ id: "a", ward: "1", words: 3 }]
split each = notes by row
"""
_COPY = _NOTES + "task copy(note: Note) -> Note { return: note }\n"
_COUNT = _NOTES + "task count(id: str, words: int) -> int { return: len(id) + words }\n"


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
    place: Span, task: str, missing: Iterable[str], declared: Span, parameters: Iterable[str], fix: Fix | None = None
) -> Diagnostic:
    """``missing`` parameters get no argument."""
    names = tuple(missing)
    return TASK_ARGUMENTS.at(
        place,
        f"`{task}` gets no argument for {listed(names)}",
        f"without {listed(names)}",
        also=((declared, f"takes {_signature(parameters)}"),),
        help=f"write `{task}({_signature(parameters)})`" + (" with a value for each" if fix is None else ""),
        fix=fix,
    )


def swapped_arguments(place: Span, task: str, order: str, parameters: Sequence[Span]) -> Diagnostic:
    """The arguments at ``place`` fit the ``parameters`` in another ``order``."""
    return TASK_ARGUMENTS.at(
        place,
        f"`{task}` takes these arguments in another order",
        "each is of another type than its parameter",
        also=((parameters[0].to(parameters[-1]), "the parameters"),),
        help=f"write `{order}`",
        fix=Fix(f"write `{order}`", (Edit(place, order),), safe=False),
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
        help=suggestion(name.text, known) or (f"parameters are {listed(known)}" if known else None),
        fix=respelling(name.span, name.text, known),
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


def several_parameters(
    place: Span, task: str, parameters: Iterable[str], fields: Iterable[str], declared: Span
) -> Diagnostic:
    """The task is mapped without arguments but does not take exactly one; ``fields`` are the sub-problem's."""
    names = tuple(parameters)
    takes = f"takes {listed(names)}" if names else "takes no argument"
    return TASK_ARGUMENTS.at(
        place,
        f"`{task}` cannot take a whole sub-problem: it {takes}",
        "mapped without arguments",
        also=((declared, "declared here"),),
        help=f"name the arguments: `map {task}({_signature(names)}) over …`",
        fix=_named(place, names) if names and set(names) <= set(fields) else None,
    )


def _named(task: Span, names: Iterable[str]) -> Fix:
    arguments = f"({_signature(names)})"
    return Fix(f"write `{task.text}{arguments}`", (Edit(Span(task.source, task.end, task.end), arguments),), safe=False)


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
    place: Span, parameter: Name, wanted: str, found: str, fields: Iterable[str], split: Span
) -> Diagnostic:
    """The task at ``place`` wants ``wanted`` as its ``parameter``, the split gives ``found`` with ``fields``."""
    names, task = tuple(fields), place.text
    return SUBPROBLEM_TYPE.at(
        place,
        f"`{task}` takes `{wanted}`, not a sub-problem of this split",
        f"each sub-problem has {listed(names)}",
        also=((parameter.span, f"takes `{wanted}`"), (split, f"gives `{found}`")),
        help=f"name the argument: `map {task}(…) over …` with one of {listed(names)}",
        fix=_named(place, (parameter.text,)) if parameter.text in names else None,
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
        help=suggestion(name.text, names) or (f"one can keep {listed(names)}" if names else None),
        fix=respelling(name.span, name.text, names),
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
