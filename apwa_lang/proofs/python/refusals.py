"""Constructs that the analysis does not follow, wherever they stand in the modules that a function reaches.

In: a module's syntax tree. Out: an ``UNKNOWN`` effect for each. The rest of the analysis follows values; these lead to
objects that it does not see, or that outlive a call in ways that it does not know, so they are refused by their looks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from apwa_lang.proofs.python.findings import Found, Kind

_SAFE_DUNDERS = frozenset(
    [
        "__name__",
        "__qualname__",
        "__doc__",
        "__file__",
        "__all__",
        "__version__",
        "__author__",
        "__debug__",
        "__init__",
        "__post_init__",
        "__main__",
        "__annotations__",
        "__slots__",
        "__match_args__",
        "__future__",
        "__enter__",
        "__exit__",
        "__str__",
        "__repr__",
        "__len__",
        "__eq__",
        "__hash__",
        "__new__",
        "__call__",
        "__iter__",
        "__next__",
        "__getitem__",
        "__setitem__",
        "__contains__",
        "__lt__",
        "__add__",
        "__bool__",
        "__package__",
    ]
)
_HIDDEN = frozenset(
    [
        "args",
        "exceptions",
        "with_traceback",
        "tb_frame",
        "tb_next",
        "f_globals",
        "f_locals",
        "f_back",
        "f_builtins",
        "gi_frame",
        "gi_code",
        "cr_frame",
        "ag_frame",
        "func_globals",
        "model_config",
        "model_fields",
        "model_computed_fields",
        "model_fields_set",
        "model_rebuild",
        "register",
        "dispatch",
        "registry",
        "cache_clear",
        "cache_info",
        "quantize_context",
    ]
)
_CALLED = {
    "update_wrapper": "changes a function that it is given",
    "exc_info": "reads the exception that is handled",
    "exception": "reads the exception that is handled",
    "fields": "reaches the shared descriptions of a class's fields",
    "singledispatch": "keeps a registry of functions",
    "frombuffer": "shares the memory of its argument",
    "genfromtxt": "reads a file or a URL",
    "memmap": "maps a file",
    "register_dialect": "changes settings of the process",
}
_HARMLESS_BASES = frozenset(
    [
        "object",
        "str",
        "int",
        "float",
        "tuple",
        "dict",
        "list",
        "set",
        "frozenset",
        "Exception",
        "ValueError",
        "TypeError",
        "KeyError",
        "RuntimeError",
        "ABC",
        "Protocol",
        "Enum",
        "IntEnum",
        "StrEnum",
        "NamedTuple",
        "TypedDict",
        "BaseModel",
        "Generic",
    ]
)
_HOOKS = frozenset(
    [
        "__copy__",
        "__del__",
        "__fspath__",
        "__getnewargs__",
        "__getnewargs_ex__",
        "__getstate__",
        "__instancecheck__",
        "__length_hint__",
        "__mro_entries__",
        "__prepare__",
        "__reduce__",
        "__reduce_ex__",
        "__set_name__",
        "__setstate__",
        "__subclasscheck__",
        "__subclasshook__",
    ]
)
_JSON_SETTINGS = frozenset(
    [
        "indent",
        "sort_keys",
        "ensure_ascii",
        "allow_nan",
        "separators",
        "skipkeys",
        "check_circular",
        "strict",
    ]
)


def refusals(name: str, file: Path, tree: ast.Module) -> Iterator[Found]:
    """What is refused in the module ``name``."""
    decorators = {id(node) for node in ast.walk(tree) for node in _decorators_of(node)}
    handled = _handled(tree)
    on_arrays = any(name.partition(".")[0] == "numpy" for name in _imported(tree))
    for function, node in _inside(name, tree):
        why = _why(node, decorators, handled, on_arrays)
        if why is not None:
            yield Found(Kind.UNKNOWN, function, file, getattr(node, "lineno", 1), why)


def _inside(name: str, node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        yield name, child
        inner = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from _inside(f"{name}.{child.name}" if inner else name, child)  # type: ignore[attr-defined]


def _decorators_of(node: ast.AST) -> list[ast.expr]:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    return [*node.decorator_list, *(one.func for one in node.decorator_list if isinstance(one, ast.Call))]


def _handled(tree: ast.Module) -> frozenset[str]:
    """The names that handlers give to exceptions."""
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name)


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def _why(node: ast.AST, decorators: set[int], handled: frozenset[str], on_arrays: bool) -> str | None:
    match node:
        case ast.Attribute(attr=attribute) if _is_hidden(attribute):
            return f"reads `{attribute}`, through which objects can be reached that are not followed"
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if name in handled:
            return f"reads `{attribute}` of an exception, which may carry any object"
        case ast.Attribute(value=ast.BinOp(), ctx=ast.Store() | ast.Del()):
            return "changes an attribute of the result of an operation"
        case ast.Name(id=name, ctx=ast.Load()) if _is_hidden_name(name):
            return f"reads `{name}`"
        case ast.MatchClass(kwd_attrs=attributes) if any(map(_is_hidden, attributes)):
            return "matches what an exception carries"
        case ast.ClassDef(bases=bases) if any(_last(base) in ("Flag", "IntFlag") for base in bases):
            return f"the members of `{node.name}` are made while it is used, and kept"
        case ast.ClassDef(bases=bases) if sum(_last(base) not in _HARMLESS_BASES for base in bases) > 1:
            return f"`{node.name}` has several base classes"
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in _HOOKS:
            return f"defines `{name}`, which Python calls where nothing shows it"
        case ast.Call():
            return _of_call(node, decorators, on_arrays)
        case _:
            return None


def _of_call(node: ast.Call, decorators: set[int], on_arrays: bool) -> str | None:
    name = _last(node.func)
    keywords = {keyword.arg for keyword in node.keywords}
    if name in ("getattr", "setattr", "delattr", "hasattr") and isinstance(node.func, ast.Name):
        constant = len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
        if not constant or _is_hidden(str(getattr(node.args[1], "value", ""))):
            return f"`{name}` of a name that is not followed"
    if name in ("JSONDecoder", "JSONEncoder") and not keywords <= _JSON_SETTINGS:
        return f"gives `{name}` a function to call later"
    if name == "wraps" and id(node) not in decorators and id(node.func) not in decorators:
        return "`wraps` changes a function that it is given"
    if "context" in keywords or (name == "deepcopy" and len(node.args) + len(node.keywords) > 1):
        return f"`{name}` keeps something in what it is given"
    if "copy" in keywords or (on_arrays and isinstance(node.func, ast.Attribute) and len(node.args) > 2):
        return f"`{name}` may write to what it is given"
    if name == "copy" and _is_of_module(node.func, "copy"):
        return "a copy may share what is inside"
    return f"`{name}` {_CALLED[name]}" if name in _CALLED else None


def _is_hidden(attribute: str) -> bool:
    dunder = attribute.startswith("__") and attribute.endswith("__")
    return attribute in _HIDDEN or (dunder and attribute not in _SAFE_DUNDERS)


def _is_hidden_name(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in _SAFE_DUNDERS


def _is_of_module(function: ast.expr, module: str) -> bool:
    """Whether a function is called by its own name, or by that of its module."""
    base = function.value if isinstance(function, ast.Attribute) else function
    return isinstance(base, ast.Name) and base.id == module


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value) | ast.Call(func=value):
            return _last(value)
        case _:
            return ""
