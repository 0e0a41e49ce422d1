"""Native values as JSON text.

In: native values of any type. Out: compact JSON with records in field order; the validator of the type reads it back.
Dates and durations are ISO 8601, bytes base64, UUIDs text, and floats without a JSON number the words ``NaN``,
``Infinity`` and ``-Infinity``.
"""

from __future__ import annotations

import base64
import json
import math
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID


def json_text(value: object) -> str:
    """``value`` as one line of JSON. Raises TypeError for what is not a native value."""
    try:
        return _encode(value)
    except ValueError:
        return _encode(_finite(value))


def scalar_text(value: object) -> str:
    """A date, datetime, duration, UUID or bytes as text. Raises TypeError for anything else."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return duration_text(value)
        case UUID():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case _:
            raise TypeError(f"a Python `{type(value).__name__}` is not a value of the language")


def duration_text(value: timedelta) -> str:
    """ISO 8601 in days and seconds, such as ``P1DT0.5S``."""
    sign, value = ("-", -value) if value < timedelta(0) else ("", value)
    days = f"{value.days}D" if value.days else ""
    fraction = f"{value.microseconds:06d}".rstrip("0")
    seconds = f"{value.seconds}.{fraction}" if fraction else f"{value.seconds}"
    time = f"T{seconds}S" if seconds != "0" or not days else ""
    return f"{sign}P{days}{time}"


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=scalar_text).encode


def _finite(value: Any) -> Any:
    match value:
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list():
            return [_finite(item) for item in value]
        case _:
            return value
