"""The variables of one block while it is looked at, statement by statement.

In: bindings in the order of execution. Out: what a name may be at this point. Names that nested functions see, and the
variables of modules, are kept for the whole block instead: all that they may ever be.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from apwa_lang.proofs.python.contexts import Context, Engine
from apwa_lang.proofs.python.findings import Kind
from apwa_lang.proofs.python.values import NOTHING, UserClass, Value, trimmed

Env = dict[str, Value]


@dataclass(slots=True)
class Frame:
    """``env`` is None after a ``return``, ``raise``, ``break`` or ``continue``: what follows is not reached."""

    engine: Engine
    context: Context
    cls: UserClass | None = None
    is_class: bool = False
    is_module: bool = False
    env: Env | None = field(default_factory=dict)
    tries: list[Env] = field(default_factory=list)
    breaks: list[Env] = field(default_factory=list)
    continues: list[Env] = field(default_factory=list)
    depth: int = 0

    def bind(self, name: str, value: Value) -> None:
        """``name`` is ``value`` from here on."""
        scope = self.context.scope
        if self.env is None:
            return
        if name in scope.globals and not self.is_module:
            self._bind_global(name, value)
        elif name in scope.nonlocals:
            self._bind_outer(name, value)
        elif self.is_module or (name in scope.cells and not self.is_class):
            self.engine.grow(self.context.cells, name, value)
        else:
            self.env[name] = value
            for record in self.tries:
                record[name] = record.get(name, NOTHING) | value

    def _bind_global(self, name: str, value: Value) -> None:
        module = self.context.module
        if not self.engine.importing:
            if (module, name) not in self.engine.written:
                self.engine.written.add((module, name))
                self.engine.version += 1
            self.engine.record(Kind.WRITE_GLOBAL, f"assigns the module variable `{name}`")
        self.engine.grow(module.vars, name, value)

    def _bind_outer(self, name: str, value: Value) -> None:
        for owner in _owners(self.context, name):
            if owner.shared and not self.engine.importing:
                self.engine.record(Kind.STATE, f"assigns `{name}`, which the closure keeps between calls")
            self.engine.grow(owner.cells, name, value)

    def lookup(self, name: str) -> Value | None:
        """What ``name`` may be; None if it is a name of the module or a builtin."""
        scope = self.context.scope
        if name in scope.globals:
            return None
        if self.env is not None and name in self.env:
            return self.env[name]
        if not self.is_module and not self.is_class and name in scope.bound:
            return self.context.cells.get(name, NOTHING)
        owners = _owners(self.context, name)
        if owners:
            return NOTHING.union(*(owner.cells.get(name, NOTHING) for owner in owners))
        return None

    @contextmanager
    def inner(self) -> Iterator[None]:
        """The names that are bound inside are as before afterwards: a comprehension's own."""
        before = None if self.env is None else dict(self.env)
        yield
        if self.env is not None and before is not None:
            for name in [name for name in self.env if name not in before]:
                del self.env[name]
            self.env.update(before)


def _owners(context: Context, name: str) -> list[Context]:
    """The enclosing functions that ``name`` belongs to."""
    found: list[Context] = []
    queue = list(context.parents)
    seen: set[Context] = set()
    while queue:
        parent = queue.pop()
        if parent in seen:
            continue
        seen.add(parent)
        if name in parent.scope.globals:
            continue
        if name in parent.scope.bound and not parent.top:
            found.append(parent)
        else:
            queue.extend(parent.parents)
    return found


def merged(*envs: Env | None) -> Env | None:
    """What the names may be where several ways meet; None if none is taken."""
    live = [env for env in envs if env is not None]
    if not live:
        return None
    names = dict.fromkeys(name for env in live for name in env)
    return {name: trimmed(NOTHING.union(*(env.get(name, NOTHING) for env in live))) for name in names}
