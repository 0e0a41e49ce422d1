"""Several modules: imports, chains of calls, digests, and what cannot be found."""

import hashlib

import pytest
from bodies import analyse, kinds, table

from apwa_lang.proofs.python import Kind, infer

IMPORTS = """
=== only definitions:
import os, re, logging
from dataclasses import dataclass
WORD = re.compile("a")
SIZES = {n: n * n for n in range(3)}
@dataclass
class A: x: int = 0
try:
    import tomllib
except ImportError:
    tomllib = None
if __name__ == "__main__":
    os.remove("a")
=== a file: IMPORT_SIDE
TEXT = open("/etc/passwd").read()
=== a process: IMPORT_SIDE
import subprocess
subprocess.run(["ls"])
=== the environment: IMPORT_SIDE
import os
HOME = os.environ["HOME"]
=== the path: IMPORT_SIDE
import sys
sys.path.insert(0, "lib")
=== logging: IMPORT_SIDE
import logging
logging.basicConfig()
=== a seed: IMPORT_SIDE
import random
random.seed(3)
=== an unknown call: IMPORT_SIDE
import pandas
FRAME = pandas.DataFrame()
=== a loop with a helper: IMPORT_SIDE
import os
def load():
    os.chdir("/")
load()
=== its own tables:
TABLE = {}
def add(k): TABLE[k] = 1
add("a")
"""


@pytest.mark.parametrize(("source", "expected"), [pytest.param(*rest, id=name) for name, *rest in table(IMPORTS)])
def test_the_top_level_of_a_module(tmp_path, source, expected):
    assert kinds(analyse(tmp_path, "import other\ndef f(x): return other", other=source)) == set(expected.split())


def test_a_chain_of_calls_is_told(tmp_path):
    found = analyse(
        tmp_path,
        """
        from tools import clean
        def f(note):
            return clean.tidy(note.text)
        """,
        tools__clean="""
        from tools.memory import keep
        def tidy(text):
            return keep(text.strip())
        """,
        tools__memory="""
        SEEN = []
        def keep(text):
            SEEN.append(text)
            return text
        """,
    )
    (effect,) = found.effects
    assert effect.kind is Kind.WRITE_GLOBAL
    assert effect.function == "tools.memory.keep"
    assert (effect.file, effect.line) == (tmp_path / "tools/memory.py", 4)
    assert effect.reason == "appends to the module variable `SEEN`"
    assert [(call.function, call.file.name, call.line) for call in effect.chain] == [
        ("tools.clean.tidy", "m.py", 4),
        ("tools.memory.keep", "clean.py", 4),
    ]


def test_an_effect_of_the_body_itself_has_no_chain(tmp_path):
    (effect,) = analyse(tmp_path, "G = []\ndef f(x):\n    G.append(x)").effects
    assert (effect.function, effect.line, effect.chain) == ("m.f", 3, ())


def test_modules_that_import_each_other(tmp_path):
    found = analyse(
        tmp_path,
        "import b\ndef f(x): return b.twice(x)\ndef one(x): return x",
        b="import m\ndef twice(x): return m.one(x) + m.one(x)",
    )
    assert kinds(found) == set()


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from . import a\ndef f(x): a.G.append(x)", id="from-dot"),
        pytest.param("from .a import G\ndef f(x): G.append(x)", id="from-module"),
        pytest.param("from .a import *\ndef f(x): G.append(x)", id="star"),
        pytest.param("import pack.a\ndef f(x): pack.a.G.append(x)", id="dotted"),
        pytest.param("import pack.a as b\ndef f(x): b.G.append(x)", id="renamed"),
        pytest.param("def f(x):\n    from pack import a\n    a.G.append(x)", id="inside"),
        pytest.param("import importlib\ndef f(x): importlib.import_module('pack.a').G.append(x)", id="importlib"),
    ],
)
@pytest.mark.parametrize("package", ["", "x = 1"], ids=["folder", "package"])
def test_ways_to_import(tmp_path, source, package):
    modules = {"pack__b": source, "pack__a": "G = []"}
    if package:
        modules["pack____init__"] = package
        (tmp_path / "pack").mkdir()
        (tmp_path / "pack/__init__.py").write_text(package)
        del modules["pack____init__"]
    assert kinds(analyse(tmp_path, "", target="pack.b:f", **modules)) == {"WRITE_GLOBAL"}


def test_a_user_module_with_the_name_of_a_library_module_is_unknown(tmp_path):
    found = analyse(tmp_path, "import random\ndef f(x): return random.pick(x)", random="def pick(x): return x")
    assert "UNKNOWN" in kinds(found)


def test_sources_are_those_of_every_module_reached(tmp_path):
    found = analyse(tmp_path, "import used\ndef f(x): return x", used="A = 1", unused="B = 1")
    hashed = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("m.py", "used.py")}
    assert found.sources == tuple(sorted(hashed.items()))
    (tmp_path / "unused.py").write_text("B = 2")
    assert infer("m:f", tmp_path, frozenset()).digest == found.digest
    (tmp_path / "used.py").write_text("A = 2")
    assert infer("m:f", tmp_path, frozenset()).digest != found.digest
    assert infer("m:f", tmp_path, frozenset()) == infer("m:f", tmp_path, frozenset())


@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param("nothing:f", "there is no module `nothing`", id="module"),
        pytest.param("m:nothing", "has no function `nothing`", id="function"),
        pytest.param("bad:f", "line 2 of the module `bad` is not Python", id="syntax"),
        pytest.param("nul:f", "cannot be read", id="nul"),
        pytest.param("../m:f", "there is no module", id="name"),
        pytest.param("m", "has no function ``", id="no-function"),
    ],
)
def test_what_cannot_be_found(tmp_path, target, words):
    (tmp_path / "nul.py").write_bytes(b"x = '\0'")
    found = analyse(tmp_path, "def f(x): return x", target=target, bad="x = 1\ndef f(:")
    assert words in (found.missing or ""), found
    assert found.effects == ()


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("class f:\n    def __init__(self, x): self.x = x", id="class"),
        pytest.param("class C:\n    def __call__(self, x): return x\nf = C()", id="instance"),
        pytest.param("from functools import partial\ndef g(a, x): return x\nf = partial(g, 1)", id="partial"),
        pytest.param("f = lambda x: x + 1", id="lambda"),
        pytest.param("class C:\n    def m(self, x): return x\nf = C().m", id="method"),
    ],
)
def test_targets_that_are_no_plain_functions(tmp_path, source):
    assert kinds(analyse(tmp_path, source)) == set()


def test_deep_code_is_given_up_and_does_not_crash(tmp_path):
    found = analyse(tmp_path, "def f(x): return " + "(" * 80 + "x" + ",)" * 80 + " + " + "+".join(["x"] * 3000))
    assert found.missing is not None or {effect.kind for effect in found.effects} <= {Kind.UNKNOWN}
