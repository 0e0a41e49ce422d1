"""One name for two things: each pair of kinds is told by lint, refused by the analysis, or no hiding at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.lint.selection import Selection
from apwa_lang.syntax.source import Source

LIBRARY = 'param style: str = "short"\nrecord Word { word: str @key }\n'
NOTES = """
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
model small { provider: "local" }
model large { provider: "local" }
split each = notes by row
"""
SHOUT = "task shout(text: str) -> str { return: upper(text) }\n"


def codes(folder: Path, program: str) -> list[str]:
    (folder / "lib.apwa").write_text(LIBRARY)
    source = Source(NOTES + program, "main.apwa", folder / "main.apwa")
    return [one.code for one in check(source, lint=Selection(select=("APWA51",))).diagnostics]


def prompt(arguments: str, template: str, setting: str = "prompt") -> str:
    asked = f'{setting}: "{template}"' if setting == "prompt" else f'prompt: "Go."  {setting}: "{template}"'
    return f"task ask({arguments}) -> str {{ model: small  {asked} }}\n"


@pytest.mark.parametrize(
    ("program", "found"),
    [
        # A field and a parameter.
        ('param ward: str = "1"\nflow main { a = notes where ward == "2" }', ["APWA510"]),
        ('param ward: str = "1"\nflow main { a = notes select { id: id, of: ward } }', ["APWA510"]),
        (f'param text: str = "1"\n{SHOUT.replace("text", "s")}flow f {{ a = map shout(text) over each }}', ["APWA510"]),
        ('param ward: str = "1"\nflow main { a = notes where id == "2" }', []),
        ('param ward: str = "1"\ntask size(note: Note) -> int { return: len(note.ward) }', []),
        # An argument and a parameter.
        (f'param text: str = "1"\n{SHOUT}', ["APWA511"]),
        (f'param style: str = "1"\n{SHOUT.replace("text", "style")}flow main {{ a = map shout(style) over each }}', []),
        (f'param style: str = "1"\n{SHOUT.replace("text", "style")}flow main {{ a = shout(style) }}', []),
        (f'param text: str = "1"\n{SHOUT}flow main {{ a = map shout(text: text) over each }}', ["APWA511", "APWA510"]),
        ('param word: str = "1"\ntask ask(n: int) -> str { model: small  prompt: "{{ n }} {{ word }}" }', []),
        # An import and what is inside.
        ('import "lib.apwa" as lib\ntask size(lib: Note) -> int { return: len(lib.text) }', ["APWA511"]),
        (f'import "lib.apwa" as lib\n{prompt("a: list[str]", "{% for lib in a %}{{ lib }}{% endfor %}")}', ["APWA512"]),
        # A name of a test and a parameter.
        (f'param got: str = "1"\n{SHOUT}test "t" {{ got = shout("a")  expect got == "A" }}', ["APWA511"]),
        (f'param a: str = "1"\n{SHOUT}test "t" {{ a: str = read "a.txt"  expect a == "A" }}', ["APWA511"]),
        # What the language gives a name.
        (f'param result: str = "1"\n{SHOUT.replace("}", "  ensure: result != text }")}', ["APWA511"]),
        (f'param len: int = 1\n{SHOUT.replace("upper(text)", "text + str(len)")}', []),
        (prompt("loop: str, xs: list[str]", "{{ loop }}{% for x in xs %}{{ loop.index }}{% endfor %}"), ["APWA512"]),
        (prompt("loop: str, xs: list[str]", "{{ loop }}{% for x in xs %}{{ x }}{% endfor %}"), []),
        # A name of a template and an argument, a parameter, another loop.
        (prompt("text: str, xs: list[str]", "{{ text }}{% for text in xs %}{{ text }}{% endfor %}"), ["APWA512"]),
        (prompt("text: str, xs: list[str]", "{% for text in xs %}{{ text }}{% endfor %}", "system"), ["APWA512"]),
        ('param s: str = "1"\n' + prompt("xs: list[str]", "{% for s in xs %}{{ s }}{% endfor %}"), ["APWA512"]),
        (prompt("text: str, n: int", "{% set text = n %}{{ text }}"), ["APWA512"]),
        (prompt("text: str", "{% set text = text | trim %}{{ text }}"), []),
        (prompt("a: list[list[str]]", "{% for x in a %}{% for x in x %}{{ x }}{% endfor %}{% endfor %}"), ["APWA512"]),
        (prompt("xs: list[str]", "{% for x in xs %}{{ x }}{% endfor %}{% for x in xs %}{{ x }}{% endfor %}"), []),
        (prompt("text: str", "{# {% for text in xs %} #}{{ text }}"), []),
        # What the analysis refuses.
        ('param notes: str = "1"', ["APWA101"]),
        ('import "lib.apwa" as lib\nparam lib: str = "1"', ["APWA101"]),
        ('param some: str = "1"\nflow main { some = notes where id == "2" }', ["APWA452"]),
        ('flow main { notes = notes where id == "2" }', ["APWA452"]),
        ("flow main { split each = notes by chunk(2) }", ["APWA452"]),
        ("task ask(result: str) -> str { return: result }", ["APWA104"]),
        ("task ask(a: str, a: str) -> str { return: a }", ["APWA101"]),
    ],
)  # fmt: skip
def test_one_name_for_two_things(tmp_path: Path, program: str, found: list[str]) -> None:
    assert codes(tmp_path, program) == found
