"""What is secret is followed from its field to prompts, paths and files, through every kind of step and call."""

from __future__ import annotations

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.model import Severity
from apwa_lang.diagnostics.render.text import render
from apwa_lang.lint.selection import Selection
from apwa_lang.syntax.source import Source

PATIENTS = """
record Person { name: str, mail: str @secret }
record Patient { id: str @key, ward: str, text: str, phone: str @secret, doctor: Person }
record Open { id: str, ward: str, text: str, phone: str, doctor: Person }
table patients: Patient = read "patients.jsonl"
model server { provider: "openai"  name: "m"  base_url: env("LLM_URL") }
split each = patients by row
split tens = patients by chunk(10)
split wards = patients by group(ward)
split pieces = patients by tokens(phone, 10)
task ask(it: str) -> str { model: server  prompt: "Who is {{ it }}?" }
task ask_all(of: list[str]) -> str { model: server  prompt: "Who are {% for one in of %}{{ one }}{% endfor %}?" }
task ask_open(one: Open) -> str { model: server  prompt: "Who is {{ one.phone }}?" }
task ask_ward(one: Open) -> str { model: server  prompt: "What is {{ one.ward }}?" }
task put(it: str) -> int { return: 1  writes: "out/{{ it | key }}.json"  idempotent: true }
task low(it: str) -> str { return: lower(it) }
task size(it: str) -> int { return: len(it) }
task same(one: Patient) -> Patient { return: one  writes: "out/{{ one.id | key }}.json" }
"""


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        # Into prompts.
        ("a = map ask(phone) over each", ["APWA540"]),
        ('a = map ask("at " + lower(phone)) over each', ["APWA540"]),
        ("a = map ask(doctor.mail) over each", ["APWA540"]),
        ("a = map ask_all(rows.phone) over tens", ["APWA540"]),
        ("a = map ask_all(rows.phone) over wards", ["APWA540"]),
        ("a = map ask(text) over pieces", ["APWA540"]),
        ("a = map ask_open over each", ["APWA540"]),
        ("a = map ask_ward over each", []),
        ("a = map ask(text) over each", []),
        ("a = map ask(doctor.name) over each", []),
        ("a = map ask(str(len(phone))) over each", []),
        # Through other steps.
        ("a = map low(phone) over each  split s = a by row  b = map ask(value) over s", ["APWA540"]),
        ("a = patients select { id: id, tel: phone }  split s = a by row  b = map ask(tel) over s", ["APWA540"]),
        ("a = patients where len(text) > 3  split s = a by row  b = map ask(phone) over s", ["APWA540"]),
        ("a = patients select { id: id, text: text }  split s = a by row  b = map ask(text) over s", []),
        # Into paths.
        ("a = map put(phone) over each", ["APWA541"]),
        ("a = map put(id) over each", []),
        # Into files.
        ('save patients to "o.jsonl"', ["APWA542"]),
        ('a = patients select { id: id, tel: upper(phone) }  save a to "o.jsonl"', ["APWA542"]),
        ('a = map low(phone) over each keep id  save a to "o.jsonl"', ["APWA542"]),
        ('a = map size(phone) over each keep phone  save a to "o.jsonl"', ["APWA542"]),
        ('a = reduce phone over patients by concat group ward  save a to "o.jsonl"', ["APWA542"]),
        ("a = map same over each", ["APWA542"]),
        ('a = map size(phone) over each keep id  save a to "o.jsonl"', []),
        ('a = patients select { id: id, last: slice(phone, 0, 2), of: len(phone) }  save a to "o.jsonl"', []),
        ('a = reduce over patients by count group ward  save a to "o.jsonl"', []),
    ],
)
def test_secrets_are_followed(statements: str, found: list[str]) -> None:
    selection = Selection(select=("APWA54",))
    diagnostics = check(Source(f"{PATIENTS}\nflow main {{ {statements} }}"), lint=selection).diagnostics
    assert not [one for one in diagnostics if one.severity is Severity.ERROR], render(diagnostics)
    assert [one.code for one in diagnostics] == found
