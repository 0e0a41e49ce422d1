"""APWA001 to APWA099: what is wrong with the syntax of a file.

In: places, and words for what was expected there. Out: diagnostics.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix
from apwa_lang.diagnostics.registry import register
from apwa_lang.syntax.source import Span

UNEXPECTED = register(
    "APWA001",
    "unexpected or missing text",
    explanation="""
The grammar wants something else at this place: a mark such as `:` or `=` is missing, a word stands where none can
stand, or a value was left out. The rest of the file is still read.
""",
    fix="Write what the message says was expected, or take the extra text out.",
    bad="record Note { id str @key }",
    good="record Note { id: str @key }",
)
MISSING_CLOSER = register(
    "APWA002",
    "bracket never closed",
    explanation="""
A `(`, `[` or `{` has no partner. The message points at the place where the closing bracket was expected at the
latest, and at the opening one.
""",
    fix="Close the bracket.",
    bad="""
record Note {
  id: str @key

record Digest { summary: str }
""",
    good="""
record Note {
  id: str @key
}

record Digest { summary: str }
""",
)
UNTERMINATED_STRING = register(
    "APWA003",
    "string never closed",
    explanation="""
A string in single double quotes ends on its own line; a text of several lines stands between triple quotes.
""",
    fix="Close the string, or use triple quotes for a text of several lines.",
    bad="""
record Note { id: str @key }

table notes: Note = read "data/notes.jsonl
""",
    good="""
record Note { id: str @key }

table notes: Note = read "data/notes.jsonl"
""",
)
STRAY_CHARACTER = register(
    "APWA004",
    "stray character",
    explanation="""
The character has no meaning outside strings and comments. Text copied from elsewhere often brings curly quotes and
spaces that do not break. Strings take straight double quotes, comments begin with `#`, statements end without `;`, and
it is `and`, `or`, `not`, `==`, `!=`, `->`, whatever other languages write.
""",
    fix="Take the character out, or write the plain one.",
    bad="record Note { id: str @key; }",
    good="record Note { id: str @key }",
)
UNKNOWN_DECLARATION = register(
    "APWA005",
    "no such declaration",
    explanation="""
A file is a list of declarations; each begins with `import`, `param`, `record`, `table`, `model`, `tool`, `task`,
`split`, `flow` or `test`. Statements such as `save` belong inside a `flow`.
""",
    fix="Begin the declaration with one of its keywords.",
    bad="recrod Note { id: str @key }",
    good="record Note { id: str @key }",
)
BAD_ESCAPE = register(
    "APWA006",
    "no such escape",
    explanation=r"""
After a backslash a string may hold `n`, `t`, `r`, `"`, `\`, `uXXXX` with four hexadecimal digits, or `u{…}` with
one to six. In a text of several lines a backslash at the end of a line joins it to the next.
""",
    fix=r"Write `\\` for a backslash.",
    bad=r'record Note { id: str @key @pattern("\d{8}") }',
    good=r'record Note { id: str @key @pattern("\\d{8}") }',
)
BAD_NUMBER = register(
    "APWA007",
    "malformed number",
    explanation="""
Numbers are written `1_000` or `0.5`; durations `500ms 30s 5m 2h 1d`; sizes `10B 64KiB 512MiB 8GiB 1TiB`. A whole
number must fit in 64 bits.
""",
    fix="Write the number in one of these forms.",
    bad="param patience: duration = 30sec",
    good="param patience: duration = 30s",
)
TOO_DEEP = register(
    "APWA008",
    "nested too deeply",
    explanation="""
Expressions, types and blocks may stand inside each other, and operators may follow each other, only so many times,
so that every tool can read the program.
""",
    fix="Name parts of the expression, or move a part into a task.",
    bad=f"""
record Total {{ value: int }}

task add(a: int) -> Total {{ return: Total {{ value: {"a + " * 130}a }} }}
""",
    good="""
record Total { value: int }

task add(a: int) -> Total { return: Total { value: a * 131 } }
""",
)
UNOPENED = register(
    "APWA009",
    "closing bracket without an opening one",
    explanation="A `)`, `]` or `}` has no partner before it.",
    fix="Take it out, or write the opening bracket.",
    bad="record Note { id: str @key } }",
    good="record Note { id: str @key }",
)
CHAINED_COMPARISON = register(
    "APWA010",
    "comparisons do not chain",
    explanation="`a < b < c` would compare a truth value with `c`, which nobody means. Say it as two comparisons.",
    fix="Join two comparisons by `and`.",
    bad="""
param n: int
record Row { id: int @key }
table rows: Row = [{ id: 1 }]
flow main {
  few = rows where 0 < id < n
  save few to "few.csv"
}
""",
    good="""
param n: int
record Row { id: int @key }
table rows: Row = [{ id: 1 }]
flow main {
  few = rows where 0 < id and id < n
  save few to "few.csv"
}
""",
)

# What people type for a plain character.
_LOOKALIKES = {
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": '"',
    "’": '"',
    "'": '"',
    "`": '"',
    "\u00a0": " ",
    "\u2009": " ",
    "–": "-",
    "—": "-",
    "−": "-",
    "×": "*",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    ";": "",
    "$": "",
}
_UNIT_HELP = {
    "s": "s",
    "sec": "s",
    "second": "s",
    "secs": "s",
    "seconds": "s",
    "m": "m",
    "min": "m",
    "minute": "m",
    "mins": "m",
    "minutes": "m",
    "h": "h",
    "hr": "h",
    "hour": "h",
    "hours": "h",
    "d": "d",
    "day": "d",
    "days": "d",
    "ms": "ms",
    "msec": "ms",
    "millis": "ms",
    "k": "KiB",
    "kb": "KiB",
    "kib": "KiB",
    "mb": "MiB",
    "mib": "MiB",
    "g": "GiB",
    "gb": "GiB",
    "gib": "GiB",
    "tb": "TiB",
    "tib": "TiB",
    "b": "B",
}


