"""What a person may do to a text.

In: a text, others to paste from, and chance. Out: strokes, each for the text after those before it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence

from benchmarks.edits.buffer import Stroke

_PIECES = (
    *('"', '"""', "'", "`", "\\", "#", "## ", "{", "}", "(", ")", "[", "]", "|", ".", ",", ":", "@", "=", "?", "->"),
    *(
        "{{ ",
        " }}",
        "{% for x in ",
        "{% endfor %}",
        "{% if ",
        "{%- else -%}",
        "{% raw %}",
        "{# ",
        " #}",
        "{{ a.b[0] | key }}",
    ),
    *("task ", "record R {", "split s = ", "flow main {", 'import "', "table t: ", "test ", "param p: int = "),
    *(
        "map ",
        " over ",
        " by ",
        "keep ",
        "save ",
        ' to "',
        "reduce ",
        "repeat ",
        "@key",
        "@secret",
        "python: ",
        "prompt: ",
    ),
    *(
        "😀",
        "é",
        "e\u0301",
        "\u202e",
        "\u200b",
        "\u2028",
        "\x85",
        "\x0b",
        "\x0c",
        "\x00",
        "\ufeff",
        "\t",
        "𝔘𝔫",
        "字",
        "\ud83d",
    ),
    *(
        "# apwa: ignore[APWA500] why",
        "# apwa: ignore[",
        "0x",
        "1e999",
        "9" * 400,
        "30s",
        "1_000",
        "-",
        "(" * 60,
        "{" * 60,
    ),
    *(
        "\n",
        "\r\n",
        "\r",
        "\n\n\n",
        " ",
        "  " * 20,
        "lib.",
        "shared.",
        "true",
        "null",
        "str",
        "list[",
        "table[",
        '"a" | "b"',
    ),
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_KEYS = 40
"""A person types so many keys at most before doing something else."""

Act = Callable[[str, Sequence[str], random.Random], Iterator[Stroke]]


def strokes(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """One thing that a person does."""
    acts, weights = zip(*_ACTS, strict=True)
    act: Act = rng.choices(acts, weights)[0]
    return act(text, others, rng)


def keys(start: int, text: str) -> Iterator[Stroke]:
    """A text, typed key by key."""
    for at, key in enumerate(text):
        yield Stroke(start + at, start + at, key)


def _type(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """Words of another text, or of this one, typed at the end of a line or anywhere."""
    source = rng.choice((text, *others))
    start = _place(source, rng)
    wanted = source[start : start + rng.randint(1, _KEYS)]
    ends = [end.start() for end in re.finditer("\n", text)]
    at = rng.choice(ends) if ends and rng.random() < 0.5 else _place(text, rng)
    return keys(at, wanted)


def _retype(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """Some of a line is deleted backwards and typed again, which leaves the text as it was."""
    start = _place(text, rng)
    end = min(len(text), start + rng.randint(1, _KEYS))
    for at in range(end, start, -1):
        yield Stroke(at - 1, at, "")
    yield from keys(start, text[start:end])


def _delete(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    start = _place(text, rng)
    yield Stroke(start, min(len(text), start + rng.choice((1, 1, 2, 5, 30, 200, 2000))), "")


def _delete_line(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    start, end = _line(text, rng)
    yield Stroke(start, min(len(text), end + 1), "")


def _put(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """A piece in a place, or over a word."""
    word = _word(text, rng) if rng.random() < 0.3 else None
    start, end = word or (at := _place(text, rng), at)
    yield Stroke(start, end, rng.choice(_PIECES))


def _paste(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    lines = rng.choice((text, *others)).split("\n")
    start = rng.randrange(len(lines))
    at = _line(text, rng)[0] if rng.random() < 0.7 else _place(text, rng)
    yield Stroke(at, at, "\n".join(lines[start : start + rng.randint(1, 25)]) + "\n")


def _swap_word(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """A word in place of another: another name, setting or keyword."""
    word, other = _word(text, rng), _word(text, rng)
    if word is not None and other is not None:
        yield Stroke(*word, text[slice(*other)])


def _change_word(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """A letter more or less."""
    if word := _word(text, rng):
        at = rng.randint(*word)
        yield Stroke(at, at + rng.randint(0, 1), rng.choice(("", "x", "1", "_", "é", " ")))


def _swap_lines(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    start, end = _line(text, rng)
    after = text.find("\n", end + 1)
    if end < len(text) and after > 0:
        yield Stroke(start, after, f"{text[end + 1 : after]}\n{text[start:end]}")


def _duplicate(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    start, end = _line(text, rng)
    yield Stroke(end, end, "\n" + text[start:end])


def _join(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    end = _line(text, rng)[1]
    if end < len(text):
        yield Stroke(end, end + 1, rng.choice(("", " ")))


def _split(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    at = _place(text, rng)
    yield Stroke(at, at, rng.choice(("\n", "\n    ", "\r\n", "\r")))


def _comment(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """Some lines are made comments, or no longer are, in one edit of several places."""
    start, _ = _line(text, rng)
    for _ in range(rng.randint(1, 6)):
        if text[start : start + 2] == "# ":
            yield Stroke(start, start + 2, "")
            text = text[:start] + text[start + 2 :]
        else:
            yield Stroke(start, start, "# ")
            text = f"{text[:start]}# {text[start:]}"
        start = text.find("\n", start) + 1
        if not start:
            break


def _quote(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    """Quotes around something."""
    start = _place(text, rng)
    end = min(len(text), start + rng.randint(0, 60))
    quote = rng.choice(('"', '"""', "'", "{{", "("))
    yield Stroke(end, end, {"{{": "}}", "(": ")"}.get(quote, quote))
    yield Stroke(start, start, quote)


def _line_ends(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    other = text.replace("\r\n", "\n") if "\r\n" in text else text.replace("\n", "\r\n")
    yield Stroke(0, len(text), other)


def _everything(text: str, others: Sequence[str], rng: random.Random) -> Iterator[Stroke]:
    yield Stroke(0, len(text), rng.choice(("", *others)))


def _place(text: str, rng: random.Random) -> int:
    return rng.randint(0, len(text))


def _line(text: str, rng: random.Random) -> tuple[int, int]:
    at = _place(text, rng)
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return start, len(text) if end < 0 else end


def _word(text: str, rng: random.Random) -> tuple[int, int] | None:
    found = _WORD.search(text, _place(text, rng)) or _WORD.search(text)
    return found.span() if found else None


_ACTS: tuple[tuple[Act, int], ...] = (
    (_type, 14),
    (_retype, 8),
    (_delete, 10),
    (_delete_line, 6),
    (_put, 18),
    (_paste, 8),
    (_swap_word, 10),
    (_change_word, 10),
    (_swap_lines, 4),
    (_duplicate, 4),
    (_join, 5),
    (_split, 6),
    (_comment, 5),
    (_quote, 5),
    (_line_ends, 2),
    (_everything, 1),
)
