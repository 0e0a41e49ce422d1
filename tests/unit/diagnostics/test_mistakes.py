"""Slips of the pen in a program that is right: the fix of what is found gives that program again."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.fixes import mend
from apwa_lang.diagnostics.model import Diagnostic
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


DECLARED = """
record Note { id: str @key  text: str  by: str? }
table notes: Note = read "notes.csv"
table more: Note = read "more.csv"
task size(note: Note) -> int { return: len(note.text) }
"""


def findings_of(source: Source) -> tuple[Diagnostic, ...]:
    return check(source).diagnostics


def test_the_program_is_right() -> None:
    assert findings_of(Source(PROGRAM, "main.apwa")) == ()


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
        ("timeout: 30s", "timeout: 30sec"),
        ("split wards =", "split each ="),
        ("record Summary", "record Note"),
        ("task shout", "task size"),
        ("timeout: 30s", "timeout: 30 seconds"),
        ("timeout: 30s", "timeout: 30s;"),
        ('"sorted.jsonl"', "'sorted.jsonl'"),
        ('"sorted.jsonl"', "`sorted.jsonl`"),
        ('"sorted.jsonl"', "“sorted.jsonl”"),
        ('"sorted.jsonl"', "sorted.jsonl"),
        ('"sorted.jsonl"', 'f"sorted.jsonl"'),
        ("!=", "<>"),
        ("!=", "!=="),
        (" and (", " && ("),
        (" or len", " || len"),
        (") -> Summary", ") => Summary"),
        ("{{ note.id }}", "{note.id}"),
        ("{{ note.id }}", "${note.id}"),
        ("record Note", "class Note"),
        ("task size", "def size"),
        ("flow main", "workflow main"),
        ("id: str @key", "id: str key"),
        ("list[Note]", "Note[]"),
        ("list[Note]", "List[Note]"),
        ("ward: str\n", "ward: string\n"),
        ("notes: Note", "notes"),
        ("by group(ward)", "by group ward"),
        ("by group(ward)", "group by ward"),
        ("keep ward", "keep [ward]"),
        ("where", "filter"),
        ("long =", "let long ="),
        ("long =", "long :="),
        ('"short" | "long"', 'enum("short", "long")'),
        ('save sorted to "sorted.jsonl"', 'save(sorted, "sorted.jsonl")'),
        ('read "notes.csv"', 'read("notes.csv")'),
        ("upper(text)", "text.upper()"),
        ("on_error: skip", "on_error: ignore"),
        ("cache: off", "cache: false"),
        ('name: "m"', "name: m"),
        ("note.text |", "text |"),
        ('.id }}.json"\n}', '.id }}.json"'),
        ("len(result.text) <", "result.text <"),
        ("< 100", '< "100"'),
        ("size(ward, rows)", "size(rows, ward)"),
        ("size(ward, rows)", "size(ward)"),
        ("size(ward, rows)", "size(rows)"),
        ("over each keep", "over notes keep"),
        ("where text ==", "where note.text =="),
        ('text == ""', 'txt == ""'),
        ("notes by group(ward)", "notes by group(word)"),
        ('"sorted.jsonl"', '"sorted.jsnl"'),
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
    mended, fixed = mend(Source(broken, "main.apwa"), findings_of, unsafe=True)
    assert (mended.text, fixed) == (PROGRAM, 1)


@pytest.mark.parametrize("wrong", ["lib/pi.apwa", "libs/pii.apwa", "pii.apwa", "lib/pii", "/lib/pii.apwa"])
def test_a_file_that_is_there_is_imported(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "pii.apwa").write_text("record Note { id: str @key }\n")
    right = 'import "lib/pii.apwa" as pii\ntable notes: pii.Note = read "notes.csv"\n'
    source = Source(right.replace("lib/pii.apwa", wrong), "main.apwa", tmp_path / "main.apwa")
    assert mend(source, findings_of, unsafe=True)[0].text == right


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("split all = notes by chunk", "split all = notes by chunk(100)"),
        ("split all = notes by chunk(size: 5)", "split all = notes by chunk(n: 5)"),
        ('split all = notes by chunk("5")', "split all = notes by chunk(5)"),
        ("split all = notes by tokens(text)", "split all = notes by tokens(text, 1000, 100)"),
        ("flow main { x = map size over notes }", "flow main { split each = notes by row\nx = map size over each }"),
        (
            'flow main { save notes to "a.csv"  save more to "a.csv" }',
            'flow main { save notes to "a.csv"  save more to "more.csv" }',
        ),
        ("task f(n: Note) -> int { return: len(n.by) }", 'task f(n: Note) -> int { return: len(default(n.by, "")) }'),
        (
            'task f(text: str) -> Note { return: { id: "a" } }',
            'task f(text: str) -> Note { return: { id: "a", text: text } }',
        ),
        ("flow main { x = reduce text over notes by sum }", "flow main { x = reduce text over notes by count }"),
        (
            'model m { provider: "openai" name: "m" api_key: "sk" }',
            'model m { provider: "openai" name: "m" api_key: secret("M_KEY") }',
        ),
        (
            'model m { provider: "openai" name: "m" base_url: env(URL) }',
            'model m { provider: "openai" name: "m" base_url: env("URL") }',
        ),
        (
            'model m { provider: "openai" name: "m" url: "http://h" }',
            'model m { provider: "openai" name: "m" base_url: "http://h" }',
        ),
        (
            "task f(n: Note) -> bool { return: true } // what it says",
            "task f(n: Note) -> bool { return: true } # what it says",
        ),
        ("/* one\n * two */", "# one\n# two"),
        ("param limit = 400", "param limit: int = 400"),
        ('model m { "provider": "local", }', 'model m { provider: "local", }'),
        (
            "task f(n: Note) -> Note { return: Note(id: n.id, text: n.text) }",
            "task f(n: Note) -> Note { return: Note { id: n.id, text: n.text } }",
        ),
        ("task f(n: Note) -> bool { return: True }", "task f(n: Note) -> bool { return: true }"),
        ('table old: Note = read "old.pq"', 'table old: Note = read "old.parquet"'),
    ],
)
def test_what_is_meant_is_written(wrong: str, right: str) -> None:
    mended, _ = mend(Source(DECLARED + wrong, "main.apwa"), findings_of, unsafe=True)
    assert mended.text == DECLARED + right
    assert findings_of(mended) == ()


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('api_key: "sk"', 'api_key: secret("M_KEY")'),
        ("base_url: env(URL)", 'base_url: env("URL")'),
        ('url: "http://h"', 'base_url: "http://h"'),
        ("temperature: 0.5  apikey: secret(KEY)", 'temperature: 0.5  api_key: secret("KEY")'),
    ],
)
def test_a_setting_of_a_model_is_mended(wrong: str, right: str) -> None:
    model = 'model m { provider: "openai"  name: "m"  %s }'
    mended, _ = mend(Source(model % wrong, "main.apwa"), findings_of, unsafe=True)
    assert mended.text == model % right
    assert findings_of(mended) == ()
