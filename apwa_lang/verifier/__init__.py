"""The independent check of a certificate.

In: the text of a certificate and where the program lies. Out: a :class:`Report`. Nothing here is shared with the prover
but the parser: names, types, rows, order and automata are worked out again, and no claim is searched for.
"""

from apwa_lang.verifier.verify import Report, verify

__all__ = ["Report", "verify"]
