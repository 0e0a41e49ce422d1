"""A program in two files that uses every kind of name in every way it can be used."""

from __future__ import annotations

from pathlib import Path

from apwa_lang.check import Checked, check
from apwa_lang.semantics.uses import Declaration
from apwa_lang.syntax.source import Source

MAIN = '''
import "lib.apwa" as lib
param style: "short" | "full" = "short"
param most: int = 10
record Span { kind: "name" | "place"  value: str  start: int }
record Note { id: str @key  text: str  ward: str  size: int = 1  spans: list[Span]  more: json  first: Span? }
record Clean { text: str  found: list[str]  best: Span? }
record Row { text: str  id: str }
record Cat { name: str  lives: int }
record Dog { name: str  tricks: list[str] }
table notes: Note = read "notes.jsonl"
table words: lib.Word = [{ word: "a", "rank": 1 }, { word: "b", rank: 2 }]
table papers: File = files "papers/*.txt"
table sizes: Sizes = sql "select 'a' as title, count(*) as much from notes"
record Sizes { title: str @key  much: int }
model small { provider: "local" }
model large { provider: "local" }
tool look(word: str, deep: bool) -> json { python: "tools:look"  network: "{{ word }}.org" }
tool ask = query(notes, words, rows: 5)
task clean(note: Note) -> Clean {
  route: { small when tokens(note.text) < 800 and lib.limit > 1, large }
  system: "{{ style }} {{ lib.limit }}"
  prompt: """
    {% set length = note.text | length %}
    {% for span in note.spans if span.start < length %}
      {{ loop.index }}. {{ span.value | upper }} {{ span["kind"] }}{% if note.first %}{{ note.first.value }}{% endif %}
    {% endfor %}
    {{ note.spans | map(attribute="value") | join(", ") }} {{ note[\\"text\\"] ~ "." }}
  """
  tools: [look, ask]
  max_steps: 4
  require: len(note.spans.kind) > 0 or style == "full"
  ensure: not contains(result.text, note.id) and len(result.found) < note.size
  writes: "out/{{ note.id | key }}.json"
}
task merge(parts: list[Clean]) -> Clean { return: { text: join(parts.text, ""), found: [], best: null } }
task total(rows: list[Note], word: str) -> lib.Word { return: lib.Word { word: word, rank: len(rows) + lib.limit } }
task shout(text: str, index: int) -> str { return: choose(index > 0, upper(text), text) }
task pet(pet: Cat | Dog) -> str { return: pet.name }
task line(row: Row) -> str { return: row.text }
split each = notes by row
split wards = notes by group(ward)
split pages = notes by lines(text, 10, 2)
split spans = notes by items(spans)
split pairs = notes by cross(words)
flow main {
  cleaned = map clean over each keep id, ward
  again = map clean(note: Note { id: id, text: text, ward: ward, size: size, spans: spans, more: more, first: first })
    over each keep id
  loud = map shout(text: text, index: index) over pages keep id
  sums = map total(rows, word: ward) over wards keep ward
  both = map shout(left.text, right.rank) over pairs keep id, rank
  rows = cleaned select { text: text, "id": id, n: len(found) + most }
  split one = rows by row
  lines = map line over one keep n
  renamed = again select { id: id, other: text }
  paired = cleaned join renamed on id
  few = paired where other == "x" and len(found) > most
  sorted = few sort by other, id
  top = sorted limit most
  merged = reduce merge over cleaned by tree(4) group ward
  counted = reduce n over rows by sum group text
  same = union(cleaned, cleaned)
  if (style == "short") { part = notes where size > 1 } else { part = notes where size > 2 }
  after_all = part select { s: spans.value } after top, loud
  round = renamed select { id: id, text: other }
  repeat max 2 until (len(weak) == 0) {
    split of_round = round by row
    round = map say(text) over of_round keep id
    weak = round where text == ""
  }
  alone = lib.count(words)
  here = total(notes, "a")
  save round to "out/{{ style }}.jsonl" after alone
  save same to "out/same.jsonl"
}
record Said { text: str }
task say(text: str) -> Said { return: { text: text } }
test "cleaning" {
  mock small = { text: "a", found: [], best: null }
  mock large = { text: "a", found: [] }
  note: Note = read "note.json"
  got = clean(note: note)
  also = Clean { text: note.text, found: got.found }
  expect got.text == also.text and note.size > most
}
'''

LIB = """
param limit: int = 3
record Word { word: str @key  rank: int }
task count(words: list[Word]) -> int { return: sum(words.rank) + limit }
"""

FOLDER = Path("/project")


def every_name(main: str = MAIN, lib: str = LIB) -> Checked:
    """The program, checked."""
    return check(Source(main, "main.apwa", FOLDER / "main.apwa"), load={FOLDER / "lib.apwa": lib}.__getitem__)


def rename(checked: Checked, declaration: Declaration, name: str) -> dict[Source, str]:
    """The text of each file with a declaration, and all that must be called as it is, under another name."""
    uses = checked.uses
    spans = {use.span for same in uses.same_name(declaration) for use in uses.of(same)}
    texts: dict[Source, str] = {}
    for source in checked.program.sources:
        text = source.text
        for span in sorted((span for span in spans if span.source is source), key=lambda span: -span.start):
            assert span.text == declaration.name, (span.text, declaration)
            text = text[: span.start] + name + text[span.end :]
        texts[source] = text
    return texts


def renamable(checked: Checked) -> list[Declaration]:
    """Everything that is declared, but for columns of queries and what must be called as something built in is."""
    uses = checked.uses
    return [
        each
        for each in uses.declarations()
        if each.owner != "Sizes" and all(same.span is not None for same in uses.same_name(each))
    ]
