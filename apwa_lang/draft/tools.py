"""A tool of a draft, as the command line names it.

In: ``module:function``, a Python function whose signature is read, never imported, in the folder of the user's modules;
or ``name=query(notes)``, a tool of the language. Out: its declaration.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from apwa_lang.draft.declare import quoted
from apwa_lang.draft.offer import Declaration, OfferError
from apwa_lang.proofs.python.modules import Modules

_PLAIN = {
    **{name: name for name in ("str", "int", "float", "bool", "date", "datetime")},
    "timedelta": "duration",
    "UUID": "uuid",
    **dict.fromkeys(("Any", "object", "dict"), "json"),
}
_TYPES = "str, int, float, bool, date, datetime, list[T], dict[str, T], T | None, Literal or Any"


def tool_declaration(target: str, folder: Path) -> Declaration:
    """The declaration of ``target``. Raises OfferError."""
    name, equals, form = target.partition("=")
    if equals:
        return Declaration("tool", name.strip(), f"tool {name.strip()} = {form.strip()}")
    module, colon, name = target.partition(":")
    if not colon or not name.isidentifier() or not all(part.isidentifier() for part in module.split(".")):
        raise OfferError(f"--tool takes module:function or name=form, as in `find=search(notes)`, not `{target}`")
    function, file = _function(target, module, name, folder)
    parameters = ", ".join(f"{one.arg}: {_type(one.annotation, one, file)}" for one in _parameters(function, file))
    result = _type(function.returns, function, file)
    doc = "".join(f"## {line}".rstrip() + "\n" for line in _doc(function))
    return Declaration("tool", name, f"{doc}tool {name}({parameters}) -> {result} {{ python: {quoted(target)} }}")


def _function(target: str, module: str, name: str, folder: Path) -> tuple[ast.FunctionDef, Path]:
    try:
        found = Modules(folder).load(module)
    except (SyntaxError, OSError, ValueError) as error:
        raise OfferError(f"--tool: the module `{module}` cannot be read: {error}") from None
    if found is None:
        raise OfferError(f"--tool: there is no module `{module}` in `{folder}`, where the draft will be")
    for node in reversed(found.parsed.tree.body):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return node, found.file
    raise OfferError(f"--tool: `{found.file.name}` has no function `{name}` of its own, with `def`")


def _parameters(function: ast.FunctionDef, file: Path) -> Iterator[ast.arg]:
    """The parameters that a model gives: those without a value of their own."""
    given = function.args
    if given.posonlyargs or given.vararg or given.kwarg:
        place = f"{file.name}:{function.lineno}"
        raise OfferError(f"--tool: `{function.name}` in {place} must take its arguments by name, and a fixed number")
    yield from given.args[: len(given.args) - len(given.defaults)]
    yield from (one for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value is None)


def _type(annotation: ast.expr | None, owner: ast.arg | ast.FunctionDef, file: Path) -> str:
    name = f"the parameter `{owner.arg}`" if isinstance(owner, ast.arg) else f"the result of `{owner.name}`"
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            annotation = None
    told = _told(annotation) if annotation is not None else None
    if told is None:
        raise OfferError(f"--tool: annotate {name} in {file.name}:{owner.lineno} by one of {_TYPES}")
    return told


def _told(node: ast.expr) -> str | None:
    """A type as the language writes it; None for one that it does not have."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return _PLAIN.get(name)
        case ast.BinOp(op=ast.BitOr(), left=left, right=ast.Constant(value=None)):
            return _optional(_told(left))
        case ast.BinOp(op=ast.BitOr(), left=ast.Constant(value=None), right=right):
            return _optional(_told(right))
        case ast.Subscript(value=ast.Name(id=form) | ast.Attribute(attr=form), slice=inner):
            return _generic(form, inner)
    return None


def _generic(form: str, inner: ast.expr) -> str | None:
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    match form, parts:
        case (("list" | "List" | "Sequence" | "Iterable"), [item]):
            told = _told(item)
            return None if told is None else f"list[{told}]"
        case (("dict" | "Dict" | "Mapping"), [key, value]):
            told = _told(value)
            return None if told is None or _told(key) != "str" else f"map[str, {told}]"
        case "Optional", [item]:
            return _optional(_told(item))
        case "Literal", texts:
            words = [one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            return " | ".join(map(quoted, words)) if len(words) == len(texts) else None
    return None


def _optional(told: str | None) -> str | None:
    if told is None or told == "json":
        return told
    return f"{told}?"


def _doc(function: ast.FunctionDef) -> list[str]:
    """The first paragraph of the docstring."""
    text = ast.get_docstring(function) or ""
    return inspect.cleandoc(text).split("\n\n")[0].splitlines()
