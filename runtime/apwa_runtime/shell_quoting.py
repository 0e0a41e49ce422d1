"""In which quotes of a shell script a place lies.

In: the fixed text of a script, piece by piece. Out: how a variable is expanded as a value between two pieces, whatever
quotes its place lies in. Where this is mistaken about the quotes, a word may be split, but nothing is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apwa_runtime.templates import TemplateError

_HEREDOC = re.compile(r"<<(-?)[ \t]*(['\"]?)\\?([A-Za-z_][A-Za-z0-9_]*)\2")
_BEFORE_COMMENT = " \t\n;&|()"


class Quoting:
    """Follows quotes, substitutions, comments and here-documents.

    The stack holds what the place lies in, outermost first: ``"``, ``(``, ``((`` (arithmetic) and `` ` ``; `'`, ``#``
    and ``<`` (a here-document) hold nothing else.
    """

    def __init__(self) -> None:
        self._stack: list[str] = []
        self._before = "\n"
        # Here-documents that begin at the next line, and the one that the place lies in: (end, tabs, literal).
        self._awaited: list[tuple[str, bool, bool]] = []
        self._line = ""

    def read(self, text: str) -> None:
        """Go on over ``text``."""
        at = 0
        while at < len(text):
            at = self._step(text, at)

    def expanded(self, names: Sequence[str]) -> str:
        """The variables ``names`` as words at this place. Raises TemplateError where nothing is expanded."""
        self._before = "_"
        if "((" in self._stack:
            # A shell evaluates the text of a variable there, and may run what stands in it.
            raise TemplateError("arithmetic takes numbers only; give the hole a number, or take it out of `$(( ))`")
        match self._inside:
            case "'":
                return " ".join(f"'\"${{{name}}}\"'" for name in names)
            case "<" if self._awaited[0][2]:
                raise TemplateError(
                    f"the here-document `{self._awaited[0][0]}` is quoted, so a hole in it is not filled; "
                    "leave out the quotes around its name"
                )
            case '"' | "<" | "#":
                self._line += "_"
                return " ".join(f"${{{name}}}" for name in names)
            case _:
                return " ".join(f'"${{{name}}}"' for name in names)

    @property
    def _inside(self) -> str:
        return self._stack[-1] if self._stack else ""

    def _step(self, text: str, at: int) -> int:
        """Take in the character at ``at``, or what begins there. Returns where to go on."""
        character = text[at]
        match self._inside:
            case "'":
                if character == "'":
                    self._stack.pop()
            case "#":
                if character == "\n":
                    self._stack.pop()
                    self._newline()
            case "<":
                self._heredoc(character)
            case '"':
                if character == "\\":
                    return at + 2
                if character == '"':
                    self._stack.pop()
                else:
                    return self._substitution(text, at)
            case _:
                return self._plain(text, at)
        self._before = character
        return at + 1

    def _plain(self, text: str, at: int) -> int:
        character = text[at]
        heredoc = _HEREDOC.match(text, at) if character == "<" else None
        if character == "\\":
            self._before = "\\"
            return at + 2
        if heredoc is not None:
            tabs, literal, end = heredoc[1] == "-", bool(heredoc[2]) or "\\" in heredoc[0], heredoc[3]
            self._awaited.append((end, tabs, literal))
            self._before = "_"
            return heredoc.end()
        if character in "'\"" or (character == "#" and self._before in _BEFORE_COMMENT):
            self._stack.append(character)
        elif character == "(":
            self._stack.append("(")
        elif self._inside == "((" and text.startswith("))", at):
            self._stack.pop()
            return at + 2
        elif character == ")" and self._inside == "(":
            self._stack.pop()
        elif character == "\n":
            self._newline()
        else:
            return self._substitution(text, at)
        self._before = character
        return at + 1

    def _substitution(self, text: str, at: int) -> int:
        """``$(`` and a backquote begin, within quotes too, what has quotes of its own."""
        character = text[at]
        self._before = character
        opened = next((opening for opening in ("((", "(") if text.startswith(f"${opening}", at)), None)
        if opened is not None:
            self._stack.append(opened)
            return at + 1 + len(opened)
        if character == "`":
            if "`" in self._stack:
                del self._stack[len(self._stack) - 1 - self._stack[::-1].index("`") :]
            else:
                self._stack.append("`")
        return at + 1

    def _newline(self) -> None:
        if self._awaited:
            self._stack.append("<")
            self._line = ""

    def _heredoc(self, character: str) -> None:
        if character != "\n":
            self._line += character
            return
        end, tabs, _ = self._awaited[0]
        if (self._line.lstrip("\t") if tabs else self._line) == end:
            self._stack.pop()
            self._awaited.pop(0)
            if self._awaited:
                self._stack.append("<")
        self._line = ""
