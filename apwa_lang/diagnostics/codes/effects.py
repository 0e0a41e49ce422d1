"""Findings about declared effects: APWA425 and APWA426.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

EFFECT = register(
    "APWA425",
    "an effect is malformed",
    explanation="""
`reads` and `writes` take path templates: one, a list, or `{ name: "path" }`; `network` takes hosts or URLs,
`secrets` names of environment variables, `reduces` paths with `sum`, `count`, `min`, `max`, `union` or `log`. `**`
stands only at the end, for a whole tree: `"out/{{ note.id }}/**"`.
""",
    fix="Write the effect in one of these forms.",
    bad="task copy(id: str) -> str { return: id  writes: 3 }",
    good='task copy(id: str) -> str { return: id  writes: "out/{{ id | key }}.json" }',
)


def bad_effect(place: Span, setting: str, wanted: str) -> Diagnostic:
    """``wanted`` says in a noun phrase what ``setting`` takes."""
    return EFFECT.at(place, f"`{setting}` takes {wanted}", f"not {wanted}")


def empty_effect(place: Span, setting: str) -> Diagnostic:
    """A path or name that is empty."""
    return EFFECT.at(place, f"`{setting}` names nothing here", "empty")


def stars(place: Span) -> Diagnostic:
    """``*`` elsewhere than in a last ``/**``."""
    return EFFECT.at(
        place,
        "`*` stands only at the end of a path, as `/**`",
        help='name the tree: `"dir/**"`, or the file: `"dir/{{ id }}.txt"`',
    )


def not_a_file(place: Span, why: str) -> Diagnostic:
    """A path that can never be that of a file; ``why`` in a few words."""
    return EFFECT.at(
        place,
        "this path is not that of a file",
        why,
        help='name the file itself, relative to the program\'s folder: `"out/{{ id | key }}.txt"`',
    )


def repeated_label(name: Name, first: Span) -> Diagnostic:
    """Two effects share the name that the body knows them by."""
    return EFFECT.at(
        name.span,
        f"two effects are called `{name.text}`",
        "again here",
        also=((first, "first here"),),
        help="rename one: the body knows its files by these names",
    )


EFFECT_OF_BODY = register(
    "APWA426",
    "an effect that this kind of body cannot have",
    explanation="""
`prompt` and `return` bodies read no files, and what they write is their result. A `python`, `torch` or `shell` body
is handed its files by name, in a folder of its own, so each has a name: `writes: { page: "out/{{ note.id }}.md" }`.
""",
    fix="Name the file, or remove the effect.",
    bad="""
task copy(id: str) -> str { python: "pages:copy"  writes: "out/{{ id | key }}.txt" }
""",
    good="""
task copy(id: str) -> str { python: "pages:copy"  writes: { page: "out/{{ id | key }}.txt" } }
""",
)


def reads_nothing(place: Span, body: Name) -> Diagnostic:
    """``reads`` beside a body that cannot read."""
    return EFFECT_OF_BODY.at(
        place,
        f"a `{body.text}` body reads no files",
        also=((body.span, f"this is a `{body.text}` body"),),
        help="pass what it needs as an argument",
    )


def needs_label(place: Span, setting: str, body: Name) -> Diagnostic:
    """A path without a name beside a body that needs one."""
    return EFFECT_OF_BODY.at(
        place,
        f"a `{body.text}` body needs a name for each path of `{setting}`",
        "which name does the body know it by?",
        also=((body.span, f"this is a `{body.text}` body"),),
        help=f"write `{setting}: {{ page: {place.text} }}`" if "\n" not in place.text else None,
    )


def label_unused(name: Name, body: Name) -> Diagnostic:
    """A named path beside a body that knows no names."""
    return EFFECT_OF_BODY.at(
        name.span,
        f"a `{body.text}` body knows no file by the name `{name.text}`",
        also=((body.span, f"this is a `{body.text}` body"),),
        help="write the path alone: the result itself is written there",
    )
