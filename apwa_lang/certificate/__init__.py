"""Certificates: what the prover says of a program, in a form that another program can check.

In: a checked program. Out: one JSON document; ``docs/certificate.md`` describes it.
"""

from apwa_lang.certificate.document import certificate
from apwa_lang.certificate.file import certificate_path, write

__all__ = ["certificate", "certificate_path", "write"]
