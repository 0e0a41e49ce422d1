"""LALR tables of the grammar.

In: ``apwa.lark``. Out: :func:`load`, the tables as plain data. They are made by Lark once, by ``python -m
apwa_grammar.tables``, and kept in ``tables.json``, so that a start neither imports Lark nor builds an automaton.
The file carries the hash of the grammar that it was made from: for an edited grammar the tables are built afresh,
in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from apwa_grammar import grammar_text

TABLES_PATH = Path(__file__).with_name("tables.json")
STARTS = ("module", "declaration")
END = "$END"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alternative of a rule.

    ``keep`` lists which of the ``size`` symbols are handed to ``action``; -1 stands for an optional part left out.
    A rule that ``passes`` hands on its only child. A ``listing`` rule makes a list, and lists are spliced into what
    uses them.
    """

    origin: str
    action: str
    size: int
    keep: tuple[int, ...]
    passes: bool
    listing: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """The automaton. ``actions[state][terminal]`` is a state to go to, or ``~index`` of the rule to reduce by.

    ``gotos[state][rule]`` is the state after a rule. Terminals go by their name (``NAME``), fixed ones by their
    text (``task``, ``{``). ``patterns`` are the other terminals with their regular expressions, in the order in
    which to try them.
    """

    actions: tuple[Mapping[str, int], ...]
    gotos: tuple[Mapping[str, int], ...]
    rules: tuple[Rule, ...]
    patterns: Mapping[str, str]
    literals: tuple[str, ...]
    starts: Mapping[str, int]
    ends: Mapping[str, int]


@cache
def load() -> Tables:
    """The tables of the grammar; built by Lark only when the stored ones are of another grammar."""
    digest = _digest(grammar_text())
    try:
        data = json.loads(TABLES_PATH.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        data = {}
    if data.get("grammar") != digest:
        data = build(grammar_text())
    return Tables(
        actions=tuple(data["actions"]),
        gotos=tuple(data["gotos"]),
        rules=tuple(
            Rule(origin, action, size, tuple(keep), passes, origin.startswith("_"))
            for origin, action, size, keep, passes in data["rules"]
        ),
        patterns=data["patterns"],
        literals=tuple(data["literals"]),
        starts=data["starts"],
        ends=data["ends"],
    )


def build(grammar: str) -> dict[str, Any]:
    """The tables as JSON values, made by Lark. Raises lark.GrammarError for a grammar that is not LALR(1)."""
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    lark = Lark(grammar, parser="lalr", start=list(STARTS), maybe_placeholders=True)
    automaton = lark.parse_interactive("", start=STARTS[0]).parser_state.parse_conf.parse_table
    fixed = {term.name: term.pattern.value for term in lark.terminals if term.pattern.type == "str"}
    patterns = sorted((term for term in lark.terminals if term.name not in fixed), key=lambda term: -term.priority)
    order = [automaton.start_states[name] for name in STARTS]
    seen = set(order)
    for state in order:
        for _, (kind, target) in sorted(automaton.states[state].items()):
            if kind is Shift and target not in seen:
                seen.add(target)
                order.append(target)
    numbers = {state: number for number, state in enumerate(order)}
    rules = {rule: index for index, rule in enumerate(lark.rules)}
    origins = {rule.origin.name for rule in lark.rules}
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in order:
        row = sorted(automaton.states[state].items())
        actions.append(
            {
                fixed.get(symbol, symbol): numbers[target] if kind is Shift else ~rules[target]
                for symbol, (kind, target) in row
                if symbol not in origins
            }
        )
        gotos.append({symbol: numbers[target] for symbol, (_, target) in row if symbol in origins})
    return {
        "grammar": _digest(grammar),
        "starts": {name: numbers[automaton.start_states[name]] for name in STARTS},
        "ends": {name: numbers[automaton.end_states[name]] for name in STARTS},
        "literals": sorted(fixed.values()),
        "patterns": {term.name: term.pattern.to_regexp() for term in patterns},
        "rules": [_rule(rule) for rule in lark.rules],
        "actions": actions,
        "gotos": gotos,
    }


def _rule(rule: Any) -> list[Any]:
    options = rule.options
    absent = list(options.empty_indices) or [False] * len(rule.expansion)
    symbols = iter(enumerate(rule.expansion))
    keep = []
    for missing in absent:
        if missing:
            keep.append(-1)
            continue
        index, symbol = next(symbols)
        if not symbol.is_term or not symbol.filter_out or options.keep_all_tokens:
            keep.append(index)
    passes = bool(options.expand1) and rule.alias is None and len(keep) == 1 and keep[0] >= 0
    return [rule.origin.name, rule.alias or rule.origin.name, len(rule.expansion), keep, passes]


def _digest(grammar: str) -> str:
    return hashlib.sha256(grammar.encode()).hexdigest()


def write() -> None:
    """Make ``tables.json`` anew, with a rule or a state on each line: a change of the grammar reads well in a diff."""
    data = build(grammar_text())
    parts = []
    for key, value in data.items():
        if isinstance(value, list) and key != "literals":
            lines = ",\n".join("  " + json.dumps(item) for item in value)
            parts.append(f'"{key}": [\n{lines}\n]')
        else:
            parts.append(f'"{key}": {json.dumps(value)}')
    TABLES_PATH.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
