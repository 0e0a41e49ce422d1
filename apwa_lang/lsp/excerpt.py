"""A first answer about a long program, from the declarations that an edit can have changed anything about.

In: what was found before an edit, and the text after it. Out: the findings of the declarations that were edited and of
those that name them, directly or not, from a check of these and of what they name; findings elsewhere stand as they
were. What needs a whole check is left out: what rules of the lint say of edited declarations, whether comments silence
anything, and help, which may name what is declared elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from apwa_lang.check import Checked
from apwa_lang.diagnostics.model import Diagnostic, Edit, Label
from apwa_lang.lint.selection import is_lint
from apwa_lang.semantics.analysis import in_order
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.moved import moved
from apwa_lang.syntax.nodes import Declaration, Module
from apwa_lang.syntax.parser import Parse, Parsed, parse
from apwa_lang.syntax.source import Source, Span

_WORD = re.compile(r"[^\W\d]\w*")
_COMMENTS = frozenset(("APWA690", "APWA691", "APWA692"))

Check = Callable[[Source, Parse], Checked]


@dataclass(frozen=True, slots=True)
class Item:
    """A declaration: where it stands now, its name, the words in it, and its tree, which may stand elsewhere."""

    start: int
    end: int
    name: str
    words: frozenset[str]
    tree: Declaration

    def at(self, distance: int) -> Item:
        """The same, that many characters further on."""
        return replace(self, start=self.start + distance, end=self.end + distance)

    def tree_in(self, source: Source) -> Declaration:
        """Its tree, where it stands now."""
        return moved(self.tree, source, self.start - self.tree.span.start)


@dataclass(frozen=True)
class Known:
    """A text, its declarations in order, the places of its comments, and what is found in it."""

    source: Source
    items: tuple[Item, ...]
    comments: tuple[tuple[int, int], ...]
    findings: tuple[Diagnostic, ...]

    @classmethod
    def of(cls, module: Module, findings: tuple[Diagnostic, ...]) -> Known:
        """What a whole check has found."""
        comments = tuple((comment.span.start, comment.span.end) for comment in module.comments)
        return cls(module.source, tuple(map(_item, module.declarations)), comments, findings)


def _item(tree: Declaration) -> Item:
    span = tree.span
    words = frozenset(_WORD.findall(span.source.text, span.start, span.end))
    match tree:
        case ast.Import(alias=alias):
            name = alias.text
        case ast.Test(name=title):
            name = title.value
        case _:
            name = tree.name.text
    return Item(span.start, span.end, name, words, tree)


def after_edit(known: Known, source: Source, check: Check) -> Known:
    """What is known of ``source``, an edit of ``known``. ``check`` checks a text by the trees that it is given."""
    edit = _Edit(known.source, source)
    region = _Region(known, source, edit)
    items = (*region.before, *region.items, *region.after)
    edited = range(len(region.before), len(region.before) + len(region.items))
    affected, needed = _reached(items, edited, region.names)
    trees = tuple(items[at].tree if at in edited else items[at].tree_in(source) for at in needed)
    comments = tuple(ast.Comment(Span(source, start, end)) for start, end in region.comments)
    part = Module(source, trees, comments)

    def excerpt(wanted: Source) -> Parsed:
        return (part, region.problems) if wanted is source else parse(wanted)

    looked_at = _Places(source, (items[at] for at in affected))
    changed = _Places(source, (items[at] for at in edited))
    found = [
        one if _is_of_syntax(one) else replace(one, help=None, fix=None)
        for one in check(source, excerpt).diagnostics
        if one.code not in _COMMENTS
        and (_is_of_syntax(one) or one.primary.span.source is not source or looked_at.hold(one.primary.span))
    ]
    for before in known.findings:
        again = edit.moved(before)
        if again is None or (_is_of_syntax(again) and again.primary.span.source is source):
            continue
        if not (changed if is_lint(again.code) else looked_at).hold(again.primary.span):
            found.append(again)
    return Known(source, items, region.comments, in_order(found))


def _is_of_syntax(finding: Diagnostic) -> bool:
    return finding.code < "APWA100"


class _Region:
    """The text around an edit and all syntax errors, with one whole declaration on either side, read anew.

    ``before`` and ``after`` are the declarations around it; ``names`` all that declarations in it had or have.
    """

    def __init__(self, known: Known, source: Source, edit: _Edit) -> None:
        broken = [one.primary.span for one in known.findings if _is_of_syntax(one) and edit.is_before(one.primary.span)]
        start = min([edit.start, *(span.start for span in broken)])
        end = max([edit.end, *(span.end for span in broken)])
        first = next((at for at, item in enumerate(known.items) if item.end >= start), len(known.items))
        first = max(0, first - 1)
        last = next((at for at, item in enumerate(known.items) if item.start > end), len(known.items))
        last = min(len(known.items), last + 1)
        self._start = known.items[first - 1].end if first else 0
        old_end = known.items[last - 1].end if last < len(known.items) else len(known.source.text)
        self._end = old_end + edit.distance
        text = Source(source.text[self._start : self._end], source.path, source.file)
        module, problems = parse(text)
        self.before = known.items[:first]
        self.after = tuple(item.at(edit.distance) for item in known.items[last:])
        self.items = tuple(_item(moved(tree, source, self._start)) for tree in module.declarations)
        into = _Shift(text, source, self._start)
        self.problems = tuple(one for problem in problems if (one := into.moved(problem)) is not None)
        self.names = {item.name for item in (*known.items[first:last], *self.items)}
        self.comments = (
            *(place for place in known.comments if place[1] <= self._start),
            *((one.span.start + self._start, one.span.end + self._start) for one in module.comments),
            *((start + edit.distance, end + edit.distance) for start, end in known.comments if start >= old_end),
        )


class _Shift:
    """Carries findings from one text into another."""

    def __init__(self, before: Source, after: Source, distance: int) -> None:
        self._before = before
        self._after = after
        self.distance = distance

    def place(self, span: Span) -> Span | None:
        """Where a piece of the old text stands now, None when it is gone. Other files are as they were."""
        if span.source is not self._before:
            return span
        return Span(self._after, span.start + self.distance, span.end + self.distance)

    def moved(self, finding: Diagnostic) -> Diagnostic | None:
        """A finding about the old text, in the new one; None where one of its places is gone."""
        places = [self.place(label.span) for label in (finding.primary, *finding.secondary)]
        if any(place is None for place in places):
            return None
        labels = [
            Label(place, label.text)
            for place, label in zip(places, (finding.primary, *finding.secondary), strict=True)
            if place is not None
        ]
        fix = finding.fix
        if fix is not None:
            edits = [(self.place(edit.span), edit.text) for edit in fix.edits]
            whole = all(place is not None for place, _ in edits)
            fix = replace(fix, edits=tuple(Edit(place, text) for place, text in edits if place)) if whole else None
        return replace(finding, primary=labels[0], secondary=tuple(labels[1:]), fix=fix)


class _Edit(_Shift):
    """What two texts have in common at their ends: the old text has been replaced from ``start`` to ``end``."""

    def __init__(self, before: Source, after: Source) -> None:
        super().__init__(before, after, len(after.text) - len(before.text))
        most = min(len(before.text), len(after.text))
        self.start = _common(before.text, after.text, most)
        self.end = len(before.text) - _common_end(before.text, after.text, most - self.start)

    def is_before(self, span: Span) -> bool:
        """Whether a place is in the text before the edit."""
        return span.source is self._before

    def place(self, span: Span) -> Span | None:
        """As the other texts have it; None when the edit is in the piece."""
        if span.source is not self._before or span.start >= self.end:
            return super().place(span)
        return Span(self._after, span.start, span.end) if span.end <= self.start else None


def _common(one: str, other: str, most: int) -> int:
    """How many characters two texts have in common at their start, found by halving."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str, most: int) -> int:
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low


