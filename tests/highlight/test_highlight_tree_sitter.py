"""The tree-sitter grammar over every program: nothing is an error, and keywords are those of the parser."""

from __future__ import annotations

import ctypes
import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from word_kinds import ROOT, read, soft, written

from apwa_lang.syntax.tokens import keywords

FOLDER = ROOT / "editors/tree-sitter-apwa"
tree_sitter = pytest.importorskip("tree_sitter")
# An expression that ends right before a name of this kind goes on with it.
OPERATORS = ("and", "or", "in")
PROGRAMS = {**written(), **{name: text for name, text in soft().items() if name not in OPERATORS}}


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Any:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("a parser of tree-sitter needs a C compiler")
    library = tmp_path_factory.mktemp("tree-sitter") / "apwa.so"
    source = FOLDER / "src/parser.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-I", source.parent, source, "-o", library], check=True)
    make = ctypes.CDLL(str(library)).tree_sitter_apwa
    make.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return tree_sitter.Language(capsule(make(), b"tree_sitter.Language", None))


def parse(language: Any, text: str) -> Any:
    return tree_sitter.Parser(language).parse(text.encode()).root_node


def captures(language: Any, query: str, text: str) -> dict[str, set[str]]:
    """The texts that each name of a query takes."""
    compiled = tree_sitter.Query(language, (FOLDER / "queries" / query).read_text(encoding="utf-8"))
    found = tree_sitter.QueryCursor(compiled).captures(parse(language, text))
    return {name: {node.text.decode() for node in nodes} for name, nodes in found.items()}


def leaves(node: Any) -> Iterator[Any]:
    if not node.child_count or node.type == "identifier":
        yield node
    else:
        for child in node.children:
            yield from leaves(child)


def test_the_parser_is_made_from_the_grammar_and_has_its_words() -> None:
    recorded = (FOLDER / "src/grammar.sha256").read_text(encoding="utf-8").split()[0]
    assert hashlib.sha256((FOLDER / "grammar.js").read_bytes()).hexdigest() == recorded, "run `make tree-sitter`"
    words: set[str] = set()

    def gather(rule: Any) -> None:
        if isinstance(rule, dict):
            if rule.get("type") == "STRING" and rule["value"].isalpha():
                words.add(rule["value"])
            rule = list(rule.values())
        if isinstance(rule, list):
            for part in rule:
                gather(part)

    gather(json.loads((FOLDER / "src/grammar.json").read_text(encoding="utf-8")))
    assert words == set(keywords())


def test_every_program_is_parsed_and_its_keywords_are_those_of_the_parser(language: Any) -> None:
    for name, text in PROGRAMS.items():
        root = parse(language, text)
        assert not root.has_error, name
        found = {leaf.start_byte: leaf for leaf in leaves(root)}
        encoded = [len(character.encode()) for character in text]
        for word in read(text) or ():
            leaf = found[sum(encoded[: word.start])]
            assert (leaf.type != "identifier") == word.keyword, f"{word} of {name}"


PROGRAM = '''## What it *is*.
record Note { id: str @key }

task count(note: Note) -> str {
  shell: """wc -w {{ note.text }}"""
  writes: { page: "out/{{ note.id }}.md" }
}

flow main {
  x = map count over notes keep id
  save x to "out/{{ style }}.csv"
}
'''


def test_highlights(language: Any) -> None:
    found = captures(language, "highlights.scm", PROGRAM)
    assert {"record", "task", "flow", "map", "over", "keep", "save", "to"} <= found["keyword"]
    assert {"count", "main"} <= found["function"]
    assert {"Note", "str"} <= found["type"]
    assert {"shell", "writes", "key"} <= found["attribute"]
    assert found["comment.documentation"] == {"## What it *is*."}


def test_injections(language: Any) -> None:
    contents = captures(language, "injections.scm", PROGRAM)["injection.content"]
    expected = {"## What it *is*.", "wc -w {{ note.text }}", "out/{{ note.id }}.md", "out/{{ style }}.csv"}
    assert contents == expected


@pytest.mark.parametrize("query", ["folds.scm", "indents.scm"])
def test_folds_and_indents(language: Any, query: str) -> None:
    found = set().union(*captures(language, query, PROGRAM).values())
    assert any(text.startswith("{\n  x = map") for text in found)
    assert not any(text.startswith("save") for text in found)


def test_what_does_not_parse_leaves_the_rest_readable(language: Any) -> None:
    broken = PROGRAM.replace("Note) -> str {", "Note) -> {", 1)
    root = parse(language, broken)
    assert root.has_error
    assert {"record", "flow"} <= {child.type for child in root.children}
