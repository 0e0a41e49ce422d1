"""Certificates as files.

In: a certificate and where it is to lie. Out: the file, whole or not at all.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def certificate_path(program: Path) -> Path:
    """Where the certificate of a program lies: ``NAME.proof.json`` beside it."""
    return program.with_name(f"{program.stem}.proof.json")


def write(text: str, path: Path) -> None:
    """Put ``text`` in place of a file in one step. Raises OSError, and then the file is as it was."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as new:
            new.write(text)
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
