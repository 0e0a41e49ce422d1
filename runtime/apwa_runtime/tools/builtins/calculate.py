"""``calculate``: an expression worked out, in the syntax of Python."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

from simpleeval import EvalWithCompoundTypes

_OF_MATH = (
    *("sqrt", "cbrt", "exp", "log", "log2", "log10", "floor", "ceil", "trunc", "gcd", "lcm", "comb", "perm", "hypot"),
    *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "radians", "degrees", "factorial", "prod", "fsum"),
)
_OF_STATISTICS = ("mean", "median", "mode", "stdev", "pstdev", "variance", "pvariance")
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in _OF_MATH if hasattr(math, name)},
    **{name: getattr(statistics, name) for name in _OF_STATISTICS},
    **{function.__name__: function for function in (abs, min, max, sum, round, len, int, float, sorted)},
}
_CONSTANTS = {"pi": math.pi, "e": math.e, "tau": math.tau}


def calculate(expression: str) -> object:
    """The value of ``expression``: a number, a truth value or a list of these. Raises what evaluation raises."""
    value = EvalWithCompoundTypes(functions=_FUNCTIONS, names=_CONSTANTS).eval(expression.replace("^", "**"))
    return _plain(value)


def _plain(value: object) -> object:
    match value:
        case bool() | int():
            return value
        case float() if math.isfinite(value):
            return value
        case list() | tuple():
            return [_plain(item) for item in value]
        case float():
            raise ArithmeticError(f"the result is {value}")
        case _:
            raise TypeError(f"the result is no number but a Python `{type(value).__name__}`")
