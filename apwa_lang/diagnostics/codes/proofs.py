"""Findings of the prover: APWA301 to APWA349.

In: the parties of a claim that does not hold, and what is shown of it. Out: its diagnostic.
"""

from __future__ import annotations

from dataclasses import dataclass

from apwa_lang.diagnostics.model import Diagnostic, Fix
from apwa_lang.diagnostics.registry import Code, register
from apwa_lang.syntax.source import Span


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands below a message: ``why`` at ``span``, the other places, the rows that meet.

    With each of the texts in ``proved`` the claim holds; ``fix`` is the first of them. ``advice`` is for want of any.
    """

    span: Span
    why: str
    also: tuple[tuple[Span, str], ...]
    facts: tuple[str, ...]
    proved: tuple[str, ...]
    advice: str
    fix: Fix | None


def _diagnostic(code: Code, message: str, shown: Shown) -> Diagnostic:
    match shown.proved:
        case ():
            help = shown.advice
        case (one,):
            help = f"{one} is proved"
        case (one, other, *_):
            help = f"{one} is proved; so is {other}"
    return code.at(shown.span, message, shown.why, also=shown.also, facts=shown.facts, help=help, fix=shown.fix)


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


def same_file(who: str, shown: Shown) -> Diagnostic:
    """``who`` (two sub-problems, or two calls of a merge) write one path."""
    return _diagnostic(SAME_FILE, f"{who} can write the same file", shown)


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


def unordered(who: str, shown: Shown) -> Diagnostic:
    """``who``, two steps, may run at the same time and write one path."""
    return _diagnostic(UNORDERED, f"{who} can write the same file at the same time", shown)


def unordered_read(writer: str, reading: str, shown: Shown) -> Diagnostic:
    """Step ``writer`` may run while another step is ``reading`` what it writes."""
    return _diagnostic(UNORDERED, f"{writer} can write a file while {reading}", shown)


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


def tree(who: str, shown: Shown) -> Diagnostic:
    """``who`` (two sub-problems, or two steps) touch a folder and what lies in it."""
    return _diagnostic(TREE, f"{who} can touch a folder and what lies in it at the same time", shown)


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


def read_write(who: str, shown: Shown) -> Diagnostic:
    """Of ``who``, two sub-problems of one task, one may read the file that the other writes."""
    return _diagnostic(READ_WRITE, f"of {who}, one can read what the other writes", shown)


UNDECIDED = register(
    "APWA305",
    "cannot tell whether two sub-problems touch the same file",
    explanation="""
Paths that are made of the rows of a table are compared before the first sub-problem starts, even where the prover
finds neither a proof nor two rows that meet. This path is not known so early: it is made of what the calls of a merge
are given, or of what a model calls a tool with. So a clash would show only when files have been written.
""",
    fix="""
Merge `by fold`: its calls follow each other. Or write the file elsewhere: the merged rows in a `map` over them, a
tool's result in the task that knows the row. Or say why the paths never meet, `trust: "…"` in the task; or that equal
paths mean equal bytes, `idempotent: true`: then the first write of a path wins, and the others must agree with it.
""",
    bad=_RECORD
    + """
task longest(parts: list[Note]) -> Note {
  return: parts[0]
  writes: ["out/{{ parts | length }}.json"]
}
flow main {
  note = reduce longest over notes by tree(8)
  save note to "note.jsonl"
}
""",
    good=_RECORD
    + """
task longest(parts: list[Note]) -> Note {
  return: parts[0]
  writes: ["out/{{ parts | length }}.json"]
}
flow main {
  note = reduce longest over notes by fold
  save note to "note.jsonl"
}
""",
)


def undecided(who: str, shown: Shown) -> Diagnostic:
    """Whether ``who`` (two sub-problems, or two steps) meet is not known."""
    return _diagnostic(UNDECIDED, f"cannot tell whether {who} touch the same file", shown)
