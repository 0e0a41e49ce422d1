"""Numbers, durations and sizes.

In: the text of a token. Out: its value; OverflowError for one that is too large to hold.
"""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal

SIZE_UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
DURATION_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
LARGEST_INT = 2**63 - 1


def int_value(text: str) -> int:
    """``1_000``."""
    digits = text.replace("_", "").lstrip("0")
    value = int(digits or "0") if len(digits) < 20 else LARGEST_INT + 1
    return _whole(value)


def float_value(text: str) -> float:
    """``0.5`` or ``1e-3``."""
    value = float(text)
    if math.isinf(value):
        raise OverflowError
    return value


def duration_value(text: str) -> timedelta:
    """``500ms 30s 5m 2h 1d``, and ``1.5h``."""
    number = text.rstrip("mshd")
    return DURATION_UNITS[text[len(number) :]] * float(number)


def size_value(text: str) -> int:
    """``512MiB``, ``1.5GiB`` in bytes; a part of a byte is dropped."""
    number = text.rstrip("BiKMGT")
    if len(number) > 30:
        raise OverflowError
    return _whole(int(Decimal(number) * SIZE_UNITS[text[len(number) :]]))


def _whole(value: int) -> int:
    if value > LARGEST_INT:
        raise OverflowError
    return value
