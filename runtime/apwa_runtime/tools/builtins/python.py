"""``python``: code that a model has written, run where it can do no harm."""

from __future__ import annotations

import ast
import io
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from apwa_runtime.tools.builtins.tables import rows

_NAME = "<code>"
_MOST_TEXT = 100_000


def python(code: str, tables: Mapping[str, Sequence[str]], files: Mapping[str, str]) -> str:
    """What ``code`` prints, then the value of its last expression, then the error that ended it.

    It sees each of the ``tables`` as a list of dicts, and of the ``files`` the paths.
    """
    printed = _Printed()
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            listed = {name: list(rows(parts)) for name, parts in tables.items()}
            value = _run(code, {"__name__": "__main__", **files, **listed})
            if value is not None:
                print(value if isinstance(value, str) else repr(value))
        except SystemExit:
            pass
        except BaseException as error:
            print(*_told(error), sep="", end="")
    return printed.getvalue() or "(the code printed nothing)"


def _run(code: str, names: dict[str, Any]) -> Any:
    tree = ast.parse(code, _NAME)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, _NAME, "exec"), names)
    return eval(compile(ast.Expression(last.value), _NAME, "eval"), names) if isinstance(last, ast.Expr) else None


def _told(error: BaseException) -> Iterator[str]:
    """The error with the lines of the code that led to it."""
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == _NAME:
            yield f"line {frame.lineno}: "
    yield from traceback.format_exception_only(error)


class _Printed(io.StringIO):
    """Keeps the first of what is printed."""

    def write(self, text: str) -> int:
        super().write(text[: max(0, _MOST_TEXT - self.tell())])
        return len(text)
