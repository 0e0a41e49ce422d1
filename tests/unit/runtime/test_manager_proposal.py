"""What the manager may propose: each row in exactly one sub-problem, or a counterexample."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apwa_lang.semantics.types import INT, STR, Field, Optional, RecordType, Type
from apwa_runtime.datasets import Dataset, DatasetWriter
from apwa_runtime.manager.proposal import MOST, Refused, numbered, read
from apwa_runtime.values.arrow import to_batch


def note(words: Type) -> RecordType:
    fields = (Field("id", STR, key=True), Field("ward", STR), Field("words", words), Field("secret", STR, secret=True))
    return RecordType("Note", fields)


NULLS: dict[str, object] = dict.fromkeys(("size", "fields", "field", "bounds", "conditions", "keys"))


def dataset(folder: Path, words: Sequence[int | None], type: Type = Optional(INT)) -> Dataset:  # noqa: B008
    record = note(type)
    writer = DatasetWriter(folder, record)
    rows = [{"id": f"n{n}", "ward": "abc"[n % 3], "words": value, "secret": "hush"} for n, value in enumerate(words)]
    writer.add(0, to_batch(rows, record))
    return writer.finish()


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return dataset(tmp_path_factory.mktemp("notes"), range(12), INT)


def proposes(rule: str, **given: object) -> str:
    return json.dumps({"rule": rule, **NULLS, **given})


def placed(text: str, table: Dataset, most: int = MOST, parameters: Mapping[str, Any] | None = None) -> list[int]:
    return list(numbered(read(text), table, parameters or {}, most))


@pytest.mark.parametrize(
    ("proposal", "counterexample"),
    [
        (
            proposes("predicates", conditions=["words > 3", "words > 8"]),
            'the sub-problems overlap: `words > 3` and `words > 8` both hold for the row id: "n9"',
        ),
        (proposes("predicates", conditions=["word > 3"]), "`word > 3` is no condition: "),
        (proposes("predicates", conditions=['true } test "x" { expect true']), "it is more than an expression"),
        (proposes("predicates", conditions=['secret == "hush"']), "is no condition: "),
        (proposes("predicates", conditions=["10 / words > 2"]), 'has no value for the row id: "n0"'),
        (proposes("keys", keys=[["n1"], ["n2", "n1"]]), "the key `n1` is in lists 1 and 2"),
        (proposes("keys", keys=[["n99"]]), "no row has the key `n99`"),
        (proposes("ranges", field="words", bounds=["9", "3"]), "the bounds 9 and 3 (number 1) do not ascend"),
        (proposes("ranges", field="words", bounds=["many"]), "the bound `many` is no value of `words`"),
        (proposes("group", fields=["floor"]), "there is no field `floor`; there are id, ward, words"),
        (proposes("chunk", size=0), "`chunk` needs a `size` of at least 1"),
        (proposes("all"), "there is no rule `all`"),
        (proposes("predicates", conditions=['matches(ward, "(a+)+$")']), "`matches` is not for conditions"),
        ('{"rule": "predicates", "conditions": ["ward == \\"\\ud800\\""]}', "half of a surrogate pair"),
        (proposes("predicates", conditions=["(" * 3000]), "((…` is no condition: "),
        ("no idea", "the answer is not JSON"),
    ],
)
def test_what_is_no_decomposition_is_refused(notes: Dataset, proposal: str, counterexample: str) -> None:
    with pytest.raises(Refused) as refused:
        placed(proposal, notes)
    assert counterexample in str(refused.value)
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    ("proposal", "expected"),
    [
        (proposes("group", fields=["ward"]), [0, 1, 2] * 4),
        (proposes("chunk", size=5), [0] * 5 + [1] * 5 + [2] * 2),
        (proposes("ranges", field="words", bounds=["3", "10"]), [0] * 3 + [1] * 7 + [2] * 2),
        (proposes("keys", keys=[["n5", "n7"], ["n0"]]), [0, 1, 1, 1, 1, 2, 1, 2, 1, 1, 1, 1]),
    ],
    ids=["group", "chunk", "ranges", "keys"],
)
def test_sub_problems_are_numbered_by_their_first_rows(notes: Dataset, proposal: str, expected: list[int]) -> None:
    assert placed(proposal, notes) == expected


def test_rows_that_a_proposal_says_nothing_of_are_one_more_sub_problem(tmp_path: Path) -> None:
    table = dataset(tmp_path, [1, None, 7, 3, None])
    assert placed(proposes("ranges", field="words", bounds=["3"]), table) == [0, 1, 2, 2, 1]
    assert placed(proposes("predicates", conditions=["default(words, 0) > 5"]), table) == [0, 0, 1, 0, 0]
    assert placed(proposes("keys", keys=[["n4"], ["n0", "n3"]]), table) == [0, 1, 1, 0, 2]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=12), data=st.data())
def test_whatever_is_accepted_is_a_partition(
    tmp_path_factory: pytest.TempPathFactory, words: list[int | None], data: st.DataObject
) -> None:
    table = dataset(tmp_path_factory.mktemp("random"), words)
    conditions = data.draw(
        st.lists(st.sampled_from(["words == 1", 'ward == "a"', "is_null(words)", "true"]), max_size=3)
    )
    bounds = data.draw(st.lists(st.integers(0, 9).map(str), max_size=3))
    keys = data.draw(st.lists(st.lists(st.integers(0, 12).map("n{}".format), max_size=3), max_size=3))
    proposal = data.draw(
        st.sampled_from(
            [
                proposes("predicates", conditions=conditions),
                proposes("ranges", field="words", bounds=bounds),
                proposes("keys", keys=keys),
                proposes("group", fields=["ward", "words"]),
            ]
        )
    )
    try:
        found = placed(proposal, table)
    except Refused:
        return
    assert len(found) == table.rows
    assert sorted(Counter(found)) == list(range(len(set(found))))
    if json.loads(proposal)["rule"] == "keys":
        listed = {key: number for number, some in enumerate(keys) for key in some}
        inside = {(listed.get(f"n{row}"), number) for row, number in enumerate(found)}
        assert len(inside) == len({mine for mine, _ in inside}) == len({number for _, number in inside})
