"""The tables of effects name only what there is, and all of it where they say so."""

import builtins
import importlib
import importlib.util
import inspect
import types

import pytest

from apwa_lang.proofs.python.library import library
from apwa_lang.proofs.python.special import SPECIAL

TABLES = library()
PSEUDO = {
    "None": type(None),
    "NotImplementedType": type(NotImplemented),
    "ellipsis": type(...),
    "Exception": Exception,
    "iterator": type(iter([])),
    "generator": types.GeneratorType,
    "dict_keys": type({}.keys()),
    "dict_values": type({}.values()),
    "dict_items": type({}.items()),
    "functools._lru_cache_wrapper": None,
}
MODULES = sorted(TABLES.modules)
CHECKED = [
    name
    for name, type in TABLES.types.items()
    if "complete" in type.flags and name not in {"never", "Exception", "native", "None"}
]


def found(name):
    """The module of that name; skips the test where it is not installed."""
    if name.partition(".")[0] in TABLES.packages and importlib.util.find_spec(name.partition(".")[0]) is None:
        pytest.skip(f"{name} is not installed")
    return importlib.import_module(name)


OPERATORS = {"__iter__": "__getitem__"}


def exists(module, name):
    if hasattr(module, name) or hasattr(module, OPERATORS.get(name, name)):
        return True
    path = getattr(module, "__path__", None)
    return path is not None and importlib.util.find_spec(f"{module.__name__}.{name}") is not None


def of_module(module):
    prefix = f"{module}."
    for full, (_, _, other_version) in TABLES.entries.items():
        if full.startswith(prefix) and "." not in full[len(prefix) :] and not other_version:
            yield full[len(prefix) :]


@pytest.mark.parametrize("module", MODULES)
def test_each_function_in_the_tables_exists(module):
    there = found(module)
    assert [name for name in of_module(module) if not exists(there, name)] == []


def python_type(name):
    if name in PSEUDO:
        return PSEUDO[name]
    if hasattr(builtins, name):
        return getattr(builtins, name)
    module, _, last = name.rpartition(".")
    if module not in TABLES.modules:
        return None
    return getattr(found(module), last, None)


@pytest.mark.parametrize("name", CHECKED)
def test_types_that_are_called_complete_are(name):
    type = python_type(name)
    public = {member for member in dir(type) if not member.startswith("_")}
    assert sorted(member for member in public if TABLES.member(name, member) is None) == []


ALSO = {
    "calendar.Calendar": "calendar.TextCalendar",
    "datetime.timezone": "zoneinfo.ZoneInfo",
    "os.stat_result": "os.statvfs_result",
    "io.IOBase": "io.TextIOBase",
    "io.BufferedRandom": "io.FileIO",
    "email.message.Message": "email.message.EmailMessage",
    "threading.Lock": "threading.Condition threading.Event _thread.LockType",
}
"""Types whose line in the tables stands for other classes too."""

TYPES = [name for name, type in TABLES.types.items() if type.members and name.partition(".")[0] not in TABLES.packages]


@pytest.mark.parametrize("name", TYPES)
def test_each_method_in_the_tables_exists(name):
    classes = [cls for cls in map(python_type, [name, *ALSO.get(name, "").split()]) if inspect.isclass(cls)]
    if not classes or name in {"Exception", "ast.AST", "tempfile._TemporaryFileWrapper"}:
        pytest.skip("what functions give, or what many types have")
    lines = [member for member, (_, _, other) in TABLES.types[name].members.items() if not other]
    methods = [member for member in lines if not TABLES.member(name, member).is_value]
    assert [member for member in methods if not any(exists(cls, member) for cls in classes)] == []


def test_every_line_can_be_read():
    names = [*TABLES.entries, *(f"{type.name}.{member}" for type in TABLES.types.values() for member in type.members)]
    assert [name for name in names if TABLES.entry(name) is None] == []


def test_every_special_function_is_known():
    made = {name for name in SPECIAL if name.endswith(("()", ".register")) or name.startswith("property.")}
    assert [name for name in SPECIAL if name not in made and TABLES.entry(name) is None] == []


def test_every_type_that_a_line_names_is_in_the_tables():
    unknown = set()

    def look(expr):
        plain = expr.place is None and not expr.name.startswith(("=", "*")) and expr.name not in {"self", "call"}
        if plain and expr.name not in TABLES.types:
            unknown.add(expr.name)
        for group in expr.inner:
            for inner in group:
                look(inner)

    for name in [*TABLES.entries, *(f"{t.name}.{member}" for t in TABLES.types.values() for member in t.members)]:
        for expr in TABLES.entry(name).result or ():
            look(expr)
    assert unknown == set()
