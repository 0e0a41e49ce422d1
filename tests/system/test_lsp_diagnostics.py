"""Findings that the language server publishes, seen by a real client."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.lsp_client import connected, insert, opened, replace, typed

pytestmark = pytest.mark.asyncio

RECORD = 'record Note { id: str @key }\ntable notes: Note = read "notes.jsonl"\n'


async def test_a_mistake_is_shown_at_its_place_and_goes_when_it_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    async with connected(tmp_path) as client:
        (found,) = await opened(client, file, RECORD + "split s = note by row\n")
        assert found.code == "APWA102"
        place = found.range
        assert (place.start.line, place.start.character, place.end.character) == (2, 10, 14)
        assert await typed(client, file, 2, insert(2, 14, "s")) == []


async def test_columns_are_counted_as_the_editor_counts_them(tmp_path: Path) -> None:
    file = tmp_path / "main.apwa"
    text = 'record Note { id: str @key kind: "😀" | "a" }\r\ntable notes: Note = [{ id: "😀", kind: "b" }]\r\n'
    async with connected(tmp_path) as client:
        (found,) = await opened(client, file, text)
        assert (found.range.start.line, found.range.start.character) == (1, 39)
        assert await typed(client, file, 2, replace(1, 39, 1, 42, '"😀"')) == []
