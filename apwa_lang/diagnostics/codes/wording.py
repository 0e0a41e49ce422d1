"""Words that messages share.

In: names and kinds of things. Out: how a sentence says them.
"""

from __future__ import annotations

from collections.abc import Iterable


def article(kind: str) -> str:
    """The kind with ``a`` or ``an`` before it."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def listed(names: Iterable[str], last: str = ", ") -> str:
    """`a`, `b`, `c`; with ``last`` before the last."""
    quoted = [f"`{name}`" for name in names]
    return last.join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)
