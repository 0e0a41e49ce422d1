"""A Python function that parts the rows of a table.

In: one request with all rows. Out: for each part the numbers of its rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from apwa_runtime.isolation.function import Function, argument
from apwa_runtime.isolation.messages import Request

MOST_EMPTY = 1_000_000
"""How many parts without a row a function may give, so that one which never ends is told so."""


class PartsFunction(Function):
    """A loaded function of the list of rows, which gives lists of them, or of their numbers from 0 on.

    It is asked for no more once it has given more rows than there are: one of them is then in two places.
    """

    def _value(self, request: Request) -> Any:
        ((name, type),) = self._setup.parameters
        rows = argument(request.arguments[name], type)
        numbers = {id(row): number for number, row in enumerate(rows)}
        parts: list[list[int]] = []
        left, empty = len(rows) + 1, 0
        for place, part in enumerate(self._function(rows), 1):
            parts.append(list(islice(_numbers(part, place, numbers), left)))
            left -= len(parts[-1])
            empty += not parts[-1]
            if left == 0:
                break
            if empty > MOST_EMPTY:
                raise ValueError(f"more than {MOST_EMPTY:,} parts without a row")
        return parts


def _numbers(part: object, place: int, numbers: dict[int, int]) -> Iterator[int]:
    if not isinstance(part, Iterable) or isinstance(part, str | bytes | dict):
        raise TypeError(f"part {place} is a `{type(part).__name__}`, not a list of rows")
    for row in part:
        number = row if isinstance(row, int) and not isinstance(row, bool) else numbers.get(id(row))
        if number is None:
            raise TypeError(f"part {place} holds a `{type(row).__name__}` that is none of the rows, nor a row's number")
        yield number
