"""Rules: what each looks for, and all of them.

In: nothing. Out: :class:`Rule` values, found by importing every module of ``rules/``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import Code

if TYPE_CHECKING:
    from apwa_lang.lint.subject import Subject

Find = Callable[["Subject"], Iterable[Diagnostic]]


@dataclass(frozen=True)
class Rule:
    """``find`` gives the findings of ``code`` in a file of a program that is well typed."""

    code: Code
    find: Find


_rules: dict[str, Rule] = {}


def rule(code: Code) -> Callable[[Find], Find]:
    """Enters the function that it decorates as the rule of ``code``."""

    def enter(find: Find) -> Find:
        _rules[code.id] = Rule(code, find)
        return find

    return enter


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, in order of code."""
    from apwa_lang.lint import rules

    for module in iter_modules(rules.__path__, f"{rules.__name__}."):
        import_module(module.name)
    return tuple(_rules[id] for id in sorted(_rules))
