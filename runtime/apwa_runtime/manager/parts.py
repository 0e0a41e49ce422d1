"""Splits that a user's function makes: called once, in a process of its own, and verified.

In: the function and a table. Out: for each row the number of its sub-problem. Rows that the function leaves out are one
more.
"""

from __future__ import annotations

import shutil
import tempfile
from array import array
from itertools import islice
from pathlib import Path

from apwa_compiler.plan import Python
from apwa_lang.semantics.types import INT, ListOf
from apwa_runtime.datasets import Dataset
from apwa_runtime.errors import RunError
from apwa_runtime.isolation.host import FatalError, PythonHost
from apwa_runtime.isolation.messages import Reply, Request, Setup
from apwa_runtime.isolation.readable import readable
from apwa_runtime.manager.proposal import named_row, without_gaps

TIMEOUT = 600.0
"""Seconds that the function may take."""


def parted(function: Python, table: str, dataset: Dataset) -> array[int]:
    """The number of each row's sub-problem. Raises RunError when the function fails, or gives no decomposition."""
    reply = _called(function, dataset)
    problem = reply.error
    places = array("q", [-1]) * dataset.rows
    for part, numbers in enumerate(reply.value or ()):
        for number in numbers:
            if problem is None:
                problem = _wrong(number, part, places, dataset)
            if problem is None:
                places[number] = part
    if problem is not None:
        raise RunError(f"`{function.target}` gave no decomposition of `{table}`: {problem}", exit_code=1)
    rest = len(reply.value)
    return without_gaps(rest if part < 0 else part for part in places)[0]


def _wrong(number: int, part: int, places: array[int], dataset: Dataset) -> str | None:
    if not 0 <= number < len(places):
        return f"part {part + 1} has row {number:,}, and the rows are 0 to {len(places) - 1:,}"
    before = places[number]
    if before < 0:
        return None
    row = next(islice(dataset.rows_as_dicts(), number, None))
    where = f"twice in part {part + 1}" if before == part else f"in parts {before + 1} and {part + 1}"
    return f"{named_row(dataset.record, number, row)} is {where}"


def _called(function: Python, dataset: Dataset) -> Reply:
    module = function.target.partition(":")[0].partition(".")[0]
    own = dict.fromkeys((module, f"{module}.py", *(path.split("/")[0] for path, _ in function.sources)))
    setup = Setup(
        function.target,
        function.base,
        (("rows", ListOf(dataset.record)),),
        ListOf(ListOf(INT)),
        form="parts",
        readable=readable(function.base, own),
    )
    scratch = tempfile.mkdtemp(prefix="apwa-split-")
    host = PythonHost(setup, scratch)
    try:
        folder = Path(tempfile.mkdtemp(dir=host.home))
        return host.call(Request({"rows": list(dataset.rows_as_dicts())}, str(folder), timeout=TIMEOUT))
    except FatalError as error:
        return Reply(error=str(error))
    finally:
        host.close()
        shutil.rmtree(scratch, ignore_errors=True)
