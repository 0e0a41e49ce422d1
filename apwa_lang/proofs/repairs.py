"""Paths that would hold where the written one does not.

In: a pair of accesses of one step that is not proved. Out: paths for the one that writes, each proved against itself
and against the other access before it is offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from apwa_lang.diagnostics.model import Edit, Fix
from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.claims import Verdict
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.paths import Path, Slot, Text, normal_path
from apwa_lang.proofs.rules import first_finding
from apwa_lang.semantics.program import Filter, Hole, Literal
from apwa_lang.semantics.types import STR
from apwa_lang.syntax.source import Span

_KEY = Filter("key")
_HOLE_END = re.compile(r"\s*(-?\}\})$")
_SUFFIX = re.compile(r"\.\w[\w.]*$")


@dataclass(frozen=True, slots=True)
class Repair:
    """A path that is proved, and the edits that put it in place of the written one."""

    text: str
    fix: Fix


@dataclass(frozen=True, slots=True)
class _Draft:
    text: str
    path: Path
    edits: tuple[Edit, ...]
    safe: bool


def repairs(pair: Pair) -> list[Repair]:
    """The proved paths, the one nearest to what is written first."""
    access = pair.right if pair.right.writes else pair.left
    if not pair.separate or not access.writes or access.effect.target.segments is None:
        return []
    drafts = [draft for draft in (*_keyed(access), *_identified(access)) if _proved(pair, access, draft.path)]
    return [
        Repair(draft.text, Fix(f'write to "{draft.text}"', draft.edits, draft.safe))
        for draft in {draft.text: draft for draft in drafts}.values()
    ]


def _proved(pair: Pair, access: Access, path: Path) -> bool:
    mended = replace(access, path=path)
    other = pair.left if access is pair.right else pair.right
    if other is access or other.effect is access.effect:
        other = mended
    found = [first_finding(Pair(mended, one, True, False, pair.base)) for one in (mended, other)]
    return all(one is not None and one[1].verdict is Verdict.PROVED for one in found)


def _keyed(access: Access) -> Iterator[_Draft]:
    """The same path with ``| key`` on each text that nothing filters."""
    segments = access.effect.target.segments or ()
    slots = {slot.span: slot for slot in access.path.slots}
    text = ""
    edits: list[Edit] = []
    for segment in segments:
        if isinstance(segment, Literal):
            text += segment.text
            continue
        slot = slots.get(segment.span)
        keyed = _with_key(segment) if slot is not None and _free_text(slot) else None
        if keyed is not None:
            edits.append(Edit(segment.span, keyed))
        text += keyed or segment.span.text
    if edits:
        changed = {edit.span for edit in edits}
        parts = tuple(
            replace(part, filters=(_KEY,)) if isinstance(part, Slot) and part.span in changed else part
            for part in access.path.shown
        )
        yield _Draft(text, normal_path(parts, access.path.tree), tuple(edits), True)


def _free_text(slot: Slot) -> bool:
    return slot.origin == "field" and slot.field.type == STR and not slot.filters


def _with_key(hole: Hole) -> str | None:
    text = hole.span.text
    if not text.startswith("{{") or not text.endswith("}}"):
        return None
    return _HOLE_END.sub(r" | key \1", text)


def _identified(access: Access) -> Iterator[_Draft]:
    """A path of the folder, the fields of an identity and the suffix of the written one."""
    place = written_span(access)
    segments = access.effect.target.segments or ()
    if place is None:
        return
    first, last = segments[0], segments[-1]
    folder = first.text[: first.text.rfind("/") + 1] if isinstance(first, Literal) else ""
    ending = "/**" if access.path.tree else ""
    if isinstance(last, Literal) and not ending and (found := _SUFFIX.search(last.text)):
        ending = found[0]
    for fields in sorted(access.scope.identities, key=lambda one: (len(one), sorted(one))):
        parts: list[Text | Slot] = [Text(folder)]
        text = folder
        for number, name in enumerate(sorted(fields)):
            field, expression = access.scope.field(name), access.binding.expression(name)
            if field is None or expression is None:
                break
            keyed = field.type == STR and (len(fields) > 1 or name.split(".")[-1] == "path")
            separator = "-" if number else ""
            text += separator + (f"{{{{ {expression} | key }}}}" if keyed else f"{{{{ {expression} }}}}")
            parts += [Text(separator), Slot("field", name, field, (_KEY,) if keyed else (), place)]
        else:
            parts.append(Text(ending.removesuffix("/**")))
            yield _Draft(
                text + ending, normal_path(_plain(parts), access.path.tree), (Edit(place, text + ending),), False
            )


def _plain(parts: list[Text | Slot]) -> tuple[Text | Slot, ...]:
    return tuple(part for part in parts if part != Text(""))


def written_span(access: Access) -> Span | None:
    """Where the path stands in the source, without its quotes; None for an empty one."""
    segments = access.effect.target.segments
    return segments[0].span.to(segments[-1].span) if segments else None
