"""A part of the grammar: some kinds of declarations, and what they are made of.

In: the names of kinds of declarations, and rules that say less than ours. Out: a grammar in Lark's notation, without
comments, that knows no others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from apwa_grammar import grammar_text

_RULE = re.compile(r"^[?!]*(\w+)(?:\.\d+)?:.*(?:\n[ \t]+\S.*)*", re.MULTILINE)
_WORD = re.compile(r"\b_?[a-zA-Z]\w*")
_TEXT = re.compile(r'"[^"\n]*"|/(?:[^/\\\n]|\\.)+/')
_START = "module"
_ROOT = "declaration"


def subset(declarations: Sequence[str], last: str | None = None, narrower: Mapping[str, str] | None = None) -> str:
    """The grammar of modules that hold only these ``declarations``, and end with one of the kind ``last``.

    ``narrower`` says what stands behind the colon of some rules. Raises ValueError for a rule that there is not.
    """
    rules = {rule[1]: rule[0] for rule in _RULE.finditer(grammar_text())}
    missing = [name for name in (*declarations, *filter(None, [last]), *(narrower or ())) if name not in rules]
    if missing:
        raise ValueError(f"the grammar has no rule `{missing[0]}`")
    rules[_ROOT] = f"?{_ROOT}: {' | '.join(declarations)}"
    rules |= {name: f"{name}: {body}" for name, body in (narrower or {}).items()}
    if last is not None:
        rules[_START] += f" {last}"
    wanted, pending = set[str](), [_START]
    while pending:
        name = pending.pop()
        if name in rules and name not in wanted:
            wanted.add(name)
            pending += _WORD.findall(_TEXT.sub("", rules[name].partition(":")[2]))
    ignored = re.findall(r"^%ignore (\w+)", grammar_text(), re.MULTILINE)
    kept = [text for name, text in rules.items() if name in wanted or name in ignored]
    return "\n".join([*kept, *(f"%ignore {name}" for name in ignored)]) + "\n"
