"""What is known of the word at a place.

In: an open file and a place in it. Out: Markdown about the declaration that is named there, or about the word of the
language that stands there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apwa_lang.diagnostics.registry import find
from apwa_lang.diagnostics.suppress import is_ignore
from apwa_lang.lsp.features.hover.declarations import described
from apwa_lang.lsp.features.hover.markdown import paragraphs
from apwa_lang.lsp.features.hover.prompts import about_prompt, prompted
from apwa_lang.lsp.features.hover.words import about_word, keyword
from apwa_lang.lsp.features.names import uses_at
from apwa_lang.lsp.view import View
from apwa_lang.semantics.program import Task
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.syntax.walk import around

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Hover:
    """``text`` is Markdown about the text at ``span``."""

    span: Span
    text: str


def hover(view: View, offset: int) -> Hover | None:
    """What is known of the word at ``offset``."""
    uses = uses_at(view, offset)
    if uses:
        return Hover(uses[0].span, "\n\n---\n\n".join(dict.fromkeys(described(use, view) for use in uses)))
    code = _of_code(view, offset)
    if code is not None:
        return code
    nodes = around(view.module, offset)
    if nodes and isinstance(nodes[-1], ast.StringLiteral):
        setting = nodes[-2] if len(nodes) > 1 else None
        text = about_prompt(view, nodes) if isinstance(setting, ast.Setting) else None
        return Hover(nodes[-1].span, text) if text is not None else None
    found = about_word(nodes)
    if found is not None:
        name, text = found
        more = about_prompt(view, nodes)
        return Hover(name.span, "\n\n".join(filter(None, (text, more))))
    return _of_keyword(view, nodes, offset)


def _of_code(view: View, offset: int) -> Hover | None:
    """What the code of a finding means, in a comment that silences it."""
    for comment in view.module.comments:
        if comment.span.start <= offset <= comment.span.end and is_ignore(comment.span.text):
            for word in _WORD.finditer(view.source.text, comment.span.start, comment.span.end):
                entry = find(word.group()) if word.start() <= offset <= word.end() else None
                if entry is not None:
                    return Hover(Span(view.source, *word.span()), paragraphs(f"**{entry.title}**", entry.explanation))
    return None


def prompt_at(view: View, offset: int) -> Task | None:
    """The task whose prompt :func:`hover` tells about at a place: at the setting or in its text, but at no name."""
    nodes = around(view.module, offset)
    if uses_at(view, offset) or not nodes or not isinstance(nodes[-1], ast.StringLiteral | ast.Name):
        return None
    return prompted(view, nodes)


def _of_keyword(view: View, nodes: tuple[ast.Node, ...], offset: int) -> Hover | None:
    """What a word of the grammar means, where it is no name and in no comment."""
    named = nodes and isinstance(nodes[-1], ast.Name | ast.Variable)
    commented = any(comment.span.start < offset <= comment.span.end for comment in view.module.comments)
    if named or commented:
        return None
    start = view.source.text.rfind("\n", 0, offset) + 1
    for word in _WORD.finditer(view.source.text, start):
        if word.start() > offset:
            break
        text = keyword(word.group())
        if offset <= word.end() and text is not None:
            return Hover(Span(view.source, *word.span()), text)
    return None
