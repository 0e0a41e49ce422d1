"""Prompts: text that may have files in it.

In: the text of a checked prompt. Out: a function from names to what it renders: texts, and in their places the paths of
the files that it shows. The filters ``image``, ``audio`` and ``file`` say which holes do.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from apwa_lang.semantics.media import has_filter
from apwa_runtime.evaluation import plain_text
from apwa_runtime.media import ShownPath
from apwa_runtime.templates import compile_template

# A file, or a text of the prompt. A file is a text too: ask for it first.
Piece = ShownPath | str

_SHOWN = "@shown"
# Where a rendered prompt shows a file: no row can know it.
_MARK = f"\0{secrets.token_hex(16)}\0"


def compile_prompt(text: str) -> Callable[[Mapping[str, Any]], list[Piece]]:
    """A function that renders ``text``. It raises TemplateError, as does this for a text that is no template."""
    if not has_filter(text):
        whole = compile_template(text)
        return lambda names: [whole(names)]
    return partial(_pieces, compile_template(text, _marked))


def _pieces(render: Callable[[Mapping[str, Any]], str], names: Mapping[str, Any]) -> list[Piece]:
    shown: list[ShownPath] = []
    first, *others = render({**names, _SHOWN: shown}).split(_MARK)
    pieces: list[Piece] = [first]
    for path, text in zip(shown, others, strict=True):
        pieces += [path, text]
    return pieces


@pass_context
def _marked(context: Context, value: Any) -> Any:
    """The text of a hole; a mark for each file that it shows, which is kept for later."""
    if isinstance(value, Undefined):
        return value
    found = list(_shown_in(value))
    if not found:
        return plain_text(value)
    context[_SHOWN].extend(found)
    return _MARK * len(found)


def _shown_in(value: Any) -> Iterator[ShownPath]:
    if isinstance(value, ShownPath):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _shown_in(item)