def unit(word: str) -> str | None:
    """How a unit of time or size is written here that is written ``word`` elsewhere."""
    return _UNIT_HELP.get(word.lower())


# What stands right behind the word before it.
_CLOSE_BEHIND = (":", ",", ".", "(", ")", "[", "]")


def unexpected(span: Span, found: str, wanted: str) -> Diagnostic:
    """Text that cannot stand here."""
    return UNEXPECTED.at(span, f"unexpected {found}", f"expected {wanted}")


def expected(
    span: Span,
    wanted: str,
    found: str | None,
    *,
    token: str | None = None,
    likely: bool = False,
    opener: Span | None = None,
) -> Diagnostic:
    """Something is missing, or ``found`` stands in its place.

    ``token`` is all that is missing, where it is known; ``likely`` if ``found`` resembles it.
    """
    message = f"expected {wanted}" if found is None else f"expected {wanted}, found {found}"
    also = ((opener, "opened here"),) if opener is not None else ()
    if token is None:
        return UNEXPECTED.at(span, message, also=also)
    if likely:
        fix = Fix(f"write `{token}`", (Edit(span, token),), safe=False)
        return UNEXPECTED.at(span, message, help=f"did you mean `{token}`?", fix=fix)
    if found is not None:
        place, text = _spaced(span, token)
    else:
        place, text = span, token if token in _CLOSE_BEHIND else f" {token}"
    does = "write" if found is not None else "insert"
    return UNEXPECTED.at(
        span,
        message,
        also=also,
        help=f"{does} `{token}`",
        fix=Fix(f"{does} `{token}`", (Edit(place, text),), safe=False),
    )


def _spaced(span: Span, token: str) -> tuple[Span, str]:
    """What to replace for ``token`` to stand at ``span``, spaced as it is usually written."""
    text, start = span.source.text, span.start
    while start and text[start - 1] in " \t":
        start -= 1
    if token == ":":
        return Span(span.source, start, span.end), token
    return span, token if start < span.start or token in _CLOSE_BEHIND else f" {token}"


def missing_closer(place: Span, closer: str, opener: Span) -> Diagnostic:
    """A bracket that is never closed; ``place`` is the end of the token before."""
    return MISSING_CLOSER.at(
        place,
        f"`{opener.text}` is never closed",
        f"expected `{closer}` here",
        also=((opener, f"this `{opener.text}` is open"),),
        fix=Fix(f"insert `{closer}`", (_closed(place, closer, opener),), safe=False),
    )


def _closed(place: Span, closer: str, opener: Span) -> Edit:
    """Puts ``closer`` at ``place``, or on a line of its own where the line of the opening bracket ends with that."""
    source = place.source
    line = source.line_text(opener.line)
    if place.line == opener.line or not line.rstrip().endswith(opener.text or " "):
        return Edit(place, closer)
    end = source.line_starts[place.line - 1] + len(source.line_text(place.line))
    rest = source.text[place.end : end].strip()
    behind = Span(source, end, end) if not rest or rest.startswith("#") else place
    return Edit(behind, f"\n{line[: len(line) - len(line.lstrip())]}{closer}")


