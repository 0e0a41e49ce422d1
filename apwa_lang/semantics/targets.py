"""Names of Python objects: ``package.module:function``.

In: a text literal. Out: the target, or None where a mistake was reported.
"""

from __future__ import annotations

import re

from apwa_lang.diagnostics.codes import tasks as codes
from apwa_lang.semantics.modules import Report
from apwa_lang.syntax import nodes as ast

_TARGET = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)


def python_target(literal: ast.StringLiteral, report: Report) -> str | None:
    """The target that ``literal`` names."""
    if _TARGET.fullmatch(literal.value):
        return literal.value
    report(codes.python_target(literal.span, literal.value))
    return None
