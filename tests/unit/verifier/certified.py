"""Programs as text, their certificates, and random records and path templates for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from apwa_lang.certificate import certificate
from apwa_lang.check import check
from apwa_lang.proofs import Claim
from apwa_lang.syntax.source import Source
from apwa_lang.verifier import Report, verify

Document = dict[str, Any]

FIELDS = [
    "str",
    'str @pattern("[ab]{1,2}")',
    'str @pattern("a*b?")',
    'str @pattern("(a|ab)(b|-)*")',
    'str @pattern("[^-]+")',
    'str @pattern("\\\\d+")',
    'str @pattern("^\\\\w-\\\\w$")',
    'str @pattern("(?=a)[ab]+")',
    'str @pattern("[A-Z0-9]{3}(-x{2,3}?)*")',
    'str @pattern("(?P<n>[^\\\\s/]|\\\\.\\\\x41){,2}")',
    "int @range(0, 12)",
    "int @range(-2, 2)",
    "int @range(0, 9999)",
    "int @range(-500, 70000)",
    "int",
    "bool",
    "date",
    "datetime",
    "uuid",
    "float",
    '"a" | "b-" | "0"',
    '"aa" | "a"',
    "str?",
]
ON_TEXT = [
    "key",
    "hex",
    "lower",
    "replace('a', 'b')",
    "truncate(1)",
    "truncate(length=2)",
    "string",
    "slugify",
    "sha256",
]
ON_ALL = ["key", "hex", "string", "sha256"]


@st.composite
def records(draw: st.DrawFn) -> dict[str, str]:
    """Names of fields with their types, each perhaps with `@key` or `@unique`."""
    fields = {}
    for name in "pqr"[: draw(st.integers(1, 3))]:
        type = draw(st.sampled_from(FIELDS))
        exact = not type.endswith("?") and type != "float"
        marks = (" @key" if draw(st.booleans()) else "") + (" @unique" if draw(st.integers(0, 5)) == 0 else "")
        fields[name] = type + (marks if exact else "")
    return fields


@st.composite
def paths(draw: st.DrawFn, fields: dict[str, str]) -> str:
    """A path with some of the fields in it."""
    pieces = [draw(st.sampled_from(["", "out/", "../", "x/../", "/tmp/", "./"]))]
    for _ in range(draw(st.integers(1, 3))):
        pieces.append(draw(st.sampled_from(["", "", "-", "a", "0", "/", "x/"])))
        name = draw(st.sampled_from(sorted(fields)))
        pieces.append("{{ " + " | ".join((f"note.{name}", *filters(draw, fields[name]))) + " }}")
    pieces.append(draw(st.sampled_from(["a", ".md", "-b", "z", "/**"])))
    return "".join(pieces).replace("//", "/")


def filters(draw: st.DrawFn, type: str) -> list[str]:
    if type.startswith("str?"):
        return ["default('none')", *(["key"] if draw(st.booleans()) else [])]
    if draw(st.integers(0, 2)):
        return []
    if type.startswith(("str", '"')):
        return [draw(st.sampled_from(ON_TEXT))]
    return [draw(st.sampled_from([*ON_ALL, "zfill(3)"] if type.startswith("int") else ON_ALL))]


def program_text(fields: dict[str, str], written: str, read: str, *, second: str | None = None) -> str:
    """One map that reads and writes; with ``second`` another map that writes, which nothing orders."""
    declared = "\n".join(f"  {name}: {type}" for name, type in fields.items())
    tasks = [f'task t0(note: Note) -> str {{ shell: "x" writes: {{ w: "{written}" }} reads: {{ r: "{read}" }} }}']
    steps = ["s0 = map t0 over per_note"]
    if second is not None:
        tasks.append(f'task t1(note: Note) -> str {{ shell: "x" writes: {{ w: "{second}" }} }}')
        steps.append("s1 = map t1 over per_note")
    return "\n".join(
        [
            f"record Note {{\n{declared}\n}}",
            'table notes: Note = read "notes.jsonl"',
            "split per_note = notes by row",
            *tasks,
            "flow main {",
            *(f"  {step}" for step in steps),
            "}",
            "",
        ]
    )


def certified(text: str, folder: Path, name: str = "main.apwa") -> tuple[Document, tuple[Claim, ...]]:
    """The certificate of a program, as a value that a test may change, and the claims that it is made of."""
    file = folder / name
    file.write_text(text, encoding="utf-8")
    checked = check(Source(text, name, file))
    return json.loads(certificate(checked.program, checked.claims, folder)), checked.claims


def verified(document: Document, folder: Path) -> Report:
    """What the verifier says of a certificate."""
    return verify(json.dumps(document), folder)
