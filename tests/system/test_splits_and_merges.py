"""Every split rule and every merge, run by one program each, against the same computed here."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import chdir
from itertools import product
from pathlib import Path

import pytest

from apwa_lang.cli.main import run as command

ITEMS = [{"id": f"i{n:02}", "kind": "abc"[n % 3], "n": n, "text": f"line {n}\nsecond {n}\n"} for n in range(11)]
NAMES = [str(item["id"]) for item in ITEMS]

HEAD = """
record Item { id: str @key  kind: str  n: int  text: str }
record Sum { total: int }
table items: Item = read "items.jsonl"
task ids(rows: list[Item]) -> list[str] { return: rows.id }
task same(value: str) -> str { return: value }
task pair(left: str, right: str) -> str { return: left + right }
task wrap(n: int) -> Sum { return: { total: n } }
task add(parts: list[Sum]) -> Sum { return: { total: sum(parts.total) } }
task picky(parts: list[Sum]) -> Sum {
  return: { total: sum(parts.total) }  require: sum(parts.total) != 12  retry: 0  ON_ERROR
}
task then(acc: Sum, next: Sum) -> Sum { return: { total: acc.total * 2 + next.total } }
"""

Row = dict[str, object]


def run(folder: Path, flow: str, on_error: str = "", code: int = 0) -> list[Row]:
    (folder / "main.apwa").write_text(HEAD.replace("ON_ERROR", on_error) + flow)
    (folder / "items.jsonl").write_text("".join(json.dumps(item) + "\n" for item in ITEMS))
    with chdir(folder):
        assert command(["run", "main.apwa", "--progress", "none"]) == code
    return [json.loads(line) for line in (folder / "x.jsonl").read_text().splitlines()]


def windows(size: int, stride: int, full: bool) -> list[list[str]]:
    cut: list[list[str]] = []
    for start in range(0, len(NAMES), stride):
        cut.append(NAMES[start : start + size])
        if start + size >= len(NAMES):
            break
    return [window for window in cut if len(window) == size or not full]


def values(lists: list[list[str]]) -> list[Row]:
    return [{"value": names, "index": index} for index, names in enumerate(lists)]


RULES: dict[str, tuple[str, Callable[[], list[Row]]]] = {
    "row": (
        'split s = items by row  flow main { x = map same(id) over s keep n  save x to "x.jsonl" }',
        lambda: [{"value": item["id"], "n": item["n"]} for item in ITEMS],
    ),
    "chunk": (
        'split s = items by chunk(4)  flow main { x = map ids(rows) over s keep index  save x to "x.jsonl" }',
        lambda: values([NAMES[start : start + 4] for start in range(0, 11, 4)]),
    ),
    "group": (
        'split s = items by group(kind)  flow main { x = map ids(rows) over s keep kind  save x to "x.jsonl" }',
        lambda: [{"value": [str(i["id"]) for i in ITEMS if i["kind"] == kind], "kind": kind} for kind in "abc"],
    ),
    "window": (
        'split s = items by window(4, 3)  flow main { x = map ids(rows) over s keep index  save x to "x.jsonl" }',
        lambda: values(windows(4, 3, False)),
    ),
    "full windows": (
        'split s = items by window(4, 2, full: true)  flow main { x = map ids(rows) over s  save x to "x.jsonl" }',
        lambda: [{"value": window} for window in windows(4, 2, True)],
    ),
    "lines": (
        "split s = items by lines(text, 1)  "
        'flow main { x = map same(text) over s keep id, index  save x to "x.jsonl" }',
        lambda: [
            {"value": line, "id": item["id"], "index": index}
            for item in ITEMS
            for index, line in enumerate(str(item["text"]).splitlines(keepends=True))
        ],
    ),
    "cross": (
        'split s = items by cross(items)  flow main { x = map pair(left.id, right.id) over s  save x to "x.jsonl" }',
        lambda: [{"value": left + right} for left, right in product(NAMES, NAMES)],
    ),
    "items of a list": (
        "split g = items by group(kind)  flow main { lists = map ids(rows) over g keep kind  "
        'split s = lists by items(value)  x = map same(item) over s keep kind, index  save x to "x.jsonl" }',
        lambda: [
            {"value": item["id"], "kind": kind, "index": index}
            for kind in "abc"
            for index, item in enumerate(item for item in ITEMS if item["kind"] == kind)
        ],
    ),
    "items that are records": (
        "task parts(rows: list[Item]) -> list[Item] { return: rows }  "
        "split g = items by chunk(4)  flow main { lists = map parts(rows) over g  "
        'split s = lists by items(value)  x = map wrap(item.n) over s  save x to "x.jsonl" }',
        lambda: [{"total": item["n"]} for item in ITEMS],
    ),
    "a split in a flow": (
        "flow main { few = items where n > 4  split s = few by chunk(3)  x = map ids(rows) over s  "
        'save x to "x.jsonl" }',
        lambda: [{"value": NAMES[5:8]}, {"value": NAMES[8:11]}],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_split(rule: str, tmp_path: Path) -> None:
    flow, expected = RULES[rule]
    assert run(tmp_path, flow) == expected()


def test_pieces_of_tokens_make_the_text_again(tmp_path: Path) -> None:
    rows = run(
        tmp_path,
        "split s = items by tokens(text, 2)  "
        'flow main { x = map same(text) over s keep id, index  save x to "x.jsonl" }',
    )
    for item in ITEMS:
        mine = [row for row in rows if row["id"] == item["id"]]
        assert [row["index"] for row in mine] == list(range(len(mine)))
        assert "".join(str(row["value"]) for row in mine) == item["text"]
        assert len(mine) > 1


WRAPPED = "split s = items by row  flow main { w = map wrap(n) over s keep id, kind  "
KINDS = {kind: [int(str(item["n"])) for item in ITEMS if item["kind"] == kind] for kind in "abc"}


def folded(numbers: list[int]) -> int:
    total = numbers[0]
    for number in numbers[1:]:
        total = total * 2 + number
    return total


MERGES: dict[str, tuple[str, list[Row]]] = {
    "tree": ("x = reduce add over w by tree(3)", [{"total": 55}]),
    "fold": ("x = reduce then over w by fold", [{"total": folded(list(range(11)))}]),
    "tree by group": (
        "x = reduce add over w by tree(2) group kind",
        [{"kind": kind, "total": sum(KINDS[kind])} for kind in "abc"],
    ),
    "fold by group": (
        "x = reduce then over w by fold group kind",
        [{"kind": kind, "total": folded(KINDS[kind])} for kind in "abc"],
    ),
    "sum": ("x = reduce total over w by sum group kind", [{"kind": k, "total": sum(v)} for k, v in KINDS.items()]),
    "count": ("x = reduce over w by count group kind", [{"kind": k, "count": len(v)} for k, v in KINDS.items()]),
    "min": ("x = reduce total over w by min", [{"total": 0}]),
    "max": ("x = reduce total over w by max group kind", [{"kind": k, "total": max(v)} for k, v in KINDS.items()]),
    "concat": ("x = reduce id over w by concat", [{"id": "".join(NAMES)}]),
    "sum of nothing": ("none = w where total > 99  x = reduce total over none by sum", [{"total": 0}]),
    "tree of nothing": ("none = w where total > 99  x = reduce add over none by tree(2)", []),
    "sort and limit": (
        "y = w sort by kind  z = y limit 3  x = z select { id: id }",
        [{"id": "i00"}, {"id": "i03"}, {"id": "i06"}],
    ),
    "join and union": (
        "a = w where total < 2  b = items select { id: id, n: n }  c = a join b on id  d = union(c, c)  "
        "x = d select { id: id, n: n }",
        [{"id": "i00", "n": 0}, {"id": "i01", "n": 1}] * 2,
    ),
}


@pytest.mark.parametrize("merge", MERGES)
def test_merge(merge: str, tmp_path: Path) -> None:
    statement, expected = MERGES[merge]
    assert run(tmp_path, f'{WRAPPED} {statement}  save x to "x.jsonl" }}') == expected


# In threes the totals 0 to 10 are 3, 12, 21 and 19, of which 12 cannot be; of kind b 1 + 4 + 7 is that.
A, B, C = ({"kind": kind, "total": total} for kind, total in (("a", 18), ("b", 10), ("c", 15)))


@pytest.mark.parametrize(
    ("how", "on_error", "expected"),
    [
        ("tree(3)", "on_error: skip", [{"total": 3 + 21 + 19}]),
        ("tree(3)", "on_error: quarantine", []),
        ("tree(3) group kind", "", [A, C]),
        ("tree(3) group kind", "on_error: skip", [A, B, C]),
    ],
)
def test_what_cannot_be_merged_costs_its_group_or_itself(
    how: str, on_error: str, expected: list[Row], tmp_path: Path
) -> None:
    flow = f'{WRAPPED} x = reduce picky over w by {how}  save x to "x.jsonl" }}'
    assert run(tmp_path, flow, on_error, 0 if "skip" in on_error else 1) == expected
