"""The LALR automaton at work.

In: tokens, one at a time. Out: the values that the builder makes of them. A token that does not fit is refused and
leaves the machine usable; :meth:`Machine.survives` tells what would fit, at no cost to the values, so that recovery
can try repairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from apwa_grammar.tables import END, load
from apwa_lang.syntax.build import MAX_DEPTH, MISSING, Builder
from apwa_lang.syntax.tokens import Token

# More symbols than this on the stack are nested too deeply for any person, and for the stages behind.
MAX_STACK: Final = 1000


class Part(NamedTuple):
    """A terminal or a rule that was read, and its value."""

    symbol: str
    value: Any
    start: int
    end: int


@cache
def _symbols() -> Mapping[int, str]:
    """The symbol that leads to each state: in an LR automaton there is one."""
    tables = load()
    found: dict[int, str] = {}
    for actions, gotos in zip(tables.actions, tables.gotos, strict=True):
        found |= {state: symbol for symbol, state in gotos.items()}
        found |= {state: symbol for symbol, state in actions.items() if state >= 0}
    return found


class Machine:
    """A parse in progress from one start symbol."""

    __slots__ = ("_actions", "_builder", "_depths", "_ends", "_gotos", "_rules", "_starts", "_values", "final", "stack")

    def __init__(self, builder: Builder, start: str) -> None:
        tables = load()
        self._actions = tables.actions
        self._gotos = tables.gotos
        self._rules = tables.rules
        self._builder = builder
        self._values: list[Any] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._depths: list[int] = []
        self.final = tables.ends[start]
        self.stack = [tables.starts[start]]

    def run(self, tokens: Sequence[Token], index: int) -> int:
        """Take tokens from ``index`` on. The index of the first refused; the length of ``tokens`` when none was."""
        count = len(tokens)
        while index < count:
            token = tokens[index]
            kind = self.read_as(tokens, index, count)
            if len(self.stack) > MAX_STACK or not self.shift(
                kind, self._builder.terminal(kind, token), token.start, token.end
            ):
                return index
            index += 1
        return index

    def read_as(self, tokens: Sequence[Token], index: int, stop: int) -> str:
        """The kind of a token, or ``NAME`` for a keyword that is an ordinary word here; the input ends at ``stop``.

        Where both fit, the reading wins that lets more of the next two tokens fit; the keyword if both let the same.
        """
        kind = tokens[index].kind
        if not kind[0].islower():
            return kind
        row = self._actions[self.stack[-1]]
        action = row.get(kind)
        if action is None:
            return "NAME"
        if action >= 0 and "NAME" not in row:
            return kind
        as_keyword = self.after(self.stack, kind)
        as_name = self.after(self.stack, "NAME")
        if as_name is None:
            return kind
        if as_keyword is None:
            return "NAME"
        following = [token.kind for token in tokens[index + 1 : min(index + 3, stop)]]
        if len(following) < 2:
            following.append(END)
        return "NAME" if self.survives(following, as_name) > self.survives(following, as_keyword) else kind

    def shift(self, kind: str, value: Any, start: int, end: int) -> bool:
        """Take one symbol; False when it is refused."""
        actions = self._actions
        stack = self.stack
        while True:
            action = actions[stack[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                stack.append(action)
                self._values.append(value)
                self._starts.append(start)
                self._ends.append(end)
                self._depths.append(0)
                return True
            self._reduce(~action)

    def finish(self) -> bool:
        """Whether the input may end here; if so :attr:`result` is there."""
        while self.stack[-1] != self.final:
            action = self._actions[self.stack[-1]].get(END)
            if action is None or action >= 0:
                return False
            self._reduce(~action)
        return True

    @property
    def result(self) -> Any:
        """The value of the start symbol, once :meth:`finish` was true."""
        return self._values[-1]

    def _reduce(self, index: int) -> None:
        rule = self._rules[index]
        stack = self.stack
        size = rule.size
        if rule.passes and size == 1:
            stack.pop()
            stack.append(self._gotos[stack[-1]][rule.origin])
            return
        values, starts, ends, depths = self._values, self._starts, self._ends, self._depths
        if not size:
            start = end = ends[-1] if ends else 0
            depth = 0
            parts: list[Any] = []
        else:
            start, end = starts[-size], ends[-1]
            depth = max(depths[-size:])
            parts = values[-size:]
            del stack[-size:], values[-size:], starts[-size:], ends[-size:], depths[-size:]
        value: Any
        if rule.listing:
            value = _listed(rule.keep, parts)
        elif rule.passes:
            value = parts[rule.keep[0]]
        else:
            kids: list[Any] = []
            for position in rule.keep:
                part = parts[position] if position >= 0 else None
                if type(part) is list:
                    kids.extend(part)
                else:
                    kids.append(part)
            if depth < MAX_DEPTH:
                value = self._builder.node(rule.action, start, end, kids)
                depth += 1
            else:
                value = self._builder.too_deep(rule.action, start, end)
                depth = 0
        values.append(value)
        starts.append(start)
        ends.append(end)
        depths.append(depth)
        stack.append(self._gotos[stack[-1]][rule.origin])

    def survives(self, kinds: Sequence[str], stack: Sequence[int] | None = None) -> int:
        """How many of ``kinds`` would be taken, one after the other; a keyword may also stand for a name."""
        states = list(self.stack if stack is None else stack)
        for count, kind in enumerate(kinds):
            if kind == END:
                return count + 1 if self._ends_at(states) else count
            after = self.after(states, kind)
            if after is None and kind[0].islower():
                after = self.after(states, "NAME")
            if after is None:
                return count
            states = after
        return len(kinds)

    def wanted(self, stack: Sequence[int] | None = None) -> frozenset[str]:
        """The terminals that may come next."""
        states = self.stack if stack is None else stack
        return frozenset(kind for kind in self._actions[states[-1]] if self._fits(states, kind))

    def parts(self) -> list[Part]:
        """What has been read and not yet been made part of something larger, outermost first."""
        symbols = _symbols()
        states = self.stack[1:]
        return [
            Part(symbols[state], value, start, end)
            for state, value, start, end in zip(states, self._values, self._starts, self._ends, strict=True)
        ]

    def begins(self, height: int) -> frozenset[str]:
        """The rules that may begin behind the first ``height`` parts."""
        return frozenset(self._gotos[self.stack[height]])

    def openers(self) -> list[Token]:
        """The brackets that are open, outermost first."""
        open_brackets: list[Token] = []
        for value in self._values:
            if isinstance(value, Token):
                if value.kind in ("(", "[", "{"):
                    open_brackets.append(value)
                elif value.kind in (")", "]", "}") and open_brackets:
                    open_brackets.pop()
        return open_brackets

    def enclosing(self, rules: Collection[str]) -> Iterator[str]:
        """Which of ``rules`` are being read or could be, innermost first."""
        for state in reversed(self.stack):
            yield from (rule for rule in rules if rule in self._gotos[state])

    def list_heights(self, rules: Collection[str]) -> list[int]:
        """The heights of the stack, highest first, at which one of ``rules`` could begin."""
        heights = range(len(self.stack), 0, -1)
        return [height for height in heights if any(rule in self._gotos[self.stack[height - 1]] for rule in rules)]

    def cut(self, height: int) -> None:
        """Forget all above ``height`` on the stack of states."""
        del self.stack[height:]
        for values in (self._values, self._starts, self._ends, self._depths):
            del values[height - 1 :]

    def _fits(self, stack: Sequence[int], kind: str) -> bool:
        states = list(stack)
        return self._ends_at(states) if kind == END else self.after(states, kind) is not None

    def after(self, stack: Sequence[int], kind: str) -> list[int] | None:
        """The states once ``kind`` is taken, or None. Leaves ``stack`` alone."""
        actions, gotos, rules = self._actions, self._gotos, self._rules
        states = list(stack)
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                return None
            if action >= 0:
                states.append(action)
                return states
            rule = rules[~action]
            if rule.size:
                del states[-rule.size :]
            states.append(gotos[states[-1]][rule.origin])

    def _ends_at(self, stack: list[int]) -> bool:
        states = stack.copy()
        while states[-1] != self.final:
            action = self._actions[states[-1]].get(END)
            if action is None or action >= 0:
                return False
            rule = self._rules[~action]
            if rule.size:
                del states[-rule.size :]
            states.append(self._gotos[states[-1]][rule.origin])
        return True


def _listed(keep: Sequence[int], parts: list[Any]) -> list[Any]:
    """The list so far, which comes first, with the other parts behind it; what is missing is left out."""
    gathered: list[Any] = []
    for position in keep:
        part = parts[position]
        if type(part) is not list:
            if part is not MISSING:
                gathered.append(part)
        elif position == 0:
            gathered = part
        else:
            gathered.extend(part)
    return gathered
