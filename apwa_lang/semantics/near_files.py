"""Which file a path that leads nowhere was meant for.

In: the folder that a path is relative to, and the path as written. Out: the path of a file that is there, or None.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from apwa_lang.diagnostics.suggest import did_you_mean

_MOST = 2000


def near_file(base: Path, written: str, suffix: str) -> str | None:
    """The file with ``suffix`` in ``base`` or beside it, or in a folder there, whose path is most like ``written``.

    One of the same name in another folder comes first.
    """
    found: dict[str, None] = {}
    for folder, pattern in ((base, "*"), (base, "*/*"), (base.parent, "*"), (base.parent, "*/*")):
        try:
            for file in islice(folder.glob(pattern + suffix), _MOST):
                found.setdefault(Path(os.path.relpath(file, base)).as_posix())
        except OSError:
            continue
    meant = written.lstrip("/").removesuffix(suffix) + suffix
    same_name = (path for path in found if Path(path).name == Path(meant).name)
    return next(same_name, None) or did_you_mean(meant, found)
