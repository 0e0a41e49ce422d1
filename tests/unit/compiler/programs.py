"""Program texts for tests, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from apwa_compiler.build import build_plan
from apwa_compiler.plan import Plan
from apwa_lang.check import check
from apwa_lang.diagnostics.model import Severity
from apwa_lang.semantics.program import Program
from apwa_lang.syntax.source import Source

FIRST_PAGE = '''
param style: "short" | "full" = "short"

record Note {
  id:    str @key @pattern("[A-Z0-9]{8}")
  ward:  str
  ## The free text, as dictated.
  text:  str
  taken: datetime?
}

record Span      { kind: "name" | "email" | "phone", value: str }
record Redaction { text: str, found: list[Span] }
record Digest    { summary: str }

table notes: Note = read "data/notes.jsonl"

model small {
  provider: "openai"
  name: "smollm2"
  base_url: env("LLM_URL")
  api_key: secret("LLM_KEY")
  concurrency: 256
  rate: 600 per 1m
  price: { input: 0.15, output: 0.60 }
}

task redact(note: Note) -> Redaction {
  model: small
  prompt: """
    Replace every piece of personal data in the note by its kind in brackets.
    Note: {{ note.text }}
  """
  ensure: "@" not in result.text
  retry: 3
  timeout: 30s
  on_error: quarantine
}

task digest(ward: str, notes: list[Note]) -> Digest {
  model: small
  prompt: """Summarise in {{ style }} form: {% for n in notes %}- {{ n.text }}{% endfor %}"""
}

task merge(parts: list[Digest]) -> Digest { model: small prompt: """Merge: {{ parts | json }}""" }

split per_note = notes by row
split per_ward = notes by group(ward)

flow main {
  clean   = map redact over per_note keep id, ward
  digests = map digest(ward, rows) over per_ward
  week    = reduce merge over digests by tree(8)
  save clean to "out/clean.parquet"
  save week  to "out/week.jsonl"
}
'''

COUNTS = """
record Count { id: str @key, words: int }
table counts: Count = [{ id: "a", words: 3 }, { id: "b", words: 5 }]
task grow(count: Count) -> Count { return: Count { id: count.id, words: count.words + 1 } }
split each = counts by row
"""


def program(text: str, file: Path = Path("/project/program.apwa")) -> Program:
    """The program of a text that has no errors."""
    checked = check(Source(text, file.name, file))
    errors = [finding.message for finding in checked.diagnostics if finding.severity is Severity.ERROR]
    assert not errors, errors
    assert checked.program is not None
    return checked.program


def plan(text: str, flow: str | None = None, params: Mapping[str, object] | None = None) -> Plan:
    """The plan of a flow of a program text, before any pass."""
    return build_plan(program(text), flow, params or {})
