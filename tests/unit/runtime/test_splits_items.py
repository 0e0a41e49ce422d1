"""Lists whose nulls hide values, as Arrow allows them to."""

from __future__ import annotations

from itertools import repeat
from pathlib import Path

import pyarrow as pa

from apwa_compiler.plan import Split
from apwa_lang.semantics.types import INT, STR, Field, ListOf, Optional, RecordType
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.splits import subproblems

RECORD = RecordType("Lists", (Field("id", STR, key=True), Field("numbers", Optional(ListOf(INT)))))
ITEM = RecordType("<s>", (Field("row", RECORD), Field("index", INT), Field("item", INT)))


def dataset(folder: Path) -> Dataset:
    hidden = pa.LargeListArray.from_arrays(
        pa.array([0, 2, 4, 5], pa.int64()),
        pa.array([1, 2, 3, 4, 5], pa.int64()),
        mask=pa.array([False, True, False]),
    )
    writer = DatasetWriter(folder, RECORD)
    writer.add(0, pa.RecordBatch.from_arrays([pa.array(["a", "b", "c"], pa.large_string()), hidden], ["id", "numbers"]))
    return writer.finish()


def test_what_lies_hidden_below_a_null_is_no_item(tmp_path: Path) -> None:
    split = Split("items", (("field", "numbers"),), ITEM, ("row.id", "index"))
    rows = [row for batch in subproblems(split, [dataset(tmp_path)], repeat(2)) for row in batch.to_pylist()]
    assert [(row["row"]["id"], row["index"], row["item"]) for row in rows] == [("a", 0, 1), ("a", 1, 2), ("c", 0, 5)]
