"""The grammar in the notation by which llama.cpp holds a model to it (GBNF).

In: a grammar in Lark's notation. Out: :class:`Gbnf`, and its text. GBNF knows neither tokens nor left recursion, so
left recursion becomes repetition, and white space stands before a token: some between two words, any elsewhere. It
admits less than the parser: a name is no keyword but behind a dot, numbers and texts are short, nothing is repeated
more than eight times (a small model that begins to list does not end), and there are no comments.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters, digits

from apwa_grammar.tables import load

Symbol = tuple[str, str]
"""``("rule", name)``, ``("text", text)`` for fixed text, or ``("token", name)``."""
Symbols = tuple[Symbol, ...]
Rules = Mapping[str, Sequence[Symbols]]

_REST = ".rest"
_MOST = 8
_NAME = f"{ascii_letters}{digits}_"
_ANY_NAME = "any-name"
_TOKENS: Mapping[str, str] = {
    "DURATION": '[1-9] [0-9]{0,3} ("ms" | "s" | "m" | "h" | "d")',
    "SIZE": '[1-9] [0-9]{0,3} ("KiB" | "MiB" | "GiB")',
    "FLOAT": '("0" | [1-9] [0-9]{0,5}) "." [0-9]{1,4}',
    "INT": '"0" | [1-9] [0-9]{0,5}',
    "STRING": r'"\"" ([^"\\\n`\x00-\x1f] | "\\n" | "\\\""){1,200} "\""',
}


@dataclass(frozen=True)
class Gbnf:
    """``rules`` without left recursion; the first is where a text begins. ``words`` are all keywords."""

    rules: Rules
    words: frozenset[str]

    def text(self, opening: str = "", closing: str = "") -> str:
        """The rules in GBNF, with fixed text before and behind."""
        (start, *_) = self.rules
        writer = _Writer(self.rules)
        lines = [f"root ::= {_quoted(opening)} {_rule_name(start, True)} {_quoted(closing)}"]
        lines += writer.lines(start)
        lines += [f"{name.lower()} ::= {form}" for name, form in _TOKENS.items()]
        lines.append(f"{_ANY_NAME} ::= [a-zA-Z] [a-zA-Z0-9_]{{0,24}}")
        lines.append("name-rest ::= [a-zA-Z0-9_]{0,24}")
        lines.append(f"name ::= {_but(self.words, ascii_letters)}")
        lines.append('some ::= " " | "\\n" | "\\n  " | "\\n    "')
        lines.append("any ::= some?")
        return "\n".join(lines) + "\n"


def gbnf(grammar: str, start: str = "module") -> Gbnf:
    """``grammar`` as GBNF. Raises ValueError for a grammar that GBNF cannot say."""
    from lark import Lark

    lark = Lark(grammar, parser="lalr", start=start, maybe_placeholders=True)
    fixed = {term.name: term.pattern.value for term in lark.terminals if term.pattern.type == "str"}
    rules: dict[str, list[Symbols]] = {start: []}
    for rule in lark.rules:
        symbols = tuple(_symbol(symbol, fixed) for symbol in rule.expansion)
        known = rules.setdefault(rule.origin.name, [])
        if symbols not in known:
            known.append(symbols)
    used = {text for some in rules.values() for one in some for kind, text in one if kind == "token"}
    unknown = sorted(used - {"NAME", *_TOKENS})
    if unknown:
        raise ValueError(f"GBNF has no form for the token {unknown[0]}")
    return Gbnf(_right_recursive(rules), frozenset(filter(str.isalpha, load().literals)))


def _symbol(symbol: object, fixed: Mapping[str, str]) -> Symbol:
    name, is_term = str(getattr(symbol, "name", "")), getattr(symbol, "is_term", False)
    if not is_term:
        return "rule", name
    return ("text", fixed[name]) if name in fixed else ("token", name)


def _right_recursive(rules: Rules) -> Rules:
    """The same language without left recursion (Paull's algorithm, within the rules that begin with one another)."""
    made: dict[str, list[Symbols]] = {}
    loops = {name: _begins(name, rules) for name in rules}
    for name, alternatives in rules.items():
        pending = list(reversed(alternatives))
        plain: list[Symbols] = []
        repeated: list[Symbols] = []
        while pending:
            one = pending.pop()
            first = one[0] if one else None
            if first == ("rule", name):
                repeated.append(one[1:])
            elif first and first[0] == "rule" and first[1] in made and name in loops[first[1]]:
                pending += [(*inner, *one[1:]) for inner in reversed(made[first[1]])]
            else:
                plain.append(one)
        rest = f"{name}{_REST}"
        made[name] = [(*one, ("rule", rest)) for one in plain] if repeated else plain
        if repeated:
            made[rest] = [(), *((*one, ("rule", rest)) for one in repeated)]
    for name in made:
        if name in _begins(name, made):
            raise ValueError(f"the rule `{name}` begins with itself in a way that cannot be turned around")
    return made


def _begins(name: str, rules: Rules) -> set[str]:
    """The rules with which a text of the rule ``name`` may begin."""
    empty = _empty(rules)
    found, pending = set[str](), [name]
    while pending:
        for one in rules.get(pending.pop(), ()):
            for kind, text in one:
                if kind == "rule" and text not in found:
                    found.add(text)
                    pending.append(text)
                if kind != "rule" or text not in empty:
                    break
    return found


def _empty(rules: Rules) -> set[str]:
    """The rules that may be nothing."""
    found = set[str]()
    while more := {
        name
        for name, some in rules.items()
        if name not in found and any(all(kind == "rule" and text in found for kind, text in one) for one in some)
    }:
        found |= more
    return found


class _Writer:
    """Writes rules, each in two forms: as it stands behind a word, and as it surely stands behind a mark."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._empty = _empty(rules)
        self._worded = set[str]()
        while more := {
            name for name, some in rules.items() if name not in self._worded and any(map(self._ends_in_word, some))
        }:
            self._worded |= more

    def lines(self, start: str) -> Iterator[str]:
        """A line for each form of a rule that is needed."""
        pending, seen = [(start, True)], {(start, True)}
        while pending:
            name, after_mark = pending.pop()
            body, used = self._body(name, after_mark)
            yield f"{_rule_name(name, after_mark)} ::= {body}"
            pending += [form for form in used if form not in seen]
            seen.update(used)

    def _body(self, name: str, after_mark: bool) -> tuple[str, list[tuple[str, bool]]]:
        """What a rule says, and the forms that this uses."""
        alternatives: Sequence[Symbols] = self._rules[name]
        repeats = name.endswith(_REST)
        if repeats:
            alternatives = [one[:-1] for one in alternatives if one]
            after_mark = after_mark and not any(map(self._ends_in_word, alternatives))
        used: list[tuple[str, bool]] = []
        body = " | ".join(self._sequence(one, after_mark, used) for one in alternatives)
        return f"({body}){{0,{_MOST}}}" if repeats else body, list(dict.fromkeys(used))

    def _sequence(self, symbols: Symbols, after_mark: bool, used: list[tuple[str, bool]]) -> str:
        parts: list[str] = []
        before: Symbol | None = None
        for symbol in symbols:
            kind, text = symbol
            if kind == "rule":
                used.append((text, after_mark))
                parts.append(_rule_name(text, after_mark))
                after_mark = text not in self._worded and (after_mark or text not in self._empty)
            else:
                parts.append("any" if after_mark or not _is_word(symbol) else "some")
                parts.append(_quoted(text) if kind == "text" else _token(text, before))
                after_mark = not _is_word(symbol)
            before = symbol
        return " ".join(parts) or '""'

    def _ends_in_word(self, symbols: Symbols) -> bool:
        """Whether a text of the symbols may end in a word."""
        for symbol in reversed(symbols):
            kind, text = symbol
            if kind != "rule":
                return _is_word(symbol)
            if text in self._worded:
                return True
            if text not in self._empty:
                return False
        return False


def _is_word(symbol: Symbol) -> bool:
    """Whether a token would run into a word beside it."""
    kind, text = symbol
    return text[0].isalpha() if kind == "text" else text != "STRING"


def _token(name: str, before: Symbol | None) -> str:
    return _ANY_NAME if name == "NAME" and before == ("text", ".") else name.lower()


def _but(words: Iterable[str], first: str) -> str:
    """Names that are none of ``words``, and whose next letter is one of ``first``."""
    by_letter: dict[str, set[str]] = {}
    for word in words:
        if word:
            by_letter.setdefault(word[0], set()).add(word[1:])
    free = "".join(letter for letter in first if letter not in by_letter)
    parts = [f"[{free}] name-rest"] if free else []
    for letter, rests in sorted(by_letter.items()):
        parts.append(f"{_quoted(letter)} ({_but(rests, _NAME)}){'' if '' in rests else '?'}")
    return " | ".join(parts)


def _rule_name(name: str, after_mark: bool) -> str:
    kind, plain = ("list", name[1:]) if name.startswith("_") else ("rule", name)
    return f"{kind}-{plain}{'-glued' if after_mark else ''}".replace("_", "-").replace(".", "-")


def _quoted(text: str) -> str:
    return json.dumps(text)
