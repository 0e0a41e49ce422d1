"""The second reading of a file that does not parse.

In: its tokens. Out: the declarations that could be read, with holes, and a diagnostic for each error. Each
top-level item is read on its own. At a refused token the cheapest repair is made; where none helps, the parse goes
back to the nearest list (of statements, fields, settings …) and on with its next entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from apwa_grammar.tables import END
from apwa_lang.diagnostics.codes import syntax as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.suggest import did_you_mean
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.build import MISSING, Builder
from apwa_lang.syntax.expected import COMPARISONS, after, keywords_among, noun, nouns, quoted
from apwa_lang.syntax.items import CLOSERS, HEADS, OPENERS, column, items, line_start, starts_line
from apwa_lang.syntax.machine import MAX_STACK, Machine
from apwa_lang.syntax.repair import ENOUGH, WINDOW, Repair, best_repair, closing, missing_before
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.tokens import Scan, Token

MAX_ERRORS_IN_ITEM: Final = 25
MAX_ERRORS: Final = 200
MAX_SKIP: Final = 400

# What other languages call these words.
_ELSEWHERE: Final = {
    **dict.fromkeys(("class", "struct", "type", "interface", "dataclass", "schema"), "record"),
    **dict.fromkeys(("def", "function", "fn", "func", "fun", "process", "agent", "step"), "task"),
    **dict.fromkeys(("workflow", "pipeline", "dag"), "flow"),
    **dict.fromkeys(("dataset", "source"), "table"),
    **dict.fromkeys(("llm", "client"), "model"),
    **dict.fromkeys(("parameter", "input", "arg"), "param"),
}
_CALLED: Final = {"filter": "where", "having": "where", "with": "by", "using": "by", "into": "to", "in": "over"}

_LISTS = ("setting", "field", "statement", "test_statement", "entry", "argument", "parameter", "expr")


Read = Callable[[int, int], n.Declaration | None]


def whole_item(builder: Builder, tokens: Sequence[Token], start: int, stop: int) -> n.Declaration | None:
    """The declaration of an item without a syntax error; None where there is one."""
    machine = Machine(builder, "declaration")
    own = tokens[start:stop]
    if machine.run(own, 0) != len(own) or not machine.finish():
        return None
    found: n.Declaration | None = machine.result
    return found


def recover(builder: Builder, scanned: Scan, read: Read) -> tuple[tuple[n.Declaration, ...], list[Diagnostic]]:
    """The declarations of a file with syntax errors, and the errors. ``read`` is :func:`whole_item` of its tokens."""
    problems: list[Diagnostic] = []
    declarations: list[n.Declaration] = []
    for start, stop in items(builder.source, scanned.tokens):
        declaration: Any = read(start, stop)
        if declaration is None:
            declaration = _Item(builder, scanned, start, stop, problems).read()
        if declaration is not None and declaration is not MISSING:
            declarations.append(declaration)
    return tuple(declarations), problems


def machine_after(builder: Builder, scanned: Scan, start: int, stop: int) -> Machine | None:
    """The parser's state behind the tokens of one item so far, errors mended; None when they open nothing."""
    item = _Item(builder, scanned, start, stop, [])
    return item.machine if item.advance() else None


