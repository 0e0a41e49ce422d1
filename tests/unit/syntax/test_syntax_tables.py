"""The stored parser tables are those of the grammar."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest
from lark import Lark, logger

from apwa_grammar import grammar_text, tables


def test_the_stored_tables_are_those_of_the_grammar() -> None:
    stored = json.loads(tables.TABLES_PATH.read_text(encoding="utf-8"))
    assert stored == tables.build(grammar_text()), "run python -m apwa_grammar.tables"


def conflicts(grammar: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Lark settles a choice between shift and reduce in silence; it only logs it."""
    caplog.clear()
    logger.setLevel(logging.DEBUG)
    logger.addHandler(caplog.handler)
    try:
        Lark(grammar, parser="lalr", start=list(tables.STARTS), debug=True)
    finally:
        logger.removeHandler(caplog.handler)
        logger.setLevel(logging.CRITICAL)
    return [record.getMessage() for record in caplog.records if "onflict" in record.getMessage()]


def test_the_grammar_has_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    assert conflicts(grammar_text(), caplog) == []
    ambiguous = grammar_text().replace(
        "?conjunction: negation |", '?conjunction: negation | conjunction "-" negation |'
    )
    assert conflicts(ambiguous, caplog) != []


def test_parsing_imports_neither_lark_nor_a_heavy_library() -> None:
    script = (
        "import sys\nfrom apwa_lang.syntax.parser import parse\nfrom apwa_lang.syntax.source import Source\n"
        "parse(Source('record A { a: int }'))\n"
        "print([name for name in ('lark', 'pydantic', 'dask', 'jinja2', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
