"""Habits from other languages that no program here can have, read as what they mean.

In: the tokens of a file that does not parse. Out: the tokens that are meant, and a diagnostic for each habit. Every
rule looks for a sequence of tokens that means nothing wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from apwa_lang.diagnostics.codes import syntax as codes
from apwa_lang.diagnostics.suggest import did_you_mean
from apwa_lang.syntax.items import OPENERS, line_start, starts_line
from apwa_lang.syntax.source import Source, Span
from apwa_lang.syntax.tokens import Scan, Token

_PREFIXES = frozenset(("f", "r", "b", "u", "fr", "rf", "rb", "br"))
_BINDERS = frozenset(("let", "const", "var", "val", "final"))
_ATTRIBUTES = frozenset(("key", "unique", "secret"))
_CHOICES = frozenset(("enum", "Enum", "oneof", "choice", "Literal"))
_BY_FIELD = frozenset(("group", "tokens", "lines", "pages", "items", "cross"))
_COUNTED = frozenset(("chunk", "window", "tree"))
_LITERALS = {"INT": "int", "FLOAT": "float", "STRING": "str", "DURATION": "duration", "true": "bool", "false": "bool"}
_MOST: Final = 100


@dataclass(frozen=True)
class Slip:
    """``count`` tokens are meant as ``tokens``, which are written as ``text``; ``why`` says how it is done here."""

    count: int
    tokens: tuple[tuple[str, str], ...]
    text: str
    why: str


def mend(source: Source, scanned: Scan) -> Scan | None:
    """What was read, with the slips in it mended; None where there is none."""
    found = Scan([], list(scanned.comments), list(scanned.diagnostics), set(scanned.broken))
    tokens = scanned.tokens
    index = 0
    while index < len(tokens):
        comment = _comment(source, tokens, index)
        if comment:
            last = tokens[index + comment - 1]
            place = Span(source, tokens[index].start, tokens[index].start + 2)
            found.diagnostics.append(codes.foreign_spelling(place, "#", "comments begin with `#`"))
            found.comments.append((tokens[index].start, last.end))
            index += comment
            continue
        view = _View(source, tokens, index)
        slip = next((slip for rule in _RULES if (slip := rule(view)) is not None), None)
        if slip is None:
            found.tokens.append(tokens[index])
            index += 1
            continue
        start, end = tokens[index].start, tokens[index + slip.count - 1].end
        found.diagnostics.append(codes.foreign_spelling(Span(source, start, end), slip.text, slip.why))
        found.tokens += [Token(kind, text, start, end) for kind, text in slip.tokens]
        found.broken.add(start)
        index += slip.count
    return found if len(found.diagnostics) > len(scanned.diagnostics) else None


@dataclass(frozen=True)
class _View:
    """The tokens of a file, seen from one of them."""

    source: Source
    tokens: Sequence[Token]
    index: int

    def at(self, offset: int) -> Token:
        """The token so far from here; one of no kind beyond the ends of the file."""
        index = self.index + offset
        return self.tokens[index] if 0 <= index < len(self.tokens) else Token("", "", -1, -1)

    def kinds(self, *kinds: str, start: int = 0) -> bool:
        """Whether tokens of these kinds stand from here on."""
        return all(self.at(start + offset).kind == kind for offset, kind in enumerate(kinds))

    def first(self) -> bool:
        """Whether the token is the first of its line."""
        return starts_line(self.source, self.tokens, self.index)

    def on_line(self, offset: int) -> bool:
        """Whether a token stands on the line of this one."""
        other = self.at(offset)
        return other.start >= 0 and line_start(self.source, other.start) == line_start(self.source, self.at(0).start)

    def adjacent(self, offset: int) -> bool:
        """Whether a token follows the one before it without a space."""
        return self.at(offset).start == self.at(offset - 1).end

    def text(self, start: int, stop: int) -> str:
        """What is written from one token up to another."""
        return self.source.text[self.at(start).start : self.at(stop - 1).end]

    def closed(self, offset: int) -> int | None:
        """The offset behind the bracket that closes the one at ``offset``."""
        close = OPENERS[self.at(offset).kind]
        for other in range(offset + 1, offset + _MOST):
            kind = self.at(other).kind
            if kind == close:
                return other + 1
            if kind in OPENERS or not kind:
                return None
        return None


Rule = Callable[[_View], Slip | None]


def _comment(source: Source, tokens: Sequence[Token], index: int) -> int:
    """How many tokens a comment behind `//` or `--` takes; 0 where it is none."""
    view = _View(source, tokens, index)
    dashes = view.kinds("-", "-") and view.adjacent(1)
    if not dashes and view.at(0).kind != "//":
        return 0
    count = 1
    while view.on_line(count):
        count += 1
    words = [_is_word(view.at(offset)) for offset in range(2 if dashes else 1, count)]
    in_prose = any(one and other for one, other in pairwise(words))
    named = any(view.at(offset).kind in (":", "=") for offset in range(1, count))
    return (
        count if count > 1 and "\n" not in view.at(count - 1).text and (view.first() or (in_prose and not named)) else 0
    )


def _prefixed_text(view: _View) -> Slip | None:
    """`f"…"`."""
    if view.at(0).text.lower() not in _PREFIXES or not view.kinds("STRING", start=1) or not view.adjacent(1):
        return None
    text = view.at(1).text
    return Slip(2, (("STRING", text),), text, "a text has no letter before it; holes of templates are `{{ … }}`")


def _spelt_unit(view: _View) -> Slip | None:
    """`2 minutes`, and `per minute`."""
    unit = codes.unit(view.at(1).text)
    if view.at(0).kind in ("INT", "FLOAT") and unit in ("ms", "s", "m", "h", "d") and view.on_line(1):
        if view.at(2).kind in (":", "=", "("):
            return None
        text = f"{view.at(0).text}{unit}"
        return Slip(2, (("DURATION", text),), text, f"this duration is written `{text}`")
    unit = codes.unit(view.at(0).text)
    if view.at(-1).kind == "per" and view.at(0).kind == "NAME" and unit in ("s", "m", "h", "d"):
        return Slip(1, (("DURATION", f"1{unit}"),), f"1{unit}", f"this duration is written `1{unit}`")
    return None


def _bound_name(view: _View) -> Slip | None:
    """`let x = …`."""
    if view.at(0).text not in _BINDERS or not view.first() or view.at(1).kind != "NAME" or view.at(2).kind != "=":
        return None
    name = view.at(1).text
    return Slip(2, (("NAME", name),), name, f"a name is assigned without `{view.at(0).text}`")


def _bare_attribute(view: _View) -> Slip | None:
    """`id: str key`."""
    word = view.at(0).text
    if word not in _ATTRIBUTES or view.at(-2).kind != ":" or not _is_word(view.at(-1)) or not _is_word(view.at(-3)):
        return None
    if view.at(1).kind in (":", "=", "(", "."):
        return None
    return Slip(1, (("@", "@"), ("NAME", word)), f"@{word}", f"the attribute is written `@{word}`")


def _array(view: _View) -> Slip | None:
    """`Note[]`."""
    if not (view.at(0).kind == "NAME" and view.kinds("[", "]", start=1) and view.adjacent(1)):
        return None
    item = view.at(0).text
    tokens = (("NAME", "list"), ("[", "["), ("NAME", item), ("]", "]"))
    return Slip(3, tokens, f"list[{item}]", f"a list is written `list[{item}]`")


def _choice(view: _View) -> Slip | None:
    """`enum("a", "b")`."""
    if view.at(0).text not in _CHOICES or view.at(1).kind not in ("(", "[") or view.at(-1).kind != ":":
        return None
    end = view.closed(1)
    inner = [view.at(offset) for offset in range(2, (end or 1) - 1)]
    if (
        end is None
        or not inner
        or any(token.kind != ("," if place % 2 else "STRING") for place, token in enumerate(inner))
    ):
        return None
    texts = [token.text for token in inner[::2]]
    tokens = tuple(part for text in texts for part in (("|", "|"), ("STRING", text)))[1:]
    return Slip(end, tokens, " | ".join(texts), f"one of several texts is written `{' | '.join(texts)}`")


def _grouped_by(view: _View) -> Slip | None:
    """`group by ward`, in a split and in a reduction."""
    if not (view.at(0).kind == "group" and view.at(1).text == "by" and _is_word(view.at(2)) and view.on_line(2)):
        return None
    name = view.at(2).text
    if view.at(3).kind == "=":
        return None
    if view.at(-4).kind == "split" and view.at(-2).kind == "=":
        tokens = (("by", "by"), ("group", "group"), ("(", "("), ("NAME", name), (")", ")"))
        return Slip(3, tokens, f"by group({name})", f"a split is written `by group({name})`")
    return Slip(2, (("group", "group"),), "group", f"it is written `group {name}`")


def _bare_arguments(view: _View) -> Slip | None:
    """`by chunk 100`, `by chunk of 100`, `by group ward`."""
    if view.at(-1).kind != "by" or not _is_word(view.at(0)):
        return None
    rule, first = view.at(0).text, 2 if view.at(1).text in ("of", "size") else 1
    given = view.at(first)
    counted = rule in _COUNTED and given.kind == "INT"
    named = rule in _BY_FIELD and given.kind == "NAME" and view.at(first + 1).kind not in ("=", ",")
    if not (counted or named) or not view.on_line(first) or (named and view.at(-5).kind != "split"):
        return None
    kind = view.at(0).kind
    tokens = ((kind, rule), ("(", "("), (given.kind, given.text), (")", ")"))
    return Slip(first + 1, tokens, f"{rule}({given.text})", f"it is written `by {rule}({given.text})`")


def _bracketed_names(view: _View) -> Slip | None:
    """`keep [id, ward]`."""
    before = view.at(-1).kind
    if not ((view.at(0).kind == "[" and before in ("keep", "group")) or (view.at(0).kind == "(" and before == "keep")):
        return None
    end = view.closed(0)
    if end is None or not all(_is_word(view.at(at)) or view.at(at).kind == "," for at in range(1, end - 1)):
        return None
    tokens = tuple((view.at(at).kind, view.at(at).text) for at in range(1, end - 1))
    return Slip(end, tokens, view.text(1, end - 1), f"the fields of `{before}` stand without brackets")


def _selected_names(view: _View) -> Slip | None:
    """`t select id, ward`."""
    if not (
        view.at(-1).kind == "select" and view.at(-2).kind == "NAME" and view.at(0).kind == "NAME" and view.on_line(-1)
    ):
        return None
    names, end = [view.at(0).text], 1
    while view.kinds(",", "NAME", start=end):
        names.append(view.at(end + 1).text)
        end += 2
    if view.on_line(end):
        return None
    text = f"{{ {', '.join(f'{name}: {name}' for name in names)} }}"
    fields = tuple(part for name in names for part in ((",", ","), ("NAME", name), (":", ":"), ("NAME", name)))[1:]
    return Slip(end, (("{", "{"), *fields, ("}", "}")), text, f"`select` makes a record: `{text}`")


def _called_read(view: _View) -> Slip | None:
    """`read("path")`."""
    if not (
        view.kinds("(", "STRING", ")") and view.at(-1).kind in ("read", "files", "sql") and view.at(-2).kind == "="
    ):
        return None
    text = view.at(1).text
    return Slip(3, (("STRING", text),), f" {text}", f"it is written `{view.at(-1).text} {text}`")


def _called_save(view: _View) -> Slip | None:
    """`save(table, "path")`."""
    if not (view.kinds("save", "(", "NAME", ",", "STRING", ")") and view.first()):
        return None
    name, path = view.at(2).text, view.at(4).text
    tokens = (("save", "save"), ("NAME", name), ("to", "to"), ("STRING", path))
    return Slip(6, tokens, f"save {name} to {path}", f"it is written `save {name} to {path}`")


def _called_map(view: _View) -> Slip | None:
    """`map(task, split)`."""
    if not (view.kinds("map", "(", "NAME", ",", "NAME", ")") and view.at(-1).kind == "="):
        return None
    task, split = view.at(2).text, view.at(4).text
    tokens = (("map", "map"), ("NAME", task), ("over", "over"), ("NAME", split))
    return Slip(6, tokens, f"map {task} over {split}", f"it is written `map {task} over {split}`")


def _bare_path(view: _View) -> Slip | None:
    """`save x to out/x.csv`, `read data/x.csv`."""
    in_save = view.at(-1).kind == "to" and view.at(-3).kind == "save"
    in_table = view.at(-1).kind in ("read", "files") and view.at(-2).kind == "=" and view.at(-4).kind == ":"
    if not (in_save or in_table) or not _is_word(view.at(0)):
        return None
    end = _joined(view)
    text = f'"{view.text(0, end)}"'
    return Slip(end, (("STRING", text),), text, "a path stands in double quotes") if end > 1 else None


def _imported(view: _View) -> Slip | None:
    """`import pii`, `from lib.pii import clean`, `import lib/pii.apwa as pii`, `import "pii.apwa"`."""
    word = view.at(0).text
    if word not in ("import", "from") or not view.first() or view.at(1).kind in (":", "=", "(", ""):
        return None
    if view.at(1).kind == "STRING":
        path, end = view.at(1).text[1:-1], 2
        if view.on_line(2) or view.at(2).kind == "as" or word == "from":
            return None
    elif _is_word(view.at(1)):
        end = 1 + _joined(_View(view.source, view.tokens, view.index + 1))
        path = view.text(1, end)
        path = path if "/" in path or path.endswith(".apwa") else path.replace(".", "/") + ".apwa"
    else:
        return None
    alias = PurePosixPath(path).name.partition(".")[0]
    if view.at(end).kind == "as" and _is_word(view.at(end + 1)):
        alias, end = view.at(end + 1).text, end + 2
    while word == "from" and view.on_line(end):
        end += 1
    if not alias.isidentifier():
        return None
    tokens = (("import", "import"), ("STRING", f'"{path}"'), ("as", "as"), ("NAME", alias))
    text = f'import "{path}" as {alias}'
    return Slip(end, tokens, text, f"it is written `{text}`")


def _untyped(view: _View) -> Slip | None:
    """`param limit = 400`, and `table notes = …` where a record is called nearly so."""
    name = view.at(0)
    if view.at(1).kind != "=" or not _is_word(name) or not _View(view.source, view.tokens, view.index - 1).first():
        return None
    type: str | None = None
    if view.at(-1).kind == "param":
        type = _LITERALS.get(view.at(2).kind)
    elif view.at(-1).kind == "table":
        type = did_you_mean(name.text, _records(view.tokens))
    if type is None:
        return None
    tokens = (("NAME", name.text), (":", ":"), ("NAME", type))
    return Slip(1, tokens, f"{name.text}: {type}", f"its type stands behind the name: `{name.text}: {type}`")


def _records(tokens: Sequence[Token]) -> Iterator[str]:
    for token, name in pairwise(tokens):
        if token.kind == "record" and name.kind == "NAME":
            yield name.text


def _joined(view: _View) -> int:
    """How many tokens follow each other without a space, from this one on."""
    end = 1
    while view.adjacent(end) and view.at(end).kind not in (",", ")", "]", "}", ";", "STRING"):
        end += 1
    return end


def _is_word(token: Token) -> bool:
    return token.kind == "NAME" or token.kind[:1].islower()


_RULES: Iterable[Rule] = (
    _prefixed_text,
    _spelt_unit,
    _bound_name,
    _bare_attribute,
    _array,
    _choice,
    _grouped_by,
    _bare_arguments,
    _bracketed_names,
    _selected_names,
    _called_read,
    _called_save,
    _called_map,
    _bare_path,
    _imported,
    _untyped,
)
