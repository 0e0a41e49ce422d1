"""What is found, in a form in which the server and the command can be compared.

In: files, or what the server said. Out: findings with every place as characters of a file.
"""

from __future__ import annotations

import contextlib
import json
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from apwa_lang.cli.check import command
from apwa_lang.config import ConfigError
from benchmarks.edits.buffer import PlaceError, Text
from benchmarks.edits.connection import TroubleError

_SEVERITIES = {"error": 1, "warning": 2, "note": 3}

Place = tuple[str, int, int]
"""The address of a file, and the characters of it."""


class Finding(NamedTuple):
    """A finding; ``others`` are its other parties with what is said of them, ``fix`` its edits with their texts."""

    code: str
    severity: int
    place: Place
    message: str
    others: tuple[tuple[Place, str], ...]
    fix: tuple[str, bool, tuple[tuple[Place, str], ...]] | None


def checked(folder: Path, files: Sequence[Path]) -> set[Finding] | None:
    """What ``apwa check`` says of files; None where its settings are wrong. Raises TroubleError where it breaks."""
    names = [str(file.relative_to(folder)) for file in files]
    with contextlib.chdir(folder):
        result = CliRunner().invoke(command, ["--output-format", "json", *names])
    if isinstance(result.exception, ConfigError):
        return None
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise TroubleError("apwa check broke: " + "".join(traceback.format_exception(result.exception))[-4000:])
    return {_finding(one, folder) for one in json.loads(result.stdout)}


def shown(uri: str, said: dict[str, Any], text: Callable[[str], Text]) -> Finding:
    """What the server said of a file. A place that is not in it, as before an edit, is none of its characters."""

    def place(uri: str, range: Any) -> Place:
        try:
            return (uri, *text(uri).span(range))
        except PlaceError:
            return uri, -1, -1

    others = [
        (place(one["location"]["uri"], one["location"]["range"]), one["message"])
        for one in said.get("relatedInformation") or ()
    ]
    fix = said.get("data")
    return Finding(
        said["code"],
        said["severity"],
        place(uri, said["range"]),
        said["message"],
        tuple(others),
        fix and (fix["title"], fix["safe"], tuple((place(e["uri"], e["range"]), e["newText"]) for e in fix["edits"])),
    )


def differences(found: set[Finding], expected: set[Finding]) -> Iterator[str]:
    """What is shown and not found, and the other way round."""
    yield "what is shown is not what apwa check says"
    yield from (f"  shown alone: {one}" for one in sorted(found - expected)[:20])
    yield from (f"  found alone: {one}" for one in sorted(expected - found)[:20])


def _finding(one: dict[str, Any], folder: Path) -> Finding:
    def place(at: dict[str, Any]) -> Place:
        return (folder / at["file"]).as_uri(), at["start"]["offset"], at["end"]["offset"]

    lines = [one["message"], *filter(None, [one["label"]]), *one["facts"]]
    lines += [f"help: {one['help']}"] if one["help"] is not None else []
    fix = one["fix"]
    return Finding(
        one["code"],
        _SEVERITIES[one["severity"]],
        place(one),
        "\n".join(lines),
        tuple((place(other), other["label"] or one["message"]) for other in one["secondary"]),
        fix and (fix["title"], fix["safe"], tuple((place(edit), edit["text"]) for edit in fix["edits"])),
    )
