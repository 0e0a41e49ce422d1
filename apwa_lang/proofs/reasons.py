"""Why two sub-problems of one step may meet, in a few words at one place, and what their author can do.

In: a pair that is refuted or undecided, with its witness. Out: the reason, where it shows, advice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.claims import Witness
from apwa_lang.proofs.filters import inner
from apwa_lang.proofs.lost_keys import lost_key
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.parties import does, sides, span_of, tool_of
from apwa_lang.proofs.parts import Slot, Text
from apwa_lang.semantics.program import Flow, as_written
from apwa_lang.semantics.types import STR
from apwa_lang.syntax.source import Span

_SHOW = "put what tells the sub-problems apart into the path"
_WORD = 'or say why the paths never meet, `trust: "…"`, or that equal paths mean equal bytes, `idempotent: true`'


@dataclass(frozen=True, slots=True)
class Reason:
    """``why`` at ``span``, with places that belong to it; ``advice`` where no repair is known."""

    span: Span
    why: str
    advice: str = _SHOW
    also: tuple[tuple[Span, str], ...] = ()


def reason(pair: Pair, witness: Witness | None, flow: Flow) -> Reason:
    """Why the paths of a pair do not tell the sub-problems of its step apart."""
    access = pair.right
    place, noun = span_of(access), access.scope.noun
    if access.scope.kind == "calls":
        return Reason(place, "every call has the same path", _of_calls(access))
    if pair.left.effect is not pair.right.effect:
        return Reason(place, does(sides(pair)[1], access), "use paths that differ in their fixed text")
    tool = tool_of(access)
    if tool is not None and not _chosen(access):
        same = f"the tool `{tool}` does not know the row, so this is one path for all"
        return Reason(place, same, _of_tools(access, tool, "if all write the same bytes"))
    if tool is not None:
        why = f"the model chooses {_chosen(access)} when it calls `{tool}`, and may choose the same for two {noun}s"
        return Reason(place, why, _of_tools(access, tool, "if equal paths mean equal bytes"))
    if witness is None:
        return Reason(place, "")
    if witness.filtered is not None:
        return _filtered(access, *witness.filtered)
    if witness.told_by:
        return Reason(place, *_not_shown(access, witness.told_by))
    if witness.left == witness.right:
        return _keyless(access, flow)
    return _misread(access, witness)


def doubt(pair: Pair) -> Reason:
    """What is not known before a run of a pair that is neither proved nor refuted."""
    for access in (pair.right, pair.left):
        tool = tool_of(access)
        if tool is not None and _chosen(access):
            why = f"the model chooses {_chosen(access)} anew each time it calls `{tool}`"
            return Reason(span_of(access), why, _of_tools(access, tool, "if equal paths mean equal bytes"))
        if access.scope.kind == "calls":
            why = f"what each call of `{access.name}` is given shows only while it runs"
            return Reason(span_of(access), why, f"{_of_calls(access)}; {_WORD}")
    return Reason(span_of(pair.right), "this depends on values that only a run can show", f"{_SHOW}; {_WORD}")


def _chosen(access: Access) -> str:
    """What the caller of a tool gives to its path."""
    shown = [part for part in access.path.shown if isinstance(part, Slot) and part.origin != "param"]
    return listed(dict.fromkeys(_inside(slot) for slot in shown), " and ")


def _inside(slot: Slot) -> str:
    return slot.span.text.strip("{} -").split("|")[0].strip()


def _of_calls(access: Access) -> str:
    merged = as_written(access.step.name)
    return f"drop the write, and let a `map` over `{merged}` write the merged rows"


def _of_tools(access: Access, tool: str, when: str) -> str:
    if not access.writes:
        return f"let `{tool}` read from a folder that nobody writes to"
    return (
        f"let `{access.name}` write the file itself, under a path that shows the {access.scope.noun}; "
        f"or say `idempotent: true` in `{access.name}`, {when}"
    )


def _filtered(access: Access, field: str, filter: str) -> Reason:
    span = next((slot.span for slot in access.path.slots if slot.key == field), span_of(access))
    advice = _hand_over(access, (field,))
    if filter == "default":
        advice = f"let `where` leave out the rows without `{field}`, or give it a value in the data"
    return Reason(span, f"`{filter}` makes different values of `{field}` equal", advice)


def _not_shown(access: Access, names: tuple[str, ...]) -> tuple[str, str]:
    """What tells the rows apart, and why the path does not show it."""
    noun = access.scope.noun
    told = f"{listed(names, ' and ')} {'tells' if len(names) == 1 else 'tell'} the {noun}s apart"
    shown = [part for part in access.path.shown if isinstance(part, Slot) and part.origin == "field"]
    if all(any(slot.key == name for slot in shown) for name in names):
        return f"{told}, but `..` leaves that folder again", _SHOW
    advice = _hand_over(access, names)
    for slot in shown:
        if _inside(slot) in names and slot.key != _inside(slot):
            return f"{told}, but `{_inside(slot)}` is the {noun}'s `{slot.key}` here", advice
    return f"{told} but {'is' if len(names) == 1 else 'are'} not in the path", advice


def _hand_over(access: Access, names: Iterable[str]) -> str:
    """What to do about fields that the path is to show: the task may not even have them."""
    hidden = [name for name in dict.fromkeys(names) if access.binding.expression(name) is None]
    if not hidden:
        return _SHOW
    fields, them = ("field", "it") if len(hidden) == 1 else ("fields", "them")
    return f"give `{access.name}` the {fields} {listed(hidden, ' and ')} too, and show {them} in the path"


def _keyless(access: Access, flow: Flow) -> Reason:
    split = access.scope.split
    table = as_written(split.table) if split is not None else ""
    why = f"nothing tells two rows of `{table}` apart"
    loss = lost_key(access.binding.program, flow, split) if split is not None else None
    if loss is None:
        return Reason(span_of(access), why)
    return Reason(span_of(access), why, loss.advice, ((loss.span, loss.why),))


def _misread(access: Access, witness: Witness) -> Reason:
    """The holes that two rows fill differently for one path, and why what is between them does not part them."""
    left, right = dict(witness.left), dict(witness.right)
    parts = access.path.parts
    places = [
        number
        for number, part in enumerate(parts)
        if isinstance(part, Slot) and part.origin == "field" and left.get(part.key) != right.get(part.key)
    ]
    if not places:
        return _made_one(access, witness)
    first, last = places[0], places[-1]
    slots = [part for part in parts[first : last + 1] if isinstance(part, Slot)]
    span = slots[0].span.to(slots[-1].span)
    names, advice = _names(slots), _hand_over(access, (slot.key for slot in slots))
    if len(slots) == 1:
        chain = " | ".join(one.name for one in slots[0].filters)
        why = f"`{chain}` makes different values of `{names}` equal" if chain else f"`{names}` does not tell rows apart"
        return Reason(span, why, advice)
    between = list(dict.fromkeys(part.text for part in parts[first:last] if isinstance(part, Text)))
    if not between:
        return Reason(span, f"{names} stand side by side, so nothing parts them", advice)
    do = "does" if len(between) == 1 else "do"
    separators = " and ".join(f"'{text}'" for text in between)
    if all(inner(slot.field.type) == STR for slot in slots):
        return Reason(span, f"{names} are free text, so {separators} {do} not part them", advice)
    return Reason(span, f"{separators} {do} not part {names}", advice)


def _made_one(access: Access, witness: Witness) -> Reason:
    """Expressions of which different values of a field give one text."""
    left, right = dict(witness.left), dict(witness.right)
    differing = [name for name in left if left[name] != right.get(name)]
    for slot in access.path.slots:
        made_of = [name for name in differing if slot.touches is None or name.split(".")[0] in slot.touches]
        if slot.origin == "derived" and made_of:
            why = f"`{_inside(slot)}` can be one text for different values of {listed(made_of, ' and ')}"
            return Reason(slot.span, why, _hand_over(access, made_of))
    return Reason(span_of(access), "different rows give this one path", _hand_over(access, differing))


def _names(slots: list[Slot]) -> str:
    """The fields, by their last names where these differ."""
    keys = list(dict.fromkeys(slot.key for slot in slots))
    short = [key.split(".")[-1] for key in keys]
    names = short if len(set(short)) == len(keys) else keys
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
