"""The analysis gets through code that was not written for it: the standard library and the installed packages."""

import os
import site
from pathlib import Path

import pytest

from apwa_lang.proofs.python.survey import survey

LIBRARY = Path(os.__file__).parent
SKIPPED = frozenset(["test", "tests", "site-packages", "idlelib", "lib2to3", "tkinter", "turtledemo"])
PARTS = 4
PACKAGES = Path(site.getsitepackages()[0])
EVERY = 100


def test_a_survey_counts(tmp_path):
    (tmp_path / "a.py").write_text("import nothing_known\ndef f(x): return x\n")
    (tmp_path / "b.py").write_text("G = []\ndef f(x): G.append(x)\ndef g(x): return x.text\nclass C: pass\n")
    (tmp_path / "broken.py").write_text("def f(:\n")
    found = survey(tmp_path)
    assert (found.pure, found.effectful, found.unknown, found.internal) == (2, 1, 1, [])
    assert str(found) == "4 functions: pure 50.0 %, effectful 25.0 %, unknown 25.0 %"


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_standard_library(part):
    found = survey(LIBRARY, PARTS, part, SKIPPED)
    print(found)
    assert found.internal == []
    assert found.pure > 100


@pytest.mark.slow
def test_installed_packages():
    found = survey(PACKAGES, EVERY, 0, SKIPPED)
    print(found)
    assert found.internal == []
