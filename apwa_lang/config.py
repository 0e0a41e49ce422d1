"""`apwa.toml`: what holds for all programs of a folder.

In: the file of a program. Out: the settings of the nearest `apwa.toml` beside or above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apwa_lang.lint.selection import Selection, unknown

NAME = "apwa.toml"


class ConfigError(Exception):
    """The file cannot be used; the text names it, the setting and the remedy."""


@dataclass(frozen=True, slots=True)
class Config:
    """``case_insensitive``: file names of the target do not tell upper from lower case. ``lint``: the rules wanted."""

    case_insensitive: bool = False
    lint: Selection = field(default_factory=Selection)


def config_of(program: Path | None) -> Config:
    """The settings for a program; the defaults where there is no file. Raises :class:`ConfigError`."""
    file, settings = settings_of(program.resolve().parent) if program is not None else (None, {})
    if file is None:
        return Config()
    proofs = _table(settings, "proofs", ("case_insensitive",), file)
    folded = proofs.get("case_insensitive", False)
    if not isinstance(folded, bool):
        raise ConfigError(f"`{file}`: write `case_insensitive = true` or `false` under `[proofs]`")
    return Config(folded, _lint(_table(settings, "lint", ("select", "ignore", "per_file", "baseline"), file), file))


def _table(settings: dict[str, Any], name: str, known: Sequence[str], file: Path) -> dict[str, Any]:
    """The table of that name, with no other settings than the ``known``."""
    table = settings.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"`{file}`: `{name}` is a table; write `[{name}]` and its settings below")
    strange = sorted(set(table) - set(known))
    if strange:
        knows = ", ".join(f"`{one}`" for one in known)
        raise ConfigError(f"`{file}`: there is no setting `{strange[0]}` under `[{name}]`; it knows {knows}")
    return table


def _lint(table: dict[str, Any], file: Path) -> Selection:
    per_file = table.get("per_file", {})
    if not isinstance(per_file, dict):
        raise ConfigError(f"`{file}`: write the globs and what they ignore as a table, `[lint.per_file]`")
    baseline = table.get("baseline")
    if baseline is not None and not isinstance(baseline, str):
        raise ConfigError(f"`{file}`: `baseline` under `[lint]` is the path of a file")
    return Selection(
        select=_codes(table.get("select", ["default"]), "select", file, groups=True),
        ignore=_codes(table.get("ignore", []), "ignore", file),
        per_file=tuple((glob, _codes(codes, f"per_file.{glob}", file)) for glob, codes in per_file.items()),
        folder=file.parent,
        baseline=file.parent / baseline if baseline is not None else None,
    )


def _codes(value: object, setting: str, file: Path, *, groups: bool = False) -> tuple[str, ...]:
    """A list of codes, of their beginnings and, where they may stand, of groups."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ConfigError(f'`{file}`: `{setting}` under `[lint]` is a list of codes, such as `["APWA500"]`')
    words = tuple(value)
    strange = unknown(words, groups=groups)
    if strange is not None:
        raise ConfigError(
            f"`{file}`: `{setting}` under `[lint]` names `{strange}`, and no code begins so; "
            "`apwa explain --list` shows the codes"
        )
    return words


def settings_of(folder: Path) -> tuple[Path | None, dict[str, Any]]:
    """The nearest `apwa.toml` in or above ``folder`` and all that it says. Raises :class:`ConfigError`."""
    around = folder.resolve()
    file = next((place / NAME for place in (around, *around.parents) if (place / NAME).is_file()), None)
    if file is None:
        return None, {}
    import tomllib

    try:
        return file, tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read `{file}`: {(error.strerror or str(error)).lower()}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"`{file}` is not TOML: {error}") from None
