"""Claims about shared state, the rules that decide them, and the automata behind the rules.

In: a typed program. Out: what :func:`decide` says of it. The prover is loaded when it is first asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apwa_lang.proofs.claims import Claim, Verdict, Witness
    from apwa_lang.proofs.decide import decide

__all__ = ["Claim", "Verdict", "Witness", "decide"]


def __getattr__(name: str) -> object:
    if name == "decide":
        from apwa_lang.proofs.decide import decide

        return decide
    if name in __all__:
        from apwa_lang.proofs import claims

        return getattr(claims, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
