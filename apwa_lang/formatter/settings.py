"""What a folder says of formatting.

In: a folder. Out: the width of lines that `[format]` of the nearest `apwa.toml` names.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from apwa_lang.config import ConfigError, settings_of

LINE_LENGTH: Final = 120
SHORTEST: Final = 40
LONGEST: Final = 400


def line_length_of(folder: Path) -> int:
    """The width of lines in ``folder``. Raises :class:`~apwa_lang.config.ConfigError`."""
    file, settings = settings_of(folder)
    section = settings.get("format", {})
    known = section if isinstance(section, dict) else {"format": section}
    unknown = sorted(set(known) - {"line_length"})
    if unknown:
        raise ConfigError(f"`{file}`: there is no setting `{unknown[0]}` under `[format]`; it knows `line_length`")
    length = known.get("line_length", LINE_LENGTH)
    if type(length) is not int or not SHORTEST <= length <= LONGEST:
        raise ConfigError(f"`{file}`: `line_length` under `[format]` is a number from {SHORTEST} to {LONGEST}")
    return length
