"""Why a certificate is not accepted.

In: nothing. Out: the exception for what the verifier does not understand.
"""

from __future__ import annotations


class CannotVerifyError(Exception):
    """The program or the certificate uses what is not read here: nothing that rests on it can be accepted."""
