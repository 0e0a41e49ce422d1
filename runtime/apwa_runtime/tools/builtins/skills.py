"""``skills``: instructions that a model asks for where they fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

_FILE = "SKILL.md"
_FENCE = "---"


def skills(skill: str, texts: Mapping[str, str]) -> str:
    """The text of ``skill``: the name of one, or the path of a file of one. Raises LookupError."""
    wanted = skill.strip().strip("/")
    named = {name: f"{folder}/{_FILE}" for folder, name in _names(texts)}
    path = named.get(wanted, wanted if wanted in texts else f"{wanted}/{_FILE}")
    if path not in texts:
        raise LookupError(f"there is no skill `{skill}`; there are {', '.join(named)}")
    text = _parts(texts[path])[1] if path.endswith(f"/{_FILE}") else texts[path]
    others = [other for other in texts if other != path and other.startswith(f"{path.partition('/')[0]}/")]
    return text + (f"\n\nOther files of this skill: {', '.join(others)}" if others and path.endswith(_FILE) else "")


def described(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The name and the description of each skill."""
    for folder, name in _names(texts):
        yield name, str(_parts(texts[f"{folder}/{_FILE}"])[0].get("description") or "").strip()


def _names(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The folder of each skill, and the name that it has."""
    for path, text in texts.items():
        folder, _, file = path.partition("/")
        if file == _FILE:
            yield folder, str(_parts(text)[0].get("name") or folder)


def _parts(text: str) -> tuple[dict[str, Any], str]:
    """The front matter and what follows it."""
    head, fence, rest = text.removeprefix(_FENCE + "\n").partition(f"\n{_FENCE}\n")
    if not (text.startswith(f"{_FENCE}\n") and fence):
        return {}, text
    try:
        found = yaml.safe_load(head)
    except yaml.YAMLError:
        return {}, text
    return (found, rest.lstrip("\n")) if isinstance(found, dict) else ({}, text)
