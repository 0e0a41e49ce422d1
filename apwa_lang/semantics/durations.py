"""Durations as text.

In: a timedelta, or an ISO-8601 duration of days and smaller units. Out: the other form, in days and seconds when
written: ``PT30S``, ``P1DT7200S``, ``-PT0.5S``.
"""

from __future__ import annotations

import re
from datetime import timedelta

_ISO = re.compile(
    r"(?P<sign>-)?P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d{1,6})?)S)?)?"
)


def to_iso(value: timedelta) -> str:
    """The duration in ISO-8601 form, exact to the microsecond."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    day = f"{value.days}D" if value.days else ""
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    seconds = f"{value.seconds}{fraction}"
    return f"{sign}P{day}" if day and seconds == "0" else f"{sign}P{day}T{seconds}S"


def from_iso(text: str) -> timedelta:
    """The duration that ``text`` says. Raises ValueError for anything else."""
    match = _ISO.fullmatch(text)
    given = {unit: number for unit, number in (match.groupdict() if match else {}).items() if number is not None}
    sign = given.pop("sign", "")
    if not given or text.endswith("T"):
        raise ValueError(f"{text!r} is not an ISO-8601 duration")
    seconds, _, fraction = given.pop("seconds", "0").partition(".")
    try:
        value = timedelta(
            **{unit: int(number) for unit, number in given.items()},
            seconds=int(seconds),
            microseconds=int(fraction.ljust(6, "0")) if fraction else 0,
        )
    except OverflowError:
        raise ValueError(f"{text!r} is too long a duration") from None
    return -value if sign else value