def unterminated_string(span: Span) -> Diagnostic:
    """A string in single double quotes without its end."""
    end = Span(span.source, span.end, span.end)
    return UNTERMINATED_STRING.at(
        span,
        "this string is never closed",
        "it must end on this line",
        help='close it with `"`; for a text of several lines use `"""`',
        fix=Fix('insert `"`', (Edit(end, '"'),), safe=False),
    )


def unterminated_text(span: Span) -> Diagnostic:
    """A text in triple quotes without its end; ``span`` is the opening quotes."""
    return UNTERMINATED_STRING.at(span, "this text is never closed", 'no `"""` follows', help='close it with `"""`')


def stray_character(span: Span) -> Diagnostic:
    """Characters that mean nothing here."""
    from unicodedata import name

    first = span.text[0]
    if first.isprintable() and not first.isspace():
        words = f"`{span.text[:20]}` has no meaning here"
    else:
        words = f"a stray character, {name(first, f'U+{ord(first):04X}').lower()}"
    plain = _LOOKALIKES.get(first)
    if plain is None:
        return STRAY_CHARACTER.at(span, words)
    help = f"write `{plain}`" if plain.strip() else "take it out"
    return STRAY_CHARACTER.at(span, words, help=help, fix=Fix(help, (Edit(span, plain * len(span.text)),), safe=False))


def foreign_spelling(span: Span, meant: str, why: str) -> Diagnostic:
    """A mark, quotes or a comment of another language for what is written as ``meant``."""
    shown = meant if len(meant) <= 40 and "\n" not in meant else f"{meant[:3].strip()}…"
    fix = Fix(f"write `{shown.strip()}`", (Edit(span, meant),), safe=False)
    return STRAY_CHARACTER.at(span, why or f"`{span.text}` has no meaning here", help=fix.title, fix=fix)


def unknown_declaration(span: Span, meant: str | None, known: Iterable[str], *, is_word: bool) -> Diagnostic:
    """An item that begins with no declaration keyword; ``meant`` is the one it resembles."""
    if meant is not None:
        return UNKNOWN_DECLARATION.at(
            span,
            f"no declaration begins with `{span.text}`",
            help=f"did you mean `{meant}`?",
            fix=Fix(f"write `{meant}`", (Edit(span, meant),), safe=False),
        )
    words = f"no declaration begins with `{span.text}`" if is_word else "expected a declaration"
    return UNKNOWN_DECLARATION.at(
        span, words, help=f"declarations begin with {', '.join(f'`{word}`' for word in known)}"
    )


def bad_escape(span: Span) -> Diagnostic:
    """A backslash with something behind it that is no escape."""
    edit = Edit(Span(span.source, span.start, span.start), "\\")
    return BAD_ESCAPE.at(
        span,
        f"`{span.text}` is no escape",
        help="write `\\\\` for a backslash",
        fix=Fix("double the backslash", (edit,), safe=False),
    )


def bad_number(span: Span) -> Diagnostic:
    """Digits with something behind them that is no unit."""
    number = span.text.rstrip("".join(character for character in span.text if character.isalpha()))
    suffix = unit(span.text[len(number) :])
    message = f"`{span.text[:40]}` is no number, duration or size"
    if not (suffix and number):
        return BAD_NUMBER.at(span, message, help="units are ms, s, m, h, d and B, KiB, MiB, GiB, TiB")
    fix = Fix(f"write `{number}{suffix}`", (Edit(span, f"{number}{suffix}"),), safe=False)
    return BAD_NUMBER.at(span, message, help=fix.title, fix=fix)


def number_too_large(span: Span) -> Diagnostic:
    """A number beyond 64 bits, or a duration beyond any calendar."""
    return BAD_NUMBER.at(span, "this number is too large")


def too_deep(span: Span, limit: int | None = None) -> Diagnostic:
    """Brackets, operators or blocks inside each other beyond ``limit``."""
    label = "" if limit is None else f"more than {limit} levels"
    return TOO_DEEP.at(span, "this is nested too deeply", label, help="name a part of it, or split it up")


def unopened(span: Span, closer: str) -> Diagnostic:
    """A closing bracket without a partner."""
    return UNOPENED.at(span, f"`{closer}` closes nothing", fix=Fix(f"remove `{closer}`", (Edit(span, ""),), safe=False))


def chained_comparison(span: Span) -> Diagnostic:
    """A second comparison behind a first."""
    return CHAINED_COMPARISON.at(span, "comparisons do not chain", help="write `a < b and b < c`")
