"""`apwa.toml`: what holds for all programs of a folder.

In: the file of a program. Out: the settings of the nearest `apwa.toml` beside or above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "apwa.toml"


class ConfigError(Exception):
    """The file cannot be used; the text names it, the setting and the remedy."""


@dataclass(frozen=True, slots=True)
class Config:
    """``case_insensitive``: file names of the target do not tell upper from lower case."""

    case_insensitive: bool = False


def config_of(program: Path | None) -> Config:
    """The settings for a program; the defaults where there is no file. Raises :class:`ConfigError`."""
    file, settings = settings_of(program.resolve().parent) if program is not None else (None, {})
    proofs = settings.get("proofs", {})
    folded = proofs.get("case_insensitive", False) if isinstance(proofs, dict) else None
    if not isinstance(folded, bool):
        raise ConfigError(f"`{file}`: write `case_insensitive = true` or `false` under `[proofs]`")
    unknown = sorted(set(proofs) - {"case_insensitive"})
    if unknown:
        raise ConfigError(f"`{file}`: there is no setting `{unknown[0]}` under `[proofs]`; it knows `case_insensitive`")
    return Config(folded)


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