class _Places:
    """The extents of some declarations."""

    def __init__(self, source: Source, items: Iterable[Item]) -> None:
        self._source = source
        self._extents = [(item.start, item.end) for item in items]

    def hold(self, span: Span) -> bool:
        """Whether a place is in one of them."""
        return span.source is self._source and any(start <= span.start <= end for start, end in self._extents)


def _reached(items: Sequence[Item], edited: Iterable[int], names: set[str]) -> tuple[list[int], list[int]]:
    """The declarations whose findings may have changed, and these with all that they name, in order."""
    by_name: dict[str, list[int]] = {}
    by_word: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        by_name.setdefault(item.name, []).append(index)
    known = by_name.keys() | names
    for index, item in enumerate(items):
        for word in item.words & known:
            by_word.setdefault(word, []).append(index)
    affected = set(edited)
    told = set(names)
    pending = list(names)
    while pending:
        name = pending.pop()
        for index in (*by_word.get(name, ()), *by_name.get(name, ())):
            affected.add(index)
            if items[index].name not in told:
                told.add(items[index].name)
                pending.append(items[index].name)
    needed = set(affected)
    following = list(affected)
    while following:
        for word in items[following.pop()].words & by_name.keys():
            fresh = [index for index in by_name[word] if index not in needed]
            needed.update(fresh)
            following += fresh
    return sorted(affected), sorted(needed)