class _Item:
    """The reading of one top-level item."""

    def __init__(self, builder: Builder, scanned: Scan, start: int, stop: int, problems: list[Diagnostic]) -> None:
        self.builder = builder
        self.source = builder.source
        self.tokens = scanned.tokens
        self.broken = scanned.broken
        self.machine = Machine(builder, "declaration")
        self.index = start
        self.start = start
        self.stop = stop
        self.problems = problems
        self.errors = 0
        self.quiet_until = -1

    def read(self) -> Any:
        """The declaration, with holes; None or :data:`MISSING` when there is nothing to keep."""
        return self._end() if self.advance() else None

    def advance(self) -> bool:
        """Take all tokens of the item, but do not end it. False when it opens nothing, or is nested too deeply."""
        if not self._head():
            return False
        machine, tokens = self.machine, self.tokens
        while self.index < self.stop:
            token = tokens[self.index]
            if len(machine.stack) > MAX_STACK:
                self._report(codes.too_deep(self._span(token)))
                return False
            if self._missing_before_line() or self._misspelt(token):
                continue
            kind = machine.read_as(tokens, self.index, self.stop)
            if machine.shift(kind, self.builder.terminal(kind, token), token.start, token.end):
                self.index += 1
                continue
            self.errors += 1
            if self.errors > MAX_ERRORS_IN_ITEM or len(self.problems) > MAX_ERRORS or not self._mend(token):
                self.index = self.stop
        return True

    def _head(self) -> bool:
        """Check the word that opens the item; mend it when it is misspelt. False when it opens nothing."""
        token = self.tokens[self.index]
        if token.kind in HEADS:
            return True
        shape = self.stop - self.index > 1 and token.kind == "NAME"
        meant = _ELSEWHERE.get(token.text) or did_you_mean(token.text, HEADS) if shape else None
        rest = self._kinds(4)[1:]
        if meant is not None and self.machine.survives([meant, *rest]) <= len(rest):
            meant = None
        self._report(codes.unknown_declaration(self._span(token), meant, HEADS, is_word=token.text[0].isalpha()))
        if meant is None:
            return False
        self._insert((meant,), token.start)
        self.index += 1
        return True

    def _missing_before_line(self) -> bool:
        """Mend an unfinished line before one that plainly begins something new."""
        tokens, index = self.tokens, self.index
        if (
            index + 1 >= self.stop
            or tokens[index + 1].kind not in (":", "=")
            or not starts_line(self.source, tokens, index)
        ):
            return False
        rest = self._kinds(4)
        if self.machine.survives(rest[:2]) == 2:
            return False
        repair = missing_before(self.machine, rest)
        if repair is None:
            return False
        self._explain(repair, tokens[index])
        self._insert(repair.insert, tokens[index - 1].end)
        return True

    def _misspelt(self, token: Token) -> bool:
        """Read a word as the keyword that it resembles, where what follows fits the keyword and not the word."""
        if token.kind != "NAME":
            return False
        rest = [kind for kind in self._kinds(4) if kind != END]
        machine = self.machine
        if machine.survives(rest[:3]) >= len(rest[:3]):
            return False
        words = keywords_among(machine.wanted())
        called = _CALLED.get(token.text)
        meant = called if called in words else did_you_mean(token.text, words) if words else None
        if meant is None:
            return False
        likely = words if len(rest) >= ENOUGH else ()
        left_out = next((word for word in likely if machine.survives([word, *rest]) > len(rest)), None)
        if left_out is not None:
            self._explain(Repair((left_out,)), token)
            self._insert((left_out,), token.start)
            return True
        if machine.survives([meant, *rest[1:]]) < len(rest):
            return False
        self._explain(Repair((meant,), 1), token)
        self._insert((meant,), token.start)
        self.index += 1
        return True

    def _mend(self, token: Token) -> bool:
        """Get past a refused token. False when the rest of the item is lost."""
        machine = self.machine
        if token.kind in COMPARISONS and "and" in machine.wanted():
            self._report(codes.chained_comparison(self._span(token)))
            self._insert(("and",), token.start)
            self.index += 1
            return True
        following = self.tokens[self.index + 1].kind if self.index + 1 < self.stop else ""
        if token.kind == "STRING" and following == ":" and "NAME" in machine.wanted():
            name = token.text.strip('"')
            if name.isidentifier():
                self._report(codes.foreign_spelling(self._span(token), name, "names of settings stand without quotes"))
                machine.shift("NAME", n.Name(self._span(token), name), token.start, token.end)
                self.index += 1
                return True
        if machine.survives((END,)) and token.kind not in CLOSERS and starts_line(self.source, self.tokens, self.index):
            self._report(codes.unknown_declaration(self._span(token), None, HEADS, is_word=token.text[0].isalpha()))
            return False
        repair = best_repair(machine, self._kinds(WINDOW), token, self._outdented(token))
        if repair is not None:
            self._explain(repair, token)
            before = self.tokens[self.index - 1].end
            if repair.delete:
                self.index += repair.delete
                self.quiet_until = self.index
            self._insert(repair.insert, before)
            return True
        self._unexpected(token)
        if machine.survives((END,)):
            return False
        heights = machine.list_heights(_LISTS)
        for index in range(self.index, min(self.stop, self.index + MAX_SKIP)):
            kind = self.tokens[index].kind
            if (
                kind not in CLOSERS
                and not starts_line(self.source, self.tokens, index)
                and self.tokens[index - 1].kind != ","
            ):
                continue
            rest = self._kinds(ENOUGH, index)
            filling = missing_before(machine, rest)
            if filling is not None:
                self._insert(filling.insert, self.tokens[index - 1].end)
                self.index = self.quiet_until = index
                return True
            for height in heights:
                if machine.survives(rest, machine.stack[:height]) == len(rest):
                    machine.cut(height)
                    self.index = self.quiet_until = index
                    return True
        return False

    def _end(self) -> Any:
        """End the item, closing what is open."""
        machine = self.machine
        if not machine.survives((END,)):
            inserted = closing(machine)
            if inserted is None:
                self._cut_short()
                return None
            last = self.tokens[self.stop - 1]
            if self.errors <= MAX_ERRORS_IN_ITEM:
                self._explain(Repair(tuple(inserted)), None)
                openers = machine.openers()
                if openers and inserted[0] not in CLOSERS and openers[-1].end > openers[-1].start:
                    closer = OPENERS[openers[-1].kind]
                    self._report(codes.missing_closer(self._place_after(last), closer, self._span(openers[-1])))
            self._insert(inserted, last.end)
        if not machine.finish():
            return None
        return machine.result

    def _cut_short(self) -> None:
        last = self.tokens[self.stop - 1]
        self._report(codes.expected(self._place_after(last), nouns(self.machine.wanted(), last), "the end of the file"))

    def _insert(self, kinds: Sequence[str], offset: int) -> None:
        """Make the machine take tokens that are not there."""
        for kind in kinds:
            value = MISSING if kind.isupper() else Token(kind, kind, offset, offset)
            self.machine.shift(kind, value, offset, offset)

    # Diagnostics

    def _explain(self, repair: Repair, token: Token | None) -> None:
        """Report the error that a repair mends. ``token`` is the refused one, None at the end of the item."""
        before = self.tokens[self.index - 1] if self.index > self.start else None
        wanted = self.machine.wanted()
        if not repair.insert:
            if token is not None:
                self._unexpected(token)
            return
        kind = repair.insert[0]
        # One word or sign, whose spelling is known, is all that the repair puts here.
        alone = not kind.isupper() and len(repair.insert) == 1
        if repair.delete and token is not None:
            likely = kind[0].islower() and did_you_mean(token.text, (kind,)) is not None
            words = noun(kind, wanted, before)
            self._report(
                codes.expected(
                    self._span(token),
                    words,
                    quoted(token),
                    token=kind if likely or (alone and repair.delete == 1) else None,
                    likely=likely,
                    opener=self._opener(kind),
                )
            )
            return
        place = self._place_after(before) if before is not None else self._place_after(self.tokens[self.start])
        if kind in CLOSERS:
            opener = self._opener(kind)
            if opener is not None:
                self._report(codes.missing_closer(place, kind, opener))
                return
        words = noun(kind, wanted, before) + after(self.machine, before, kind)
        self._report(codes.expected(place, words, None, token=kind if alone else None))

    def _unexpected(self, token: Token) -> None:
        before = self.tokens[self.index - 1] if self.index > self.start else None
        if token.kind in CLOSERS and not any(OPENERS[opener.kind] == token.kind for opener in self.machine.openers()):
            self._report(codes.unopened(self._span(token), token.text))
        else:
            wanted = nouns(self.machine.wanted(), before)
            self._report(codes.unexpected(self._span(token), quoted(token), wanted))

    def _report(self, problem: Diagnostic) -> None:
        """Report a problem, unless it is likely a consequence of one already reported."""
        index = self.index
        before = self.tokens[index - 1].start if index else -1
        closer_at_end = index == self.stop and problem.code == codes.MISSING_CLOSER.id
        quiet = (index <= self.quiet_until and not closer_at_end) or before in self.broken
        self.quiet_until = max(self.quiet_until, index + 1)
        if not quiet and len(self.problems) <= MAX_ERRORS:
            self.problems.append(problem)

    # Places

    def _kinds(self, count: int, index: int | None = None) -> list[str]:
        """The kinds of the next tokens, with ``END`` where the item ends."""
        start = self.index if index is None else index
        kinds = [token.kind for token in self.tokens[start : min(self.stop, start + count)]]
        return kinds if len(kinds) == count else [*kinds, END]

    def _opener(self, closer: str) -> Span | None:
        for opener in reversed(self.machine.openers()):
            if OPENERS[opener.kind] == closer and opener.end > opener.start:
                return self._span(opener)
        return None

    def _outdented(self, token: Token) -> bool:
        openers = self.machine.openers()
        if not openers or not starts_line(self.source, self.tokens, self.index):
            return False
        line = line_start(self.source, openers[-1].start)
        text = self.source.text[line : openers[-1].start]
        return column(self.source, token) <= len(text) - len(text.lstrip())

    def _span(self, token: Token) -> Span:
        return Span(self.source, token.start, token.end)

    def _place_after(self, token: Token) -> Span:
        return Span(self.source, token.end, token.end)
