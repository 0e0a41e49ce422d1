"""The user's own modules: found below the base folder, read and parsed, never imported.

In: dotted names. Out: modules with their trees, scopes and the variables that any of their functions changes.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from apwa_lang.proofs.python.scopes import Scope, scopes
from apwa_lang.proofs.python.values import Obj, Value

_MUTATOR_NAMES = (
    "append extend insert pop remove clear sort reverse add discard update setdefault popitem appendleft "
    "popleft extendleft rotate subtract write writelines __setitem__ __delitem__ intersection_update "
    "difference_update"
)
MUTATORS = frozenset(_MUTATOR_NAMES.split())


@dataclass(frozen=True, slots=True)
class Parsed:
    """The text of a module, understood. ``changed`` are its variables that some function or other module may change."""

    tree: ast.Module
    scopes: dict[ast.AST, Scope]
    changed: frozenset[str]
    digest: str


@dataclass(eq=False, slots=True)
class Module(Obj):
    """A module that the analysis has reached; ``vars`` are its variables with all that they may ever hold."""

    name: str
    file: Path
    package: bool
    parsed: Parsed
    vars: dict[str, Value] = field(default_factory=dict)
    round: int = 0


@dataclass(slots=True)
class Modules:
    """The modules below ``base``, read once each.

    While a library is ``surveyed``, the modules of other libraries that lie beside it are known by their tables only.
    """

    base: Path
    surveyed: str | None = None
    loaded: dict[str, Module] = field(default_factory=dict)

    def owns(self, name: str) -> bool:
        """Whether the top-level module or package ``name`` lies below the base folder."""
        top = self.base / name
        return _is_file(top.with_name(f"{name}.py")) or _is_file(top / "__init__.py")

    def owns_folder(self, name: str) -> bool:
        """Whether ``name`` is a folder without ``__init__.py`` that holds Python files."""
        try:
            return any((self.base / name).glob("*.py")) or any((self.base / name).glob("*/*.py"))
        except OSError:
            return False

    def load(self, name: str) -> Module | None:
        """The module ``name``, None if there is none. Raises SyntaxError, OSError or ValueError if it is unreadable."""
        if name not in self.loaded:
            place = self.base.joinpath(*name.split("."))
            if _is_file(place / "__init__.py"):
                file = place / "__init__.py"
            elif _is_file(place.with_name(f"{place.name}.py")):
                file = place.with_name(f"{place.name}.py")
            else:
                return None
            self.loaded[name] = Module(name, file, file.name == "__init__.py", parse(file.read_bytes()))
        return self.loaded[name]

    def is_folder(self, name: str) -> bool:
        """Whether ``name`` is a package without ``__init__.py``."""
        return self.base.joinpath(*name.split(".")).is_dir()

    def sources(self) -> tuple[tuple[str, str], ...]:
        """The path and digest of every module reached, sorted."""
        modules = self.loaded.values()
        return tuple(
            sorted((module.file.relative_to(self.base).as_posix(), module.parsed.digest) for module in modules)
        )


@lru_cache(maxsize=128)
def parse(source: bytes) -> Parsed:
    """Parse the text of a module. Raises SyntaxError or ValueError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
    found = scopes(tree)
    return Parsed(tree, found, _changed(tree, found), hashlib.sha256(source).hexdigest())


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _changed(tree: ast.Module, found: dict[ast.AST, Scope]) -> frozenset[str]:
    """Names that are changed below the top level by ``global``, by assignment through them, or by a changing method."""
    names: set[str] = set()
    for block, scope in found.items():
        if block is tree or isinstance(block, ast.ClassDef):
            continue
        names |= scope.globals & _bound_below(block)
        for node in ast.walk(block):
            root: ast.expr | None = None
            if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
                root = node.value
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
                root = node.func.value
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and root.id not in scope.bound:
                names.add(root.id)
    return frozenset(names)


def _bound_below(block: ast.AST) -> set[str]:
    stored = {node.id for node in ast.walk(block) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    for node in ast.walk(block):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stored.add(node.name)
        elif isinstance(node, ast.alias):
            stored.add(node.asname or node.name.partition(".")[0])
    return stored
