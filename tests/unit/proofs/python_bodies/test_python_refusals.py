"""Ways around the analysis that it refuses by their looks: each keeps something between calls, or reaches out."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.proofs.python import Kind, infer

SNIPPETS = {
    "a method by a name that is not constant": """
from pathlib import Path
def f(x): return getattr(Path("/tmp/shared"), x)()
""",
    "the second of two bases": """
class Log:
    seen = []
    def note(self, x): self.seen.append(x)
class Quiet:
    def note(self, x): pass
class Both(Log, Quiet): pass
def f(x): Both().note(x)
""",
    "the class of a row": "def f(row): row.__class__.count = 1",
    "the settings of a row's class": "def f(row): row.model_config['x'] = 1",
    "what an exception carries": """
KEPT = []
def g(): raise KeyError(KEPT)
def f(x):
    try: g()
    except KeyError as error: error.args[0].append(x)
""",
    "the exception that is handled": """
import sys
KEPT = []
def f(x):
    try: raise ValueError(KEPT)
    except ValueError: sys.exc_info()[1].args[0].append(x)
""",
    "what a generator returns": """
KEPT = []
def g():
    return KEPT
    yield
def f(x):
    try: next(g())
    except StopIteration as end: end.value.append(x)
""",
    "the variables of a frame": """
KEPT = []
def f(x):
    try: raise ValueError
    except ValueError as error: error.__traceback__.tb_frame.f_globals["KEPT"].append(x)
""",
    "a decoder that calls back": """
import json
KEPT = []
DECODER = json.JSONDecoder(parse_int=KEPT.append)
def f(x): return DECODER.decode(x)
""",
    "the loader of the module": "def f(x): return __loader__.get_data('/etc/hostname')",
    "a function that gets another's face": """
import functools
def g(): pass
def h(): pass
def f(x): functools.update_wrapper(h, g)
""",
    "the members of a flag": """
import enum
class P(enum.Flag):
    R = 1
    W = 2
def f(x):
    both = P.R | P.W
    both.note = x
""",
    "a copy of an iterator": """
import copy
KEPT = map(str, [1, 2, 3])
def f(x): return next(copy.copy(KEPT))
""",
    "a path of one's own": """
import os
KEPT = []
class Own:
    def __fspath__(self):
        KEPT.append(1)
        return "x"
def f(x): return os.path.join(Own(), x)
""",
    "an array that is written to by its place": """
import numpy as np
KEPT = np.zeros(2)
def f(x): return str(np.add(1, 1, KEPT))
""",
    "a copy of one's own making": """
import copy
KEPT = []
class Own:
    def __reduce__(self):
        KEPT.append(1)
        return Own, ()
def f(x): return copy.deepcopy(Own())
""",
    "a memo": """
import copy
KEPT = {}
def f(x): return copy.deepcopy([x], KEPT)
""",
}


@pytest.mark.parametrize("name", SNIPPETS)
def test_no_way_around(name: str, tmp_path: Path) -> None:
    (tmp_path / "body.py").write_text(SNIPPETS[name])
    found = infer("body:f", tmp_path, frozenset())
    assert found.missing is None
    assert {effect.kind for effect in found.effects} - {Kind.MUTATES_ARG, Kind.RANDOM, Kind.TIME, Kind.ENV}
