"""A Python function that parts the rows of a table.

In: one request with all rows. Out: for each part the numbers of its rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apwa_runtime.isolation.function import Function, argument
from apwa_runtime.isolation.messages import Request


class PartsFunction(Function):
    """A loaded function of the list of rows, which gives lists of them, or of their numbers from 0 on."""

    def _value(self, request: Request) -> Any:
        ((name, type),) = self._setup.parameters
        rows = argument(request.arguments[name], type)
        numbers = {id(row): number for number, row in enumerate(rows)}
        return [_numbers(part, place, numbers) for place, part in enumerate(self._function(rows), 1)]


def _numbers(part: object, place: int, numbers: dict[int, int]) -> list[int]:
    if not isinstance(part, Iterable) or isinstance(part, str | bytes | dict):
        raise TypeError(f"part {place} is a `{type(part).__name__}`, not a list of rows")
    found = []
    for row in part:
        number = row if isinstance(row, int) and not isinstance(row, bool) else numbers.get(id(row))
        if number is None:
            raise TypeError(f"part {place} holds a `{type(row).__name__}` that is none of the rows, nor a row's number")
        found.append(number)
    return found
