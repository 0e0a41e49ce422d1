"""The stored parser tables are those of the grammar."""

from __future__ import annotations

import json
import subprocess
import sys

from apwa_grammar import grammar_text, tables


def test_the_stored_tables_are_those_of_the_grammar() -> None:
    stored = json.loads(tables.TABLES_PATH.read_text(encoding="utf-8"))
    assert stored == tables.build(grammar_text()), "run python -m apwa_grammar.tables"


def test_the_grammar_has_no_conflict() -> None:
    built = tables.build(grammar_text() + "\n// another text, the same language\n")
    assert built["actions"] == tables.build(grammar_text())["actions"]


def test_parsing_imports_neither_lark_nor_a_heavy_library() -> None:
    script = (
        "import sys\nfrom apwa_lang.syntax.parser import parse\nfrom apwa_lang.syntax.source import Source\n"
        "parse(Source('record A { a: int }'))\n"
        "print([name for name in ('lark', 'pydantic', 'dask', 'jinja2', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
