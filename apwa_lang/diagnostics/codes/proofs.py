"""Findings of the prover: APWA301 to APWA349.

In: the parties of a claim that does not hold, and what they share. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Sequence

from apwa_lang.diagnostics.model import Diagnostic, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.syntax.source import Span

Places = tuple[tuple[Span, str], ...]

_RECORD = """
record Note {
  id: str @key
  title: str
}
table notes: Note = read "notes.jsonl"
split per_note = notes by row
"""

SAME_FILE = register(
    "APWA301",
    "two sub-problems can write the same file",
    explanation="""
Sub-problems run at the same time and in any order, so no two of them may write one file: the result would depend on
which came last. The prover looks for two rows that the types, patterns, keys and `@unique` fields of the record allow
and whose paths are equal, and shows them. That today's data hold no such rows proves nothing: declare what is true of
the data, or let the path show what tells the rows apart.
""",
    fix="""
Put the fields that identify a sub-problem into the path. Where several texts stand in one path, write `{{ x | key }}`:
then the text between them parts them for certain.
""",
    bad=_RECORD
    + """
task publish(note: Note) -> str {
  return: note.title
  writes: ["out/{{ note.title }}.md"]
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
    good=_RECORD
    + """
task publish(note: Note) -> str {
  return: note.title
  writes: ["out/{{ note.id }}.md"]
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
)


def same_file(
    task: str,
    calls: str,
    span: Span,
    why: str,
    also: Places,
    facts: Sequence[str],
    proved: Sequence[str],
    fix: Fix | None,
) -> Diagnostic:
    """Two ``calls`` (sub-problems, or calls of a reduction) of ``task`` write one path; ``proved`` paths would hold."""
    return SAME_FILE.at(
        span,
        f"two {calls} of `{task}` can write the same file",
        why,
        also=also,
        facts=tuple(facts),
        help=_instead(proved) or "put what tells the sub-problems apart into the path",
        fix=fix,
    )


UNORDERED = register(
    "APWA302",
    "two unordered steps can touch the same file",
    explanation="""
Two steps of a flow that no path of data or `after` edges orders may run at the same time. Nothing that one of them
writes may be read or written by the other, for any of their sub-problems: also for the same one, if they share a split.
""",
    fix="""
Order the steps with `after`, let one take the other's result, or give them paths that can never be equal, such as
folders of their own.
""",
    bad=_RECORD
    + """
task publish(note: Note) -> str {
  return: note.title
  writes: ["out/{{ note.id }}.md"]
}
task index(note: Note) -> str {
  return: note.id
  writes: ["out/{{ note.id }}.md"]
}
flow main {
  pages = map publish over per_note
  entries = map index over per_note
  save pages to "pages.jsonl"
  save entries to "entries.jsonl"
}
""",
    good=_RECORD
    + """
task publish(note: Note) -> str {
  return: note.title
  writes: ["pages/{{ note.id }}.md"]
}
task index(note: Note) -> str {
  return: note.id
  writes: ["entries/{{ note.id }}.md"]
}
flow main {
  pages = map publish over per_note
  entries = map index over per_note
  save pages to "pages.jsonl"
  save entries to "entries.jsonl"
}
""",
)


def unordered(
    first: str, second: str, both_write: bool, span: Span, also: Places, facts: Sequence[str], fix: Fix | None
) -> Diagnostic:
    """Steps ``first`` and ``second`` may run at the same time and meet; ``span`` is the path of the second."""
    what = "can write the same file" if both_write else "can read and write the same file"
    return UNORDERED.at(
        span,
        f"{first} and {second} {what} at the same time",
        f"touched by {second}",
        also=also,
        facts=tuple(facts),
        help=f"{fix.title}, or use folders that differ" if fix is not None else "use folders that differ",
        fix=fix,
    )


TREE = register(
    "APWA303",
    "a folder and a file in it are touched at the same time",
    explanation="""
A path that ends in `/**`, or a `save` to a path that ends in `/`, stands for a whole folder and all that is below it.
Nothing below that folder, and no folder around it that is itself touched as a whole, may be read or written by another
sub-problem, or by another step that may run at the same time.
""",
    fix="Give each sub-problem and each step a folder of its own: put what tells them apart into the path.",
    bad=_RECORD
    + """
task publish(note: Note) -> str {
  python: "pages:publish"
  reads: { site: "site/**" }
  writes: { page: "site/{{ note.id }}.md" }
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
    good=_RECORD
    + """
task publish(note: Note) -> str {
  python: "pages:publish"
  reads: { parts: "parts/**" }
  writes: { page: "site/{{ note.id }}.md" }
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
)


def tree(
    who: str, span: Span, why: str, also: Places, facts: Sequence[str], proved: Sequence[str], fix: Fix | None
) -> Diagnostic:
    """``who`` (two sub-problems, or two steps) touch a folder and what lies in it."""
    return TREE.at(
        span,
        f"{who} can touch a folder and what lies in it at the same time",
        why,
        also=also,
        facts=tuple(facts),
        help=_instead(proved) or "use folders that do not lie in each other",
        fix=fix,
    )


READ_WRITE = register(
    "APWA304",
    "one sub-problem can read what another writes",
    explanation="""
A sub-problem that reads a file which another sub-problem of the same task writes sees it or does not, as the timing
has it. Either the file is the sub-problem's own, and its path shows which sub-problem it belongs to, or it is common to
all, and none of them writes it.
""",
    fix="Read from a folder that the task does not write to, or make the paths of both the sub-problem's own.",
    bad=_RECORD
    + """
task publish(note: Note) -> str {
  python: "pages:publish"
  reads: { draft: "out/{{ note.title | key }}.md" }
  writes: { page: "out/{{ note.id | key }}.md" }
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
    good=_RECORD
    + """
task publish(note: Note) -> str {
  python: "pages:publish"
  reads: { draft: "drafts/{{ note.title | key }}.md" }
  writes: { page: "out/{{ note.id | key }}.md" }
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
)


def read_write(task: str, calls: str, span: Span, also: Places, facts: Sequence[str]) -> Diagnostic:
    """One of the ``calls`` of ``task`` reads the file that another writes; ``span`` is the path written."""
    one = calls.removesuffix("s")
    return READ_WRITE.at(
        span,
        f"one {one} of `{task}` can read what another writes",
        f"another {one} may be reading this",
        also=also,
        facts=tuple(facts),
        help="read from a folder that the task does not write to",
    )


UNDECIDED = register(
    "APWA305",
    "cannot tell whether two sub-problems touch the same file",
    explanation="""
The prover found neither a proof that the paths differ nor two rows for which they are equal. It knows the fields of a
row, filters such as `key`, and constants; of a computed value it only knows the type. This release does not look at
the real rows before a run starts, so what is not decided here is an error.
""",
    fix="""
Show what tells the sub-problems apart as a plain field, with `| key` where it is text. If you know that the paths never
meet, say why: `trust: "…"` in the task; the report lists it.
""",
    bad=_RECORD
    + """
task publish(note: Note) -> str {
  return: note.title
  writes: ["out/{{ note.id | slugify }}.md"]
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
    good=_RECORD
    + """
task publish(note: Note) -> str {
  return: note.title
  writes: ["out/{{ note.id | key }}.md"]
}
flow main {
  pages = map publish over per_note
  save pages to "pages.jsonl"
}
""",
)


def undecided(
    who: str, span: Span, why: str, also: Places, facts: Sequence[str], proved: Sequence[str], fix: Fix | None
) -> Diagnostic:
    """Whether ``who`` (two sub-problems, or two steps) meet is not known."""
    usual = 'use a field that tells the rows apart, with `| key` if it is text, or give a reason: `trust: "…"`'
    return UNDECIDED.at(
        span,
        f"cannot tell whether {who} touch the same file",
        why,
        also=also,
        facts=tuple(facts),
        help=_instead(proved) or usual,
        fix=fix,
    )


def _instead(proved: Sequence[str]) -> str | None:
    match proved:
        case []:
            return None
        case [one]:
            return f'"{one}" is proved'
        case [one, other, *_]:
            return f'"{one}" is proved; so is "{other}"'
        case _:
            return None
