"""The grammar in the notation by which llama.cpp holds a model to it (GBNF).

In: a grammar in Lark's notation. Out: :class:`Gbnf`, and its text. GBNF knows neither tokens nor left recursion, so
left recursion becomes repetition, and white space stands before a token: some before a word, any before a mark. It
admits less than the parser: a name is no keyword but behind a dot, numbers and texts are short, nothing is repeated
more than eight times (a small model that begins to list does not end), and there are no comments.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters, digits

Symbol = tuple[str, str]
"""``("rule", name)``, ``("text", text)`` for fixed text, or ``("token", name)``."""
Alternatives = list[tuple[Symbol, ...]]

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

    rules: Mapping[str, Sequence[tuple[Symbol, ...]]]
    words: frozenset[str]

    def text(self, opening: str = "", closing: str = "") -> str:
        """The rules in GBNF, with fixed text before and behind."""
        (start, *_) = self.rules
        lines = [f"root ::= {_quoted(opening)} {_rule_name(start)} {_quoted(closing)}"]
        for name, alternatives in self.rules.items():
            if name.endswith(_REST):
                repeated = " | ".join(_sequence(one[:-1]) for one in alternatives if one)
                lines.append(f"{_rule_name(name)} ::= ({repeated}){{0,{_MOST}}}")
            else:
                lines.append(f"{_rule_name(name)} ::= {' | '.join(_sequence(one) for one in alternatives)}")
        lines += [f"{name.lower()} ::= {form}" for name, form in _TOKENS.items()]
        lines.append(f"{_ANY_NAME} ::= [a-zA-Z] [a-zA-Z0-9_]{{0,24}}")
        lines.append("name-rest ::= [a-zA-Z0-9_]{0,24}")
        lines.append(f"name ::= {_but(self.words, ascii_letters)}")
        lines.append('some ::= " " | "\\n" | "\\n  " | "\\n    "')
        lines.append("any ::= some?")
        return "\n".join(lines) + "\n"


def gbnf(grammar: str, names: Mapping[str, Sequence[str]] | None = None, start: str = "module") -> Gbnf:
    """``grammar`` as GBNF. In a rule that ``names`` has, a name is one of those listed.

    Raises ValueError for a grammar that GBNF cannot say.
    """
    from lark import Lark

    lark = Lark(grammar, parser="lalr", start=start, maybe_placeholders=True)
    fixed = {term.name: term.pattern.value for term in lark.terminals if term.pattern.type == "str"}
    rules: dict[str, Alternatives] = {start: []}
    for rule in lark.rules:
        symbols = tuple(_symbol(symbol, fixed) for symbol in rule.expansion)
        listed = (names or {}).get(rule.origin.name)
        known = rules.setdefault(rule.origin.name, [])
        for one in [symbols] if listed is None else _spelt(symbols, listed):
            if one not in known:
                known.append(one)
    _check_tokens(rules)
    made = _right_recursive(rules)
    return Gbnf(made, frozenset(text for text in fixed.values() if text.isalpha()))


def _symbol(symbol: object, fixed: Mapping[str, str]) -> Symbol:
    name, is_term = str(getattr(symbol, "name", "")), getattr(symbol, "is_term", False)
    if not is_term:
        return "rule", name
    return ("text", fixed[name]) if name in fixed else ("token", name)


def _spelt(symbols: tuple[Symbol, ...], names: Sequence[str]) -> Iterator[tuple[Symbol, ...]]:
    """The alternative with each of ``names`` in place of its first name."""
    at = symbols.index(("token", "NAME"))
    return ((*symbols[:at], ("text", name), *symbols[at + 1 :]) for name in names)


def _check_tokens(rules: Mapping[str, Alternatives]) -> None:
    used = {text for some in rules.values() for one in some for kind, text in one if kind == "token"}
    unknown = sorted(used - {"NAME", *_TOKENS})
    if unknown:
        raise ValueError(f"GBNF has no form for the token {unknown[0]}")


def _right_recursive(rules: Mapping[str, Alternatives]) -> dict[str, Alternatives]:
    """The same language without left recursion (Paull's algorithm, within the rules that begin with one another)."""
    made: dict[str, Alternatives] = {}
    loops = {name: _begins(name, rules) for name in rules}
    for name, alternatives in rules.items():
        pending, plain, repeated = list(reversed(alternatives)), Alternatives(), Alternatives()
        while pending:
            one = pending.pop()
            first = one[0] if one else None
            if first == ("rule", name):
                repeated.append(one[1:])
            elif first and first[0] == "rule" and first[1] in made and name in loops[first[1]]:
                pending += [(*inner, *one[1:]) for inner in reversed(made[first[1]])]
            else:
                plain.append(one)
        if not repeated:
            made[name] = plain
            continue
        rest = f"{name}{_REST}"
        made[name] = [(*one, ("rule", rest)) for one in plain]
        made[rest] = [(), *((*one, ("rule", rest)) for one in repeated)]
    for name in made:
        if name in _begins(name, made):
            raise ValueError(f"the rule `{name}` begins with itself in a way that cannot be turned around")
    return made


def _begins(name: str, rules: Mapping[str, Alternatives]) -> set[str]:
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


def _empty(rules: Mapping[str, Alternatives]) -> set[str]:
    """The rules that may be nothing."""
    found = set[str]()
    while more := {
        name
        for name, some in rules.items()
        if name not in found and any(all(kind == "rule" and text in found for kind, text in one) for one in some)
    }:
        found |= more
    return found


def _sequence(symbols: Sequence[Symbol]) -> str:
    if not symbols:
        return '""'
    parts: list[str] = []
    before: Symbol | None = None
    for symbol in symbols:
        kind, text = symbol
        if kind == "rule":
            parts.append(_rule_name(text))
        else:
            after_mark = before is not None and before[0] == "text" and not before[1].isalpha()
            is_mark = kind == "text" and not text[0].isalpha()
            parts.append("any" if is_mark or after_mark else "some")
            parts.append(_quoted(text) if kind == "text" else _token(text, before))
        before = symbol
    return " ".join(parts)


def _token(name: str, before: Symbol | None) -> str:
    return _ANY_NAME if name == "NAME" and before == ("text", ".") else name.lower()


def _but(words: Iterable[str], first: str) -> str:
    """Names that are none of ``words``, of which the next letter is one of ``first``."""
    by_letter: dict[str, set[str]] = {}
    for word in words:
        if word:
            by_letter.setdefault(word[0], set()).add(word[1:])
    free = "".join(letter for letter in first if letter not in by_letter)
    parts = [f"[{free}] name-rest"] if free else []
    for letter, rests in sorted(by_letter.items()):
        inner = _but(rests, _NAME)
        parts.append(f"{_quoted(letter)} ({inner})" + ("" if "" in rests else "?"))
    return " | ".join(parts)


def _rule_name(name: str) -> str:
    kind, plain = ("list", name[1:]) if name.startswith("_") else ("rule", name)
    return f"{kind}-{plain}".replace("_", "-").replace(".", "-")


def _quoted(text: str) -> str:
    return json.dumps(text)
