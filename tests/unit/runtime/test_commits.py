"""One path, one writer in a run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from apwa_compiler.plan import Limit, Plan, Step
from apwa_runtime.commits import Claim, Commits


def step(name: str, *after: str) -> Step:
    return Step(name, Limit(1), (), None, after)


PLAN = Plan("p", "main", "/base", (), (), (), (step("a"), step("b", "a"), step("c", "b"), step("d", "a"), step("e")))


def blocking(folder: Path, name: str, owner: int | None = 0, digest: str = "x", **options: bool) -> str | None:
    claim = Commits(PLAN, name, folder).blocking(str(folder / "target"), Claim(name, owner, digest), **options)
    return None if claim is None else str(claim)


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        pytest.param(("a", 0), ("a", 0), None, id="a-retry"),
        pytest.param(("a", 0), ("a", 1), "sub-problem 0 of `a`", id="another-sub-problem"),
        pytest.param(("a", 0), ("b", 0), None, id="a-later-step"),
        pytest.param(("a", 0), ("c", 7), None, id="a-step-after-a-later-step"),
        pytest.param(("b", 0), ("a", 0), "sub-problem 0 of `b`", id="an-earlier-step"),
        pytest.param(("a", 0), ("e", 0), "sub-problem 0 of `a`", id="a-step-beside"),
        pytest.param(("e", None), ("a", 0), "`e`", id="a-save-beside"),
    ],
)
def test_who_may_follow(
    tmp_path: Path, first: tuple[str, int | None], then: tuple[str, int | None], expected: str | None
) -> None:
    assert blocking(tmp_path, *first) is None
    assert blocking(tmp_path, *then) == expected


def test_two_steps_after_one_do_not_both_follow_it(tmp_path: Path) -> None:
    assert [blocking(tmp_path, name) for name in ("a", "b", "d")] == [None, None, "sub-problem 0 of `b`"]


def test_idempotent_sub_problems_agree_in_bytes(tmp_path: Path) -> None:
    assert blocking(tmp_path, "a", 0, "x", idempotent=True) is None
    assert blocking(tmp_path, "a", 1, "x", idempotent=True) is None
    assert blocking(tmp_path, "a", 2, "y", idempotent=True) == "sub-problem 0 of `a`"
    assert blocking(tmp_path, "e", 0, "x", idempotent=True) == "sub-problem 0 of `a`"


def test_two_ways_to_one_file_are_one_path(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    commits = Commits(PLAN, "a", tmp_path)
    assert commits.blocking(str(tmp_path / "real/x"), Claim("a", 0)) is None
    assert commits.blocking(str(tmp_path / "link/x"), Claim("a", 1)) == Claim("a", 0)


def test_of_many_at_once_one_gets_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda owner: blocking(tmp_path, "a", owner), range(64)))
    assert answers.count(None) == 1
    assert len(set(answers)) == 2
