"""``search``: the rows of tables in which words begin as those that are looked for, the best first.

Rows are ranked by BM25 (Robertson and Zaragoza, 2009) with k1 = 1.2 and b = 0.75 over all texts of a row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from apwa_runtime.tools.builtins.tables import plain, table

_K1, _B = 1.2, 0.75
_WORD = re.compile(r"\w+")
_MOST_WORDS = 32
# Characters of a long text around the first word that is found in it.
_SHOWN = 600


def search(words: str, tables: Mapping[str, Sequence[str]], rows: int) -> list[dict[str, Any]]:
    """Up to ``rows`` rows of each table with most of the ``words``; of several tables, each row with its ``table``."""
    wanted = list(dict.fromkeys(word.lower() for word in _WORD.findall(words)))[:_MOST_WORDS]
    if not wanted:
        raise ValueError("there is no word to search for")
    found: list[tuple[float, dict[str, Any]]] = []
    for name, parts in tables.items():
        whole = table(parts)
        scores = _scores(whole, wanted)
        best = pc.select_k_unstable(pa.table({"score": scores}), rows, [("score", "descending")])
        for place in best.to_pylist():
            score = scores[place].as_py()
            if score > 0:
                row = _shortened(plain(whole.slice(place, 1).to_pylist()[0]), wanted)
                found.append((score, {"table": name, **row} if len(tables) > 1 else row))
    found.sort(key=lambda one: -one[0])
    return [row for _, row in found[:rows]]


def _scores(whole: Any, words: Sequence[str]) -> Any:
    """A number for each row."""
    count = whole.num_rows
    texts = [pc.utf8_lower(column) for column in whole.columns if pa.types.is_large_string(column.type)]
    if not texts or not count:
        return pa.array([0.0] * count)
    joined = pc.binary_join_element_wise(*texts, pa.scalar("\n", pa.large_string()), null_handling="skip")
    lengths = pc.add(pc.cast(pc.utf8_length(joined), pa.float64()), 1.0)
    usual = pc.mean(lengths).as_py()
    norm = pc.add(pc.multiply(pc.divide(lengths, usual), _K1 * _B), _K1 * (1 - _B))
    total = pa.array([0.0] * count)
    for word in words:
        pattern = rf"\b{re.escape(word)}" if word.isascii() else re.escape(word)
        times = pc.cast(pc.count_substring_regex(joined, pattern), pa.float64())
        having = pc.sum(pc.greater(times, 0.0)).as_py() or 0
        weight = math.log(1 + (count - having + 0.5) / (having + 0.5))
        gain = pc.divide(pc.multiply(times, weight * (_K1 + 1)), pc.add(times, norm))
        total = pc.add(total, gain)
    return total.combine_chunks() if isinstance(total, pa.ChunkedArray) else total


def _shortened(row: dict[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """The row, of long texts what stands around the first word found."""
    return {name: _around(value, words) if isinstance(value, str) else value for name, value in row.items()}


def _around(text: str, words: Sequence[str]) -> str:
    if len(text) <= _SHOWN:
        return text
    lowered = text.lower()
    place = min((found for word in words if (found := lowered.find(word)) >= 0), default=0)
    start = max(0, place - _SHOWN // 3)
    end = start + _SHOWN
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
