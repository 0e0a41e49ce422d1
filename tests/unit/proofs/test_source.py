"""Claims about programs as they are written."""

from __future__ import annotations

from apwa_lang.proofs import Claim, decide
from apwa_lang.semantics.analysis import analyse
from apwa_lang.syntax.source import Source

NOTES = """
record Note { id: str @unique, author: str @key, title: str @key }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
"""


def claims_of(text: str) -> dict[tuple[str, str], Claim]:
    analysis = analyse(Source(NOTES + text))
    assert not [found for found in analysis.diagnostics if not found.code.startswith("APWA3")]
    assert analysis.program is not None
    return {(claim.step_a, claim.step_b): claim for claim in decide(analysis.program)[0]}


def test_the_fix_of_the_design_mends_the_program() -> None:
    text = (
        NOTES
        + """
task publish(note: Note) -> str {
  return: note.title
  writes: ["out/{{ note.author }}-{{ note.title }}.md"]
}
flow main { pages = map publish over per_note }
"""
    )
    program = analyse(Source(text)).program
    assert program is not None
    (found,) = decide(program)[1]
    assert found.primary.span.text == "{{ note.author }}-{{ note.title }}"
    assert found.fix is not None
    for edit in sorted(found.fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert 'writes: ["out/{{ note.author | key }}-{{ note.title | key }}.md"]' in text
    mended = analyse(Source(text)).program
    assert mended is not None
    assert decide(mended)[1] == ()


def test_a_key_survives_what_keeps_rows_single() -> None:
    claims = claims_of("""
param fast: bool = true
task quiet(note: Note) -> str { return: note.title }
task log(author: str, title: str) -> str { return: title  writes: ["log/{{ author | key }}-{{ title }}"] }
task put(note: Note) -> str { return: note.title  writes: ["put/{{ note.author | key }}-{{ note.title }}"] }
flow main {
  some = notes where author != "x"
  clean = map quiet over per_note keep author, title
  if (fast) { a = map quiet over per_note keep author, title } else { a = map quiet over per_note keep author, title }
  all = union(notes, some)
  split s = some by row
  split c = clean by row
  split m = a by row
  split u = all by row
  w = map put over s
  x = map log(author, title) over c after w
  y = map log(author, title) over m after x
  z = map put over u after y
}
""")
    verdicts = {name: str(claims[name, name].verdict) for name in "wxyz"}
    assert verdicts == {"w": "proved", "x": "proved", "y": "proved", "z": "refuted"}
    assert {claims[pair].rule for pair in (("w", "z"), ("x", "y"), ("y", "z"))} == {"P2"}


def test_pieces_and_groups() -> None:
    claims = claims_of("""
task piece(row: Note, index: int) -> str {
  return: row.title
  writes: ["pieces/{{ row.author | key }}-{{ row.title | key }}/{{ index }}.md"]
}
task author(author: str, rows: list[Note]) -> str { return: author  writes: ["authors/{{ author }}.md"] }
split pieces = notes by tokens(title, 100, 10)
split authors = notes by group(author)
flow main {
  p = map piece(row, index) over pieces
  a = map author(author, rows) over authors
}
""")
    assert {str(claim.verdict) for claim in claims.values()} == {"proved"}
    assert (claims["p", "p"].rule, claims["a", "a"].rule, claims["p", "a"].rule) == ("P5", "P5", "P4")
