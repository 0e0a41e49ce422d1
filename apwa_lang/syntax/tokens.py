"""The scanner: words, marks, literals and comments of one file.

In: a :class:`Source`. Out: :class:`Scan`, the tokens in order, the comments, and a diagnostic for each piece of
text that is no token. The patterns are the grammar's own; only what may go wrong is added here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from apwa_grammar.tables import Tables, load
from apwa_lang.diagnostics.codes import syntax as codes
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.syntax import foreign
from apwa_lang.syntax.source import Source, Span

# Words that open a declaration and a mark that cannot stand there inside a text: where a forgotten `\"""` probably
# belongs.
_DECLARATION_LINE = re.compile(
    r"^(?:\}|(?:record|task|tool|model|flow|test|table|split|param|import)[ \t]+[\w\"]+[ \t]*[({:=\"]).*$", re.MULTILINE
)


class Token(NamedTuple):
    """A terminal. ``kind`` is its symbol in the parser tables: ``NAME``, ``STRING`` …, or a fixed word or mark."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(slots=True)
class Scan:
    """What was read. ``broken`` are the offsets of tokens that a diagnostic already speaks of."""

    tokens: list[Token] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)


@cache
def _scanner() -> tuple[re.Pattern[str], Mapping[str, str]]:
    tables: Tables = load()
    marks = sorted((text for text in tables.literals if not text[0].isalpha()), key=len, reverse=True)
    named = "|".join(f"(?P<{name}>{pattern})" for name, pattern in tables.patterns.items())
    pattern = (
        f"{named}|{foreign.MARKS}|(?P<MARK>{'|'.join(map(re.escape, marks))})"
        r'|(?P<OPEN_TEXT>""")|(?P<OPEN_STRING>"(?:[^"\\\n]++|\\.)*+\\?)|(?P<BAD_NUMBER>\d[\w.]*)|'
        rf"{foreign.STRINGS}|(?P<STRAY>[\s\S])"
    )
    return re.compile(pattern), {text: text for text in tables.literals}


def keywords() -> tuple[str, ...]:
    """Every word that the grammar gives a meaning somewhere."""
    return tuple(text for text in load().literals if text[0].isalpha())


def scan(source: Source, start: int = 0) -> Scan:
    """The tokens of a file, from a place between two of them on. Never raises; takes time linear in the text."""
    result = Scan()
    if not _scan(source, start, result):
        early = next((token for token in result.tokens if _forgotten_end(token) is not None), None)
        if early is not None:
            result = _before(result, early.start)
            _close_text(source, early.start, early.end, result)
            _scan(source, result.tokens[-1].end, result)
    return result


def _scan(source: Source, position: int, result: Scan) -> bool:
    """Scan on from ``position``. False when a text in three quotes was not closed."""
    pattern, literals = _scanner()
    text = source.text
    closed = True
    while True:
        for match in pattern.finditer(text, position):
            kind = match.lastgroup or ""
            if kind == "SPACE":
                continue
            word = match.group()
            if kind == "NAME":
                if not word.isascii() and not word.isidentifier():
                    _stray(source, match.start(), match.end(), result)
                    continue
                kind = literals.get(word, "NAME")
            elif kind == "MARK":
                kind = word
            elif kind not in ("STRING", "INT", "FLOAT", "DURATION", "SIZE"):
                if kind == "OPEN_TEXT":
                    closed = False
                    _close_text(source, match.start(), len(text), result)
                    break
                _odd(source, kind, word, match.start(), result)
                continue
            result.tokens.append(Token(kind, word, match.start(), match.end()))
        else:
            return closed
        position = result.tokens[-1].end


def _odd(source: Source, kind: str, word: str, start: int, result: Scan) -> None:
    end = start + len(word)
    if kind == "COMMENT":
        result.comments.append((start, start + len(word.rstrip("\r"))))
    elif kind == "OPEN_STRING":
        word = word.rstrip()
        result.diagnostics.append(codes.unterminated_string(Span(source, start, start + len(word))))
        result.tokens.append(Token("STRING", word, start, start + len(word)))
        result.broken.add(start)
    elif kind in foreign.KINDS:
        meant = foreign.meant(word, source.text[:start][-200:], source.text[end : end + 200])
        result.diagnostics.append(codes.foreign_spelling(Span(source, start, end), meant.text, meant.why))
        result.tokens += [Token(kind, text, start, end) for kind, text in meant.tokens]
        result.broken.add(start)
        if not meant.tokens:
            result.comments.append((start, end))
    elif kind == "BAD_NUMBER":
        result.diagnostics.append(codes.bad_number(Span(source, start, end)))
        result.tokens.append(Token("INT", word, start, end))
        result.broken.add(start)
    else:
        _stray(source, start, end, result)


def _stray(source: Source, start: int, end: int, result: Scan) -> None:
    """Report text that is no token; a run of it once."""
    last = result.diagnostics[-1] if result.diagnostics else None
    if last is not None and last.code == codes.STRAY_CHARACTER.id and last.primary.span.end == start:
        start = last.primary.span.start
        result.diagnostics.pop()
    result.diagnostics.append(codes.stray_character(Span(source, start, end)))


def _close_text(source: Source, start: int, end: int, result: Scan) -> None:
    """End an unclosed text in three quotes before what looks like the next declaration, else at ``end``."""
    cut = _DECLARATION_LINE.search(source.text, start + 3, end)
    word = source.text[start : cut.start() if cut else end].rstrip()
    word = word if len(word) >= 3 else source.text[start : start + 3]
    result.diagnostics.append(codes.unterminated_text(Span(source, start, start + 3)))
    result.tokens.append(Token("STRING", word, start, start + len(word)))
    result.broken.add(start)


def _forgotten_end(token: Token) -> int | None:
    """Where a text in three quotes holds what looks like a declaration, or None."""
    if not token.text.startswith('"""'):
        return None
    found = _DECLARATION_LINE.search(token.text)
    return found.start() if found else None


def _before(result: Scan, offset: int) -> Scan:
    """What was read before an offset."""
    return Scan(
        tokens=[token for token in result.tokens if token.start < offset],
        comments=[comment for comment in result.comments if comment[0] < offset],
        diagnostics=[item for item in result.diagnostics if item.primary.span.start < offset],
        broken={start for start in result.broken if start < offset},
    )
