"""The tokens of a file, taken in order, each with the comments before it.

In: the tree of a file and its tokens. Out: a :data:`Doc` for each token, gap between two tokens and comment, as the
tree is walked. Every comment is printed in the gap where it was found; where it was found at the end of a line it ends
one again, else it has a line of its own.

Lines that an ``# apwa: ignore[…]`` speaks of keep their tokens: no line end comes or goes at or between them, so that
exactly the same findings are silenced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from apwa_lang.diagnostics.suppress import silenced_lines
from apwa_lang.formatter.document import Break, Continued, Doc, IfBroken, Line, Remark, Verbatim, concat
from apwa_lang.syntax.nodes import Comment, Module, Name
from apwa_lang.syntax.tokens import Token

# What a gap looks like where no comment is in it. A text never ends a line.
NOTHING = ""
SPACE = " "
LINE = Line(" ")
SOFT_LINE = Line("")
HARD = Line(None)

_BLANK = re.compile(r"\n[^\S\n]*\n")


@dataclass(frozen=True, slots=True)
class Placed:
    """A comment: whether its line has nothing else, and whether a blank line stands above."""

    text: str
    alone: bool
    blank: bool


class Cursor:
    """A place in the tokens of a file."""

    def __init__(self, module: Module, tokens: Sequence[Token]) -> None:
        self._source = module.source
        self._tokens = tokens
        self._comments = module.comments
        self._pinned = silenced_lines(module)
        self._next = 0
        self._next_comment = 0
        self._token_end = 0
        self._read_to = 0
        self._in_gap = True

    def start(self) -> None:
        """Leave the gap before the next token to someone else."""
        self._in_gap = False

    def at(self, *texts: str) -> bool:
        """Whether the next tokens are these."""
        following = self._tokens[self._next : self._next + len(texts)]
        return [token.text for token in following] == list(texts)

    def before(self, offset: int) -> bool:
        """Whether the next token begins before ``offset``."""
        return self._next < len(self._tokens) and self._tokens[self._next].start < offset

    def token(self, gap: Doc = NOTHING) -> Doc:
        """The next token, behind a gap."""
        space = self.gap(gap)
        token = self._tokens[self._next]
        self._next += 1
        self._token_end = self._read_to = token.end
        self._in_gap = True
        word: Doc = Verbatim(token.text) if token.kind == "STRING" else token.text
        return word if space == NOTHING else concat(space, word)

    def words(self, count: int, gap: Doc = NOTHING) -> Doc:
        """The next ``count`` tokens with a space between."""
        return concat(self.token(gap), *(self.token(SPACE) for _ in range(count - 1)))

    def name(self, name: Name, gap: Doc = SPACE) -> Doc:
        """A name and its dots."""
        parts = [self.token(gap)]
        while self.before(name.span.end):
            parts.append(self.token())
        return concat(*parts)

    def gap(self, gap: Doc = NOTHING, *, blanks: bool = False) -> Doc:
        """What stands before the next token: comments, and ``gap`` if there are none. Nothing the second time.

        ``blanks``: a blank line stays one.
        """
        if not self._in_gap:
            return NOTHING
        comments = self.comments()
        end = self.line(gap, blanks=blanks)
        if comments == NOTHING:
            return end
        return concat(comments, end) if isinstance(gap, Line) else Continued(concat(comments, end), Break.COMMENT)

    def comment_ahead(self) -> bool:
        """Whether a comment stands before the next token."""
        following = self._comment_start(self._read_to)
        return following is not None and following < self._tokens[self._next].start

    def comments(self) -> Doc:
        """The comments before the next token, without the line end behind them."""
        parts: list[Doc] = []
        for comment in self.placed():
            parts += (
                [Line(None, comment.blank), Remark(comment.text)] if comment.alone else [Remark(f" {comment.text}")]
            )
        return concat(*parts) if parts else NOTHING

    def placed(self) -> list[Placed]:
        """The comments before the next token, or before the end of the file."""
        stop = self._tokens[self._next].start if self._next < len(self._tokens) else len(self._source.text)
        found = []
        while self._next_comment < len(self._comments):
            span = self._comments[self._next_comment].span
            if span.start >= stop:
                break
            space = self._source.text[self._read_to : span.start]
            found.append(Placed(span.text.rstrip(), "\n" in space or not self._read_to, bool(_BLANK.search(space))))
            self._read_to = span.end
            self._next_comment += 1
        return found

    def line(self, gap: Doc, *, blanks: bool = False) -> Doc:
        """What ends the gap before the next token, once its comments are taken."""
        self._in_gap = False
        commented = self._after_comment()
        blank = self.blank_ahead() and (commented or blanks)
        if commented:
            return Line(None, blank)
        if self.pinned:
            if self.line_end_ahead():
                return Line(None, blank) if isinstance(gap, Line) else Continued(HARD, Break.WRITTEN)
            return (SPACE if gap.flat is None else gap.flat) if isinstance(gap, Line) else gap
        return Line(gap.flat, blank) if isinstance(gap, Line) else gap

    def closing_line(self, gap: Line) -> Doc:
        """The same before a closing bracket; a blank line goes, unless it ends what a comment silences."""
        silenced = self._after_comment() and self._source.line_column(self._read_to)[0] + 1 in self._pinned
        line = self.line(gap)
        return line if silenced or not isinstance(line, Line) else Line(line.flat)

    def comma(self, wanted: Doc = NOTHING) -> Doc:
        """The comma behind an item, which is ``wanted`` or not whether it was written or not.

        Comments between the item and its comma come behind it. It stays on the line where it was written if one of them
        would document what follows, if the comment at the end of that line could not follow the item, or if findings in
        that line are silenced.
        """
        if not self.at(","):
            return wanted
        comma = self._tokens[self._next]
        behind = self._comment_start(comma.end)
        ends_line = behind is not None and not self._source.text[comma.end : behind].strip(" \t")
        before = list(takewhile(lambda comment: comment.span.start < comma.start, self._comments_left()))
        documents = any(comment.span.text.startswith("##") for comment in before)
        if documents or (before and ends_line) or (self.line_end_ahead() and self._is_pinned(comma.start)):
            return concat(self.gap(HARD), self.token())
        self._next += 1
        if not before:
            self._read_to = comma.end
        return wanted

    def last_comma(self) -> Doc:
        """The comma behind the last item of a list, which stands only where its bracket begins a line."""
        following = self._next + self.at(",")
        start = self._tokens[following].start
        joined = self._pinned_between(start) and "\n" not in self._source.text[self._token_end : start]
        return NOTHING if joined else IfBroken(",")

    @property
    def pinned(self) -> bool:
        """Whether the gap before the next token touches a line that keeps its tokens."""
        return self._next < len(self._tokens) and self._pinned_between(self._tokens[self._next].start)

    def line_end_ahead(self) -> bool:
        """Whether a line ended between the last token and the next."""
        return "\n" in self._source.text[self._token_end : self._tokens[self._next].start]

    def blank_ahead(self) -> bool:
        """Whether a blank line stands right before the next token."""
        if self._next >= len(self._tokens):
            return False
        return bool(_BLANK.search(self._source.text, self._read_to, self._tokens[self._next].start))

    def _pinned_between(self, start: int) -> bool:
        return self._is_pinned(self._token_end) or self._is_pinned(start)

    def _is_pinned(self, place: int) -> bool:
        return bool(self._pinned) and self._source.line_column(place)[0] in self._pinned

    def _after_comment(self) -> bool:
        return (
            self._read_to > self._token_end
            and self._next_comment > 0
            and (self._comments[self._next_comment - 1].span.end == self._read_to)
        )

    def _comment_start(self, offset: int) -> int | None:
        """Where the first comment from ``offset`` on begins."""
        starts = (comment.span.start for comment in self._comments_left())
        return next((start for start in starts if start >= offset), None)

    def _comments_left(self) -> Iterator[Comment]:
        return (self._comments[index] for index in range(self._next_comment, len(self._comments)))
