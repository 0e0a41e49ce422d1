"""What a function says of the rows of a table, and the number of each row's sub-problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_compiler.plan import Python
from apwa_lang.semantics.types import INT, STR, Field, RecordType
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.errors import RunError
from apwa_runtime.manager.parts import parted
from apwa_runtime.values.arrow import to_batch

NOTE = RecordType("Note", (Field("id", STR, key=True), Field("n", INT)))


def table(folder: Path, rows: int) -> Dataset:
    writer = DatasetWriter(folder / "notes", NOTE)
    writer.add(0, to_batch([{"id": f"n{n}", "n": n} for n in range(rows)], NOTE))
    return writer.finish()


def parts(folder: Path, returned: str, rows: int = 4) -> list[int]:
    (folder / "parts.py").write_text(f"def split(rows):\n    {returned}\n")
    return list(parted(Python("parts:split", str(folder)), "notes", table(folder, rows)))


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("return [[3], [0, 2], [1]]", [0, 1, 0, 2]),
        ("return [rows[2:], (row for row in rows[:2])]", [0, 0, 1, 1]),
        ("yield {1, 3}", [0, 1, 0, 1]),
        ("return [[], [0]]", [0, 1, 1, 1]),
        ("return []", [0, 0, 0, 0]),
    ],
)
def test_parts_are_numbered_by_their_first_rows(tmp_path: Path, returned: str, expected: list[int]) -> None:
    assert parts(tmp_path, returned) == expected


def test_a_table_without_rows_has_no_parts(tmp_path: Path) -> None:
    assert parts(tmp_path, "return [rows]", rows=0) == []


@pytest.mark.parametrize(
    ("returned", "problem"),
    [
        ("return [[0, 1, 0]]", 'the row id: "n0" is twice in part 1'),
        ("return [[0, 1], [2], [1]]", 'the row id: "n1" is in parts 1 and 3'),
        ("return [[4]]", "part 1 has row 4, and the rows are 0 to 3"),
        ("return [[0], [-1]]", "part 2 has row -1, and the rows are 0 to 3"),
        ("return ['abc']", "TypeError: part 1 is a `str`, not a list of rows"),
        ("return [[True]]", "TypeError: part 1 holds a `bool` that is none of the rows, nor a row's number"),
        ("return 5", "TypeError: 'int' object is not iterable"),
        ("raise SystemExit(3)", "it called sys.exit(3)"),
    ],
)
def test_what_is_no_decomposition_is_refused(tmp_path: Path, returned: str, problem: str) -> None:
    with pytest.raises(RunError) as refused:
        parts(tmp_path, returned)
    assert str(refused.value).startswith(f"`parts:split` gave no decomposition of `notes`: {problem}")
