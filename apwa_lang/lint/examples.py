"""Programs that the examples of several rules share.

In: what an example is about. Out: the text of a whole program.
"""

from __future__ import annotations

from collections.abc import Iterable

NOTES = """
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split per_note = notes by row
"""
PAID = ('name: "gpt-5-mini"', 'api_key: secret("OPENAI_KEY")')
LIMITS = ("timeout: 2m", "budget: { tokens: 1_000_000 }")
SIZES = """
record Note { id: str @key, text: str }
table notes: Note = [{ id: "a", text: "b" }]
split per_note = notes by row
task size(note: Note) -> int { return: len(note.text) }
flow main { sizes = map size over per_note save sizes to "out/sizes.jsonl" }
"""


def by_server(*settings: str, model: Iterable[str] = PAID) -> str:
    """Notes summed up by a server with these settings of its ``model``, by a task with these ``settings``."""
    return f"""{NOTES}model server {{
  provider: "openai"
{_lines(model)}}}
task sum_up(note: Note) -> str {{
  model: server
  prompt: "Sum up: {{{{ note.text }}}}"
{_lines(settings)}}}
flow main {{ sums = map sum_up over per_note save sums to "out/sums.jsonl" }}
"""


def by_local(*settings: str) -> str:
    """Notes summed up by a model in the process, by a task with these settings."""
    return f"""{NOTES}model small {{ provider: "local" }}
task sum_up(note: Note) -> str {{
{_lines(settings)}}}
flow main {{ sums = map sum_up over per_note save sums to "out/sums.jsonl" }}
"""


def at(url: str, setting: str) -> tuple[str, ...]:
    """The settings of a model behind a URL."""
    return ('name: "gpt-5-mini"', f'base_url: "{url}"', setting)


def by_agent(*settings: str) -> str:
    """Prices added up by an agent with a calculator and these settings."""
    return f"""{NOTES}model small {{ provider: "local" }}
tool calculate = calculate
task sum_up(note: Note) -> str {{
  model: small
  prompt: "Add up the prices: {{{{ note.text }}}}"
  tools: [calculate]
{_lines(settings)}}}
flow main {{ sums = map sum_up over per_note save sums to "out/sums.jsonl" }}
"""


def of_sizes(*settings: str) -> str:
    """The lengths of notes, by a task with these settings."""
    return f"""{NOTES}task size(note: Note) -> int {{
  return: len(note.text)
{_lines(settings)}}}
flow main {{ sizes = map size over per_note save sizes to "out/sizes.jsonl" }}
"""


def of_passages(tokens: str, prompt: str = "Sum up in a sentence: {{ text }}") -> str:
    """A book summed up by pieces, split by ``tokens(text, …)``."""
    return f"""
record Chapter {{ id: int @key, text: str }}
table book: Chapter = read "book.jsonl"
split pieces = book by tokens(text, {tokens})
model small {{ provider: "local" }}
task sum_up(text: str) -> str {{
  model: small
  prompt: "{prompt}"
}}
flow main {{
  sums = map sum_up(text) over pieces keep id, index
  save sums to "out/sums.jsonl"
}}
"""


def _lines(settings: Iterable[str]) -> str:
    return "".join(f"  {setting}\n" for setting in settings)
