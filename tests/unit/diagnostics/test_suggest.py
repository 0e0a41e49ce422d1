"""The name that was meant."""

from __future__ import annotations

import pytest

from apwa_lang.diagnostics.suggest import did_you_mean


@pytest.mark.parametrize(("name", "meant"), [("Fil", "File"), ("fil", "file"), ("FIle", "File")])
def test_of_names_that_differ_in_case_the_nearest_is_meant_in_any_order(name: str, meant: str) -> None:
    assert did_you_mean(name, ["file", "File"]) == did_you_mean(name, ["File", "file"]) == meant
