"""Jinja2 trees that know their places.

In: a template's text. Out: its Jinja2 tree, in which ``lineno`` is the offset of a node's token rather than its line,
with the offsets of tokens and holes; or TemplateProblem with the place of the mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

_END = "unexpected end of template"
_UNCLOSED = re.compile("innermost block that needs to be closed is '(\\w+)'")
_WORDS = {
    f"{_END}, expected 'end of print statement'": "`{{` is not closed by `}}`",
    "'end of print statement'": "`}}`",
    "'end of statement block'": "`%}`",
    "Expected": "expected",
    "Encountered unknown tag": "there is no statement",
    "Unexpected": "unexpected",
}


class TemplateProblem(Exception):  # noqa: N818
    """A template that is no Jinja2; the mistake is at characters ``start`` to ``end``."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


@dataclass
class TemplateTree:
    """A parsed template.

    ``offsets[i]`` is the offset in the original of character ``i`` of ``text``, its text with plain line ends; ``ends``
    gives the end of the token that starts at an offset, ``holes`` the range of each ``{{ … }}``.
    """

    text: str
    offsets: list[int]
    root: nodes.Template
    ends: dict[int, int] = field(default_factory=dict)
    holes: list[tuple[int, int]] = field(default_factory=list)

    def range(self, node: nodes.Node) -> tuple[int, int]:
        """Start and end of a node in the original text."""
        start = _first(node)
        return self.offsets[start], self.offsets[max(start, self._last(node))]

    def token(self, start: int) -> tuple[int, int]:
        """Start and end, in the original text, of the token at ``start``."""
        return self.offsets[start], self.offsets[self.ends.get(start, start)]

    def word(self, word: str, start: int) -> tuple[int, int]:
        """Start and end, in the original text, of the first ``word`` from ``start`` on."""
        place = self.text.index(word, start)
        return self.offsets[place], self.offsets[place + len(word)]

    def _last(self, node: nodes.Node) -> int:
        end = max((self._last(child) for child in node.iter_child_nodes()), default=0)
        match node:
            case nodes.Getattr():
                start = self.text.index(node.attr, node.lineno)
                end = start + len(node.attr)
            case nodes.Getitem():
                end = self.text.find("]", end) + 1 or end
            case nodes.Call():
                end = self.text.find(")", max(end, node.lineno)) + 1 or end
            case _:
                end = max(end, self.ends.get(node.lineno, node.lineno))
        return end


def parse(text: str) -> TemplateTree:
    """The tree of ``text``. Raises TemplateProblem."""
    kept = [place for place, letter in enumerate(text) if letter != "\r" or text[place + 1 : place + 2] != "\n"]
    plain = "".join(text[place] for place in kept).replace("\r", "\n")
    tree = TemplateTree(plain, [*kept, len(text)], nodes.Template([], lineno=0))
    environment = _environment()

    def placed() -> Iterator[tuple[int, str, str]]:
        offset = 0
        try:
            for _, kind, value in environment.lexer.tokeniter(plain, None):
                offset = max(plain.find(value, offset), offset)
                tree.ends.setdefault(offset, offset + len(value))
                if kind == "variable_begin":
                    tree.holes.append((offset, offset))
                yield offset, kind, value
                offset += len(value)
                if kind == "variable_end":
                    tree.holes[-1] = (tree.holes[-1][0], offset)
        except TemplateSyntaxError as error:
            raise TemplateSyntaxError(error.message or "", offset) from None

    parser = Parser(environment, "")
    try:
        parser.stream = TokenStream(environment.lexer.wrap(placed()), None, None)
        tree.root = parser.parse()
    except TemplateSyntaxError as error:
        start = min(error.lineno, len(plain))
        if _END in (error.message or "").lower():
            start = _opening(tree, start)
        stop = min(tree.ends.get(start, start + 1), len(plain))
        raise TemplateProblem(_plain(error.message or ""), tree.offsets[start], tree.offsets[stop]) from None
    except RecursionError:
        raise TemplateProblem("this is nested too deeply", 0, len(text)) from None
    tree.holes = [(tree.offsets[start], tree.offsets[end]) for start, end in tree.holes]
    return tree


def words(text: str) -> list[tuple[str, str]]:
    """The tokens of a template that may be cut off, by Jinja2's names for them and without white space.

    They end where something cannot be read.
    """
    found: list[tuple[str, str]] = []
    with suppress(TemplateSyntaxError):
        for _, kind, value in _environment().lexer.tokeniter(text, None):
            if kind != "whitespace":
                found.append((kind, value))
    return found


@cache
def _environment() -> Environment:
    return Environment(keep_trailing_newline=True, autoescape=False)


def _opening(tree: TemplateTree, default: int) -> int:
    """The offset of what is still open at the end of the text: a hole, or the innermost statement."""
    if tree.holes and tree.holes[-1][0] == tree.holes[-1][1]:
        return tree.holes[-1][0]
    opened: list[tuple[str, int]] = []
    for start, end in tree.ends.items():
        word = tree.text[start:end]
        if word in ("if", "for") and tree.text[:start].rstrip(" \t\n-+").endswith("{%"):
            opened.append((word, start))
        elif opened and word == f"end{opened[-1][0]}":
            opened.pop()
    return opened[-1][1] if opened else default


def _first(node: nodes.Node) -> int:
    """The offset at which a node starts."""
    match node:
        case nodes.Getattr() | nodes.Getitem() | nodes.Filter() | nodes.Test() | nodes.Call() if node.node is not None:
            return _first(node.node)
        case nodes.BinExpr():
            return _first(node.left)
        case nodes.Compare():
            return _first(node.expr)
        case nodes.Concat():
            return _first(node.nodes[0])
        case nodes.CondExpr():
            return _first(node.expr1)
        case nodes.Not() if isinstance(node.node, nodes.Test):
            return min(node.lineno, _first(node.node))
        case nodes.Tuple() if node.items:
            return _first(node.items[0])
        case _:
            return node.lineno


def _plain(message: str) -> str:
    """Jinja2's message in the words of the language."""
    unclosed = _UNCLOSED.search(message)
    if unclosed:
        return f"`{{% {unclosed[1]} … %}}` is not closed by `{{% end{unclosed[1]} %}}`"
    message = message.split(" at ")[0] if message.startswith("unexpected char") else message
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    message = message.removesuffix(".")
    return message[:1].lower() + message[1:]
