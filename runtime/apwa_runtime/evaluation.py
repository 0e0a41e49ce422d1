"""What expressions, built-in functions and templates share at run time.

In: native values. Out: their text as templates and ``str`` print it, and the error that a failed evaluation raises.
"""

from __future__ import annotations

import json

from apwa_runtime.values.text import json_text, scalar_text


class EvaluationError(Exception):
    """An expression or template has no value for these arguments; the text says why, in plain words."""


def plain_text(value: object) -> str:
    """``value`` as text: records, lists and maps as JSON, dates and durations in ISO 8601, ``true``, ``null``."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dict | list | tuple):
        return json_text(value)
    return scalar_text(value)


def shown(value: object, limit: int = 60) -> str:
    """``value`` in a message: quoted when it is a text, and cut when it is long."""
    text = plain_text(value)
    text = f"{text[:limit]}…" if len(text) > limit else text
    text = text.encode(errors="replace").decode()
    return json.dumps(text, ensure_ascii=False) if isinstance(value, str) else text


def reason(error: BaseException) -> str:
    """Why an evaluation failed, in plain words."""
    match error:
        case ZeroDivisionError():
            return "division by zero"
        case OverflowError():
            return "a number, date or duration is too large"
        case RecursionError():
            return "a value is nested too deeply"
        case KeyError(args=(name,)):
            return f"there is no `{name}`"
        case TypeError() if "offset-naive" in str(error):
            return "one time has a time zone and the other has none"
        case _:
            return str(error)
