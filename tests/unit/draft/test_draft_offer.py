"""What is given stands in a program as it was given; models and tools are declared as the command line names them."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.draft.declare import quoted
from apwa_lang.draft.models import Given, model_declaration
from apwa_lang.draft.offer import Declaration, Offer, OfferError
from apwa_lang.draft.tools import tool_declaration
from apwa_lang.semantics.program import Environment, Model
from apwa_lang.syntax.nodes import Param, StringLiteral
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

NOTE = "record Note {\n  id: str @key\n}"
OFFER = Offer("Which\n notes?", (Declaration("record", "Note", NOTE), Declaration("model", "llm", "model llm {}")))
HEAD = f"# Question: Which notes?\n\n{NOTE}\n\nmodel llm {{}}\n"


@pytest.mark.parametrize(
    ("answer", "kept", "changed"),
    [
        ("flow main {}", "flow main {}", ()),
        ("record Note { id: str @key }\nflow main {}", "flow main {}", ()),
        (
            "record A {}\n# Rows.\n## A note.\nrecord Note {}\nflow main {}",
            "record A {}\nflow main {}",
            ("record Note",),
        ),
        ('model llm { provider: "openai" } model more {}', "model more {}", ("model llm",)),
        ("task Note() -> str {}", "task Note() -> str {}", ()),
        (
            "# apwa: ignore[APWA901] so\nrecord Note {}\nflow main {} # apwa: ignore[X]",
            "flow main {}",
            ("record Note",),
        ),
        ("record Note {} record Note {}", "", ("record Note", "record Note")),
        ("record Note { id: ", "", ("record Note",)),
    ],
)
def test_what_is_given_is_put_back(answer: str, kept: str, changed: tuple[str, ...]) -> None:
    written = OFFER.program(answer)
    assert written.text == f"{HEAD}\n{kept}\n"
    assert written.changed == changed


@pytest.mark.parametrize("text", ['a"b', "a\\n", "a\nb\tc\r", "\x00\x1f\x7f\u2028é😀", "", "{{ x }}"])
def test_texts_are_quoted(text: str) -> None:
    module, problems = parse(Source(f"param p: str = {quoted(text)}"))
    (node,) = module.declarations
    assert problems == () and isinstance(node, Param) and isinstance(node.default, StringLiteral)
    assert node.default.value == text


def model(given: Given, folder: Path) -> Model:
    """The model as the language has it."""
    declared = model_declaration(given, folder)
    checked = check(Source(declared.text, "draft.apwa", folder / "draft.apwa"))
    assert checked.diagnostics == ()
    return checked.program.models[declared.name]


@pytest.mark.parametrize(
    ("given", "provider", "settings"),
    [
        (
            Given("openai:gpt-x"),
            "openai",
            {"name": "gpt-x", "base_url": "https://api.openai.com/v1", "api_key": Environment("OPENAI_API_KEY", True)},
        ),
        (
            Given("openai:org/m:7b", "http://localhost:8000/v1"),
            "openai",
            {"name": "org/m:7b", "base_url": "http://localhost:8000/v1"},
        ),
        (
            Given("anthropic:c", "https://proxy/v1", "MY_KEY"),
            "anthropic",
            {"name": "c", "base_url": "https://proxy/v1", "api_key": Environment("MY_KEY", True)},
        ),
        (Given("local"), "local", {}),
        (Given("local:/models/a.gguf"), "local", {"path": "/models/a.gguf"}),
    ],
    ids=lambda value: value.model if isinstance(value, Given) else "",
)
def test_a_model_is_declared(given: Given, provider: str, settings: dict[str, object], tmp_path: Path) -> None:
    made = model(given, tmp_path)
    assert (made.name, made.provider, dict(made.settings)) == ("llm", provider, settings)


def test_a_model_is_taken_from_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/m.apwa").write_text(
        'model a { provider: "openai" name: "x" base_url: env("URL") }\nmodel b { provider: "local" path: "b.gguf" }\n'
        'model c { provider: python "mine:make" }'
    )
    assert dict(model(Given("lib/m.apwa:a"), tmp_path).settings)["base_url"] == Environment("URL")
    assert dict(model(Given("lib/m.apwa:b"), tmp_path).settings) == {"path": "lib/b.gguf"}
    assert model_declaration(Given("lib/m.apwa:c"), tmp_path / "lib").name == "c"
    for wrong, why in (
        ("lib/m.apwa:c", "write the draft there"),
        ("lib/m.apwa", "there are: a, b, c"),
        ("no.apwa", "no such file"),
    ):
        with pytest.raises(OfferError, match=why):
            model_declaration(Given(wrong), tmp_path)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (Given("gpt-x"), "--model takes openai:NAME"),
        (Given("openai:"), "--model takes openai:NAME"),
        (Given("local", "http://x"), "go with a model of a server"),
        (Given("openai:x", "http://me:hush@host/v1"), "password or query"),
        (Given("openai:x", "https://host/v1?key=hush"), "password or query"),
        (Given("openai:x", "localhost:8000"), "must look like"),
    ],
)
def test_a_model_that_cannot_be_is_refused_without_its_secrets(given: Given, why: str, tmp_path: Path) -> None:
    with pytest.raises(OfferError, match=why) as raised:
        model_declaration(given, tmp_path)
    assert "hush" not in str(raised.value)


TOOLS = '''
import datetime
from typing import Any, Literal, Optional

def lookup(word: str, books: list[str], *, since: datetime.date | None, deep: bool = False) -> Optional[str]:
    """Looks a word up.

    More of it.
    """

def kinds(how: "Literal['a', 'b']", also: dict[str, float], raw: Any) -> list[int]: ...

def bare(word) -> str: ...
def typed(word: Word) -> str: ...
def silent(word: str): ...
def many(*words: str) -> str: ...
async def later(word: str) -> str: ...
Alias = lookup
'''


def test_a_tool_is_declared_by_its_signature(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS)
    assert tool_declaration("tools:lookup", tmp_path).text == (
        '## Looks a word up.\ntool lookup(word: str, books: list[str], since: date?) -> str? { python: "tools:lookup" }'
    )
    assert tool_declaration("tools:kinds", tmp_path).text == (
        'tool kinds(how: "a" | "b", also: map[str, float], raw: json) -> list[int] { python: "tools:kinds" }'
    )


def test_a_tool_of_the_language_is_declared_as_it_is_written(tmp_path: Path) -> None:
    declared = tool_declaration("find = search(notes, rows: 3)", tmp_path)
    assert (declared.name, declared.text) == ("find", "tool find = search(notes, rows: 3)")


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("tools", "takes module:function"),
        ("tools:a.b", "takes module:function"),
        ("none:f", "no module `none`"),
        ("os:system", "no module `os`"),
        ("tools:none", "no function `none`"),
        ("tools:Alias", "no function `Alias`"),
        ("tools:later", "no function `later`"),
        ("tools:bare", "annotate the parameter `word` in tools.py:13"),
        ("tools:typed", "annotate the parameter `word` in tools.py:14"),
        ("tools:silent", "annotate the result of `silent` in tools.py:15"),
        ("tools:many", "`many` in tools.py:16 must take its arguments by name"),
        ("broken:f", "cannot be read"),
    ],
)
def test_a_tool_that_cannot_be_declared_is_refused(target: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS)
    (tmp_path / "broken.py").write_text("def f(:")
    with pytest.raises(OfferError, match=why):
        tool_declaration(target, tmp_path)
