"""Slips of the pen in a program that is right: the fix of what is found gives that program again."""

from __future__ import annotations

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.fixes import mend
from apwa_lang.syntax.source import Source

PROGRAM = '''
record Note {
  id: str @key
  ward: str
  text: str
}
record Summary { text: str  kind: "short" | "long" }

table notes: Note = read "notes.csv" as csv(delimiter: ";")
table kinds: Summary = [{ text: "a", kind: "short" }]
model small { provider: "openai"  name: "m" }
tool find = search(notes)

task summarise(note: Note) -> Summary {
  model: small
  prompt: """
    Summarise {{ note.text | upper }} {% if note.text is string %}now{% endif %}
  """
  tools: [find]
  timeout: 30s
  on_error: skip
  cache: off
  ensure: result.text != "" and (result.kind == "long" or len(result.text) < 100)
  writes: "out/{{ note.id }}.json"
}
task size(ward: str, rows: list[Note]) -> int { return: len(rows) }
task shout(text: str) -> str { return: upper(text) }

split each = notes by row
split wards = notes by group(ward)
flow main {
  long = notes where text == ""
  summaries = map summarise over each keep id
  sizes = map size(ward, rows) over wards keep ward
  loud = map shout(text) over each
  total = reduce value over sizes by sum
  sorted = summaries sort by text
  save sorted to "sorted.jsonl"
}
'''


def findings(source: Source) -> tuple[object, ...]:
    return check(source).diagnostics


def test_the_program_is_right() -> None:
    assert findings(Source(PROGRAM, "main.apwa")) == ()


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("ward: str\n", "ward: strr\n"),
        ("@key", "@kye"),
        ("notes: Note", "notes: Noet"),
        ("as csv", "as cvs"),
        ("delimiter", "delimeter"),
        ('kind: "short" }', 'knd: "short" }'),
        ('kind: "short" }', 'kind: "shrot" }'),
        ("= search", "= serch"),
        ("model: small", "model: smal"),
        ("model: small", 'model: "small"'),
        ("prompt:", "promt:"),
        ("note.text |", "note.txt |"),
        ("note.text |", "nott.text |"),
        ("| upper", "| uper"),
        ("is string", "is strng"),
        ("[find]", "[fidn]"),
        ("timeout: 30s", "timeout: 30"),
        ("timeout: 30s", 'timeout: "30s"'),
        ("skip", "skp"),
        ("result.kind == ", "result.kind = "),
        ("text == ", "text = "),
        ("len(rows)", "lenn(rows)"),
        ("len(rows)", "len(row)"),
        (") -> int", ") > int"),
        (") -> int", ") int"),
        ("each = notes", "each notes"),
        ("id: str", "id str"),
        ("= notes by row", "= notes by rows"),
        ("= notes by row", "= note by row"),
        ("by group(ward)", "by group(wrad)"),
        ("map summarise", "map sumarise"),
        ("size(ward, rows) over", "size over"),
        ("shout(text) over", "shout over"),
        ("over wards", "over wrds"),
        ("keep id", "keep idd"),
        ("reduce value", "reduce valeu"),
        ("by sum", "by summ"),
        ("sort by text", "sort by txt"),
        ("save sorted", "save srted"),
    ],
)
def test_a_slip_is_mended(right: str, wrong: str) -> None:
    broken = PROGRAM.replace(right, wrong, 1)
    assert broken != PROGRAM
    mended, fixed = mend(Source(broken, "main.apwa"), lambda source: check(source).diagnostics, unsafe=True)
    assert (mended.text, fixed) == (PROGRAM, 1)
