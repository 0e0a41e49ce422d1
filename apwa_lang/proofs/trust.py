"""The author's word, and the source that it was given for.

In: a program. Out: the hash of the source that a task's `trust` was given for: the one in the certificate that
`apwa prove` last wrote beside the program, or None where there is none yet.
"""

from __future__ import annotations

import json

from apwa_lang.semantics.program import Program

SUFFIX = ".proof.json"


def certificate_of(program: Program) -> str:
    """The name of the certificate beside a program."""
    file = program.source.file
    return file.with_suffix(SUFFIX).name if file is not None else f"the certificate ({SUFFIX})"


def trusted_digest(program: Program, task: str) -> str | None:
    """The hash that the certificate holds for the source of a trusted task."""
    file = program.source.file
    if file is None:
        return None
    try:
        document = json.loads(file.with_suffix(SUFFIX).read_text(encoding="utf-8"))
        found = document["trusted"][task]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None
