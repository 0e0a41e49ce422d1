"""What a draft is given, and how it becomes a program with what a model has written.

In: declarations of tables and their records, a model, and tools. Out: the text of a program. What is given stands at
the top as it was given, whatever the model says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apwa_lang.diagnostics.suppress import is_ignore
from apwa_lang.draft.rules import Offered
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

_KINDS: dict[type[ast.Node], str] = {ast.Record: "record", ast.Table: "table", ast.Model: "model", ast.Tool: "tool"}


class OfferError(Exception):
    """What the caller offers cannot be used; one line for people."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declaration that a draft is given: its kind, its name, its text."""

    kind: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """A program, and the names of given declarations that the model had changed."""

    text: str
    changed: tuple[str, ...]


@dataclass(frozen=True)
class Offer:
    """The question, and all that a draft is given."""

    question: str
    declarations: Sequence[Declaration]

    @property
    def given(self) -> str:
        """The given declarations as text."""
        return "\n\n".join(one.text for one in self.declarations)

    @property
    def head(self) -> str:
        """What a drafted program begins with."""
        return f"# Question: {' '.join(self.question.split())}\n\n{self.given}\n"

    @property
    def offered(self) -> Offered:
        """The names of what is given."""
        return Offered(*(frozenset(self._names(kind)) for kind in ("table", "model", "tool")))

    def program(self, answer: str) -> Written:
        """The program that a model's answer makes: what is given, and what else it declares.

        Comments that silence warnings go.
        """
        source = Source(answer)
        module, _ = parse(source)
        known = {(one.kind, one.name): one.text for one in self.declarations}
        silencing = [comment.span for comment in module.comments if is_ignore(comment.span.text)]
        cuts = [_with_space(answer, span.start, span.end) for span in silencing]
        changed = []
        for node in module.declarations:
            kind = _KINDS.get(type(node), "")
            name = node.name.text if isinstance(node, ast.Record | ast.Table | ast.Model | ast.Tool) else ""
            if (kind, name) in known:
                cuts.append(_with_comments(module, node))
                if node.span.text.split() != known[kind, name].split():
                    changed.append(f"{kind} {name}")
        kept, at = "", 0
        for start, end in sorted(cuts):
            kept += answer[at:start]
            at = max(at, end)
        return Written(f"{self.head}\n{(kept + answer[at:]).strip()}\n", tuple(changed))

    def _names(self, kind: str) -> list[str]:
        return [one.name for one in self.declarations if one.kind == kind]


def _with_comments(module: ast.Module, node: ast.Node) -> tuple[int, int]:
    """The place of a declaration with the comments that stand right above it."""
    text, start = module.source.text, node.span.start
    for comment in reversed(module.comments):
        between = text[comment.span.end : start]
        if comment.span.end <= start and between.count("\n") == 1 and not between.strip():
            start = comment.span.start
    return _with_space(text, start, node.span.end)


def _with_space(text: str, start: int, end: int) -> tuple[int, int]:
    """A place with the line end behind it."""
    return start, end + (len(text[end:]) - len(text[end:].lstrip()))
