"""The state of one analysis: calls, objects and findings, all of which only grow until nothing is new.

In: the user's modules and a runner for their code. Out: findings. Each function is looked at once for each
combination of arguments, up to ``LIMIT`` of them; further ones are taken together.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from apwa_lang.proofs.python.findings import Call, Found, Kind
from apwa_lang.proofs.python.library import Library
from apwa_lang.proofs.python.modules import Module, Modules
from apwa_lang.proofs.python.scopes import Scope
from apwa_lang.proofs.python.values import (
    NOTHING,
    UNKNOWN,
    UNKNOWN_SHARED,
    Args,
    Bound,
    Func,
    Imm,
    Lib,
    Obj,
    Site,
    UserClass,
    Value,
    imm,
    trimmed,
)

LIMIT = 12
STEPS = 20_000
"""Statements and calls looked at before a function is called too large."""

_IMPORT_FREE = frozenset([Kind.READ_GLOBAL, Kind.MUTATES_ARG])


class TooLargeError(Exception):
    """The function reaches more code than the analysis looks at."""


@dataclass(eq=False, slots=True)
class Context:
    """One function called with one combination of arguments, or the top level of a module or class."""

    name: str
    module: Module
    scope: Scope
    parents: tuple[Context, ...] = ()
    caller: tuple[Context, int] | None = None
    shared: bool = False
    owner: UserClass | None = None
    first: str | None = None
    top: bool = False
    line: int = 0
    round: int = 0
    args: dict[str, Value] = field(default_factory=dict)
    cells: dict[str, Value] = field(default_factory=dict)
    results: dict[str, Value] = field(default_factory=dict)

    def chain(self) -> tuple[Call, ...]:
        """How the analysed function gets here, outermost first."""
        calls: list[Call] = []
        at: Context = self
        while at.caller is not None:
            caller, line = at.caller
            calls.append(Call(at.name, caller.module.file, line))
            at = caller
        return tuple(reversed(calls))


Key = tuple[object, ...]


@dataclass(eq=False)
class Engine:
    """What is known so far. ``version`` changes whenever something is added."""

    modules: Modules
    tables: Library
    run_function: Callable[[Engine, Func, Context], None]
    run_module: Callable[[Engine, Module, Context], None]
    call: Callable[[Engine, Value, Args], Value]
    version: int = 0
    round: int = 0
    steps: int = 0
    importing: bool = False
    node: object = None
    root: Context | None = None
    raised: dict[str, Value] = field(default_factory=dict)
    found: dict[Key, Found] = field(default_factory=dict)
    written: set[tuple[Module, str]] = field(default_factory=set)
    mutated: set[Obj] = field(default_factory=set)
    current: list[Context] = field(default_factory=list)
    _sites: dict[Key, Site] = field(default_factory=dict)
    _packs: dict[Key, set[Key]] = field(default_factory=dict)
    _others: dict[Key, Obj] = field(default_factory=dict)
    _contexts: dict[Obj | ast.AST, dict[Key, Context]] = field(default_factory=dict)
    _reach: dict[Value, set[Obj]] = field(default_factory=dict)
    _reach_version: int = -1
    _tops: dict[Module, Context] = field(default_factory=dict)
    _reached: set[ast.AST] = field(default_factory=set)
    _unreached: dict[ast.AST, tuple[Context, int, str]] = field(default_factory=dict)

    @property
    def here(self) -> Context:
        """The call that is being looked at."""
        return self.current[-1]

    def reachable(self, value: Value) -> set[Obj]:
        """The objects of ``value`` and all that they hold, as far as is known now."""
        if self._reach_version != self.version:
            self._reach.clear()
            self._reach_version = self.version
        if value not in self._reach:
            self._reach[value] = reachable(value)
            self.step(len(self._reach[value]) // 20)
        return self._reach[value]

    def step(self, amount: int = 1) -> None:
        """Count a piece of work. Raises TooLargeError."""
        self.steps += amount
        if self.steps > STEPS:
            raise TooLargeError

    def begin_round(self) -> None:
        """Forget the findings, keep what is known of objects."""
        self.round += 1
        self.found.clear()
        self._reached.clear()
        self._unreached.clear()

    def end_rounds(self) -> None:
        """Report what was looked for but never found: a value that the analysis has lost is unknown."""
        for context, line, what in self._unreached.values():
            self.record(Kind.UNKNOWN, f"nothing is known of what `{what}` is", at=(context, line))

    def expect(self, node: ast.AST, value: Value, what: str) -> None:
        """Note whether ``value``, which ``node`` gives, is ever something."""
        if value:
            self._reached.add(node)
            self._unreached.pop(node, None)
        elif node not in self._reached:
            self._unreached[node] = (self.here, self.here.line, what)

    def grow(self, table: dict[str, Value], name: str, value: Value) -> None:
        """Add ``value`` to what ``name`` may be."""
        old = table.get(name)
        new = trimmed(value if old is None else old | value)
        if new != old:
            table[name] = new
            self.version += 1

    def site(
        self,
        node: object,
        type: str,
        tag: object = "",
        cls: UserClass | None = None,
        argument: str | None = None,
        label: str = "",
        shared: bool = False,
    ) -> Site:
        """The objects of ``type`` that are made at ``node`` now; ``shared`` ones are there before any call."""
        shared = shared or self.importing
        key = (node, type, tag, shared)
        if key not in self._sites:
            self._sites[key] = Site(type, shared, label, cls, argument)
        return self._sites[key]

    def fresh(self, node: object, type: str, elements: Value = NOTHING, tag: object = "") -> Value:
        """A new object of a library type that holds ``elements``."""
        if self.tables.has(type, "immutable"):
            return self.once((type,), lambda: Imm(type))
        site = self.site(node, type, tag)
        if elements:
            self.grow(site.fields, "[]", elements)
        return frozenset([site])

    def packed(self, node: ast.AST, type: str, given: Args) -> Value:
        """What ``*args`` or ``**kwargs`` of a function is for the arguments ``given`` beyond its parameters."""
        key = (tuple(given.pos), tuple(sorted(given.kw)), tuple(given.kw.values()), given.star, given.kwstar)
        tags = self._packs.setdefault((node, type), set())
        if key not in tags and len(tags) < LIMIT:
            tags.add(key)
        site = self.site(node, type, key if key in tags else "many")
        for name, value in [*((str(place), value) for place, value in enumerate(given.pos)), *given.kw.items()]:
            self.grow(site.fields, name if type == "tuple" else f"k:{name}", value)
        rest = given.star | given.kwstar
        if rest or key not in tags:
            self.grow(site.fields, "*", rest)
        self.grow(site.fields, "[]", given.every())
        if type == "dict":
            self.grow(site.fields, "[k]", imm("str"))
        return frozenset([site])

    def native(self, node: object, elements: Value = NOTHING) -> Value:
        """New plain data that may hold ``elements``."""
        return self.fresh(node, "native", elements)

    def once(self, key: Key, make: Callable[[], Obj]) -> Value:
        """The one object of that key."""
        if key not in self._others:
            self._others[key] = make()
        return frozenset([self._others[key]])

    def lib(self, name: str) -> Value:
        """The library object of that full name."""
        return self.once(("lib", name), lambda: Lib(name))

    def function(self, name: str) -> Lib:
        """The library function of that full name."""
        (found,) = self.lib(name)
        assert isinstance(found, Lib)
        return found

    def bound(self, function: Func | Lib, receiver: Obj) -> Value:
        """A method of ``receiver``."""
        return self.once((function, receiver), lambda: Bound(function, receiver))

    def unknown(self, reason: str) -> Value:
        """Anything at all, reported with its reason."""
        self.record(Kind.UNKNOWN, reason)
        return UNKNOWN_SHARED if self.importing else UNKNOWN

    def context(self, func: Func, args: dict[str, Value]) -> Context:
        """The place for a call of ``func``; arguments are added to those of earlier calls once there are too many."""
        known = self._contexts.setdefault(func.node, {})
        key: Key = (func, self.importing, *sorted(args), *(args[name] for name in sorted(args)))
        if key in known:
            return known[key]
        widened = len(known) >= LIMIT
        if widened:
            key = (self.importing,)
        if key not in known:
            scope = func.module.parsed.scopes[func.node]
            caller = None if self.here is self.root else (self.here, self.here.line)
            known[key] = Context(func.name, func.module, scope, func.parents, caller, self.importing, func.owner)
            parameters = [*func.node.args.posonlyargs, *func.node.args.args]
            known[key].first = parameters[0].arg if parameters else None
            self.version += 1
        context = known[key]
        if widened:
            new = [parent for parent in func.parents if parent not in context.parents]
            if new:
                context.parents += tuple(new)
                self.version += 1
        for name, value in args.items():
            self.grow(context.args, name, value)
        return context

    def enter(self, func: Func, context: Context) -> None:
        """Look at the body of ``func`` unless that was done in this round or is under way."""
        if context.round == self.round:
            return
        context.round = self.round
        self.current.append(context)
        try:
            self.run_function(self, func, context)
        finally:
            self.current.pop()

    def top(self, module: Module) -> Context:
        """The top level of ``module``."""
        if module not in self._tops:
            scope = module.parsed.scopes[module.parsed.tree]
            self._tops[module] = Context(module.name, module, scope, shared=True, top=True, cells=module.vars)
        return self._tops[module]

    def load(self, module: Module) -> None:
        """Look at the top level of ``module``, as an import does."""
        if module.round == self.round:
            return
        module.round = self.round
        importing, self.importing = self.importing, True
        self.current.append(self.top(module))
        try:
            self.run_module(self, module, self.here)
        finally:
            self.current.pop()
            self.importing = importing

    def record(
        self,
        kind: Kind,
        reason: str,
        detail: str | None = None,
        private: bool = False,
        at: tuple[Context, int] | None = None,
    ) -> None:
        """Note an effect of the code that is being looked at."""
        context, line = at or (self.here, self.here.line)
        if context.shared:
            if kind in _IMPORT_FREE:
                return
            if kind is not Kind.UNKNOWN or "when imported" not in reason:
                reason = f"importing `{context.module.name}` does more than define things: it {reason}"
                kind, detail, private = Kind.IMPORT_SIDE, None, False
        found = Found(kind, context.name, context.module.file, line, reason, context.chain(), detail, private)
        key = (kind, found.function, found.file, line, reason, detail, private)
        if key not in self.found or len(found.chain) < len(self.found[key].chain):
            self.found[key] = found

    def mutate(self, obj: Obj, verb: str) -> None:
        """``obj`` is changed now; ``verb`` says how, in front of what is changed."""
        if isinstance(obj, Site) and obj.type == "dict" and any(name.startswith("k:") for name in obj.fields):
            self.grow(obj.fields, "changed", imm("bool"))
        match obj:
            case Site(argument=str(argument)):
                self.record(Kind.MUTATES_ARG, f"{verb} the argument `{argument}`")
            case Site(shared=True) | UserClass(shared=True) | Func(shared=True):
                if not self.importing:
                    self._mark(obj)
                    kind, name = self._owner(obj)
                    self.record(kind, f"{verb} {name}")
                elif isinstance(obj, Site) and obj.label.startswith("`"):
                    self.record(Kind.STATE, f"{verb} {obj.label}")
            case Lib(name):
                self.record(Kind.STATE, f"{verb} `{name}` of a library")

    def _mark(self, obj: Obj) -> None:
        if obj not in self.mutated:
            self.mutated.add(obj)
            self.version += 1

    def _owner(self, obj: Obj) -> tuple[Kind, str]:
        """What a shared object is called, and whether it is the value of a module's variable."""
        match obj:
            case UserClass(name=name):
                return Kind.STATE, f"the class `{name}`"
            case Func(name=name):
                return Kind.STATE, f"the function `{name}`"
            case Site(label=label) if label:
                return Kind.STATE, label
        for name, value in self._variables():
            if obj in value:
                if isinstance(obj, Site) and (
                    self.tables.has(obj.type, "state") or self.tables.has(obj.type, "consumed")
                ):
                    return Kind.STATE, f"the module variable `{name}`"
                return Kind.WRITE_GLOBAL, f"the module variable `{name}`"
        for name, value in self._variables():
            if obj in reachable(value):
                return Kind.WRITE_GLOBAL, f"a part of the module variable `{name}`"
        return Kind.STATE, "an object that was made when its module was imported"

    def _variables(self) -> Iterator[tuple[str, Value]]:
        for module in self.modules.loaded.values():
            yield from module.vars.items()


def reachable(value: Value) -> set[Obj]:
    """The objects of ``value`` and all that they hold, classes and functions not looked into."""
    found: set[Obj] = set()
    todo = set(value)
    looked: set[Value] = set()
    while todo:
        obj = todo.pop()
        found.add(obj)
        if isinstance(obj, Site):
            for held in obj.fields.values():
                if held not in looked:
                    looked.add(held)
                    todo |= held - found
    return found
