"""A person types: whatever stands there meanwhile, the server goes on, and in the end says what `apwa check` says."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from lsprotocol import types

from tests.support.command import apwa
from tests.system.lsp_client import Client, connected, insert, opened, replace, typed, until

pytestmark = pytest.mark.asyncio

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*/[!.]*.apwa"))
BATCH = 40


def checked(file: Path) -> list[tuple[int, int, str]]:
    """Line, column and code of what `apwa check` finds, counted from zero."""
    found = json.loads(apwa("check", str(file), "--output-format", "json", cwd=file.parent).out)
    return sorted((one["start"]["line"] - 1, one["start"]["column"] - 1, one["code"]) for one in found)


def shown(diagnostics: Sequence[types.Diagnostic]) -> list[tuple[int, int, str]]:
    """The same of what the server says; the texts of these tests have no characters beyond the first plane."""
    return sorted((one.range.start.line, one.range.start.character, str(one.code)) for one in diagnostics)


async def ends_as_checked(client: Client, file: Path, text: str) -> None:
    """Wait until what is shown is what the command says of the text, if it ever is."""
    file.write_text(text, "utf-8")
    expected = checked(file)
    version = client.published[-1].version
    await until(client, lambda said: said.version == version and shown(said.diagnostics) == expected)


async def type_out(folder: Path, text: str, batch: int) -> None:
    """Type a text into an empty file, so many keys at a time, and compare what is found at the end."""
    file = folder / "typed.apwa"
    async with connected(folder) as client:
        await opened(client, file, "")
        line = character = 0
        for version, start in enumerate(range(0, len(text), batch), 2):
            keys = text[start : start + batch]
            await typed(client, file, version, insert(line, character, keys))
            line += keys.count("\n")
            character = len(keys) - keys.rfind("\n") - 1 if "\n" in keys else character + len(keys)
        await ends_as_checked(client, file, text)


@pytest.mark.parametrize(
    "example", [ROOT / "examples/hello/hello.apwa", ROOT / "examples/files/files.apwa"], ids=lambda file: file.stem
)
async def test_an_example_is_typed(example: Path, tmp_path: Path) -> None:
    await type_out(tmp_path, example.read_text("utf-8"), BATCH)


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
async def test_every_example_is_typed_key_by_key(example: Path, tmp_path: Path) -> None:
    await type_out(tmp_path, example.read_text("utf-8"), 1)


async def test_random_edits(tmp_path: Path) -> None:
    rng = random.Random(6)
    lines = (ROOT / "examples/wordcount/wordcount.apwa").read_text("utf-8").split("\n")
    file = tmp_path / "typed.apwa"
    async with connected(tmp_path) as client:
        await opened(client, file, "\n".join(lines))
        for version in range(2, 40):
            at = rng.randrange(len(lines))
            start = rng.randrange(len(lines[at]) + 1)
            end = rng.randrange(start, len(lines[at]) + 1)
            piece = rng.choice(["", "", '"', "{", "}", "(", "x", " ", "#", '"""', "@", "task", "é", "\\"])
            lines[at] = lines[at][:start] + piece + lines[at][end:]
            await typed(client, file, version, replace(at, start, at, end, piece))
        await ends_as_checked(client, file, "\n".join(lines))
