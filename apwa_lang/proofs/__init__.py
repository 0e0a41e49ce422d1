"""Claims about shared state, the rules that decide them, and the automata behind the rules.

In: a typed program. Out: what :func:`decide` says of it.
"""

from apwa_lang.proofs.bodies import Bodies
from apwa_lang.proofs.claims import Claim, Verdict, Witness
from apwa_lang.proofs.decide import decide

__all__ = ["Bodies", "Claim", "Verdict", "Witness", "decide"]
