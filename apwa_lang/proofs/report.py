"""The errors for claims that do not hold or could not be decided.

In: claims with the pairs that they are about. Out: diagnostics, each once, with the rows that meet and a path that
would hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apwa_lang.diagnostics.codes import proofs as codes
from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix
from apwa_lang.proofs.accesses import Access, Scope
from apwa_lang.proofs.claims import Claim, Verdict, Witness
from apwa_lang.proofs.filters import FILTERS, inner
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.paths import Part, Slot, Text, Wild
from apwa_lang.proofs.repairs import repairs, written_span
from apwa_lang.semantics.program import CallOnce, Map, Reduce, Save
from apwa_lang.semantics.types import STR
from apwa_lang.syntax.source import Span


def report(failed: Iterable[tuple[Claim, Pair]]) -> Iterator[Diagnostic]:
    """One diagnostic for each finding; the same finding of two flows is told once."""
    seen: set[object] = set()
    for claim, pair in failed:
        found = _undecided(pair) if claim.verdict is Verdict.UNDECIDED else _refuted(pair, claim.witness)
        places = [found.primary.span, *(label.span for label in found.secondary)]
        identity = (found.code, found.message, *((id(place.source), place.start, place.end) for place in places))
        if identity not in seen:
            seen.add(identity)
            yield found


def _refuted(pair: Pair, witness: Witness | None) -> Diagnostic:
    facts = _facts(pair, witness) if witness is not None else ()
    calls = _calls(pair.left.scope)
    if pair.has_tree:
        mended = repairs(pair)
        why = _why(pair, witness)[1] if pair.left is pair.right else _whole(pair.right)
        proved = [one.text for one in mended]
        return codes.tree(
            _who(pair), _span(pair.right), why, _also(pair), facts, proved, mended[0].fix if mended else None
        )
    if not pair.separate:
        both_write = pair.left.writes and pair.right.writes
        names = _step(pair.left), _step(pair.right)
        return codes.unordered(*names, both_write, _span(pair.right), _also(pair), facts, _after(pair))
    if pair.left.writes and pair.right.writes:
        mended = repairs(pair)
        span, why = _why(pair, witness)
        proved = [one.text for one in mended]
        fix = mended[0].fix if mended else None
        return codes.same_file(pair.right.name, calls, span, why, _also(pair), facts, proved, fix)
    written, read = (pair.left, pair.right) if pair.left.writes else (pair.right, pair.left)
    also = ((_span(read), "read here"), *_split_place(written))
    return codes.read_write(written.name, calls, _span(written), also, facts)


def _undecided(pair: Pair) -> Diagnostic:
    mended = repairs(pair)
    facts = ("this release does not look at the real rows before a run starts",)
    fix = mended[0].fix if mended else None
    proved = [one.text for one in mended]
    return codes.undecided(_who(pair), _span(pair.right), _doubt(pair), _also(pair), facts, proved, fix)


def _who(pair: Pair) -> str:
    if pair.separate:
        return f"two {_calls(pair.left.scope)} of `{pair.right.name}`"
    return f"{_step(pair.left)} and {_step(pair.right)}"


def _calls(scope: Scope) -> str:
    return "sub-problems" if scope.kind == "subproblems" else "calls"


def _step(access: Access) -> str:
    match access.step.operation:
        case Save(table=table):
            return f"`save {table}`"
        case Map() | Reduce() | CallOnce():
            return f"`{access.step.name}`"
        case _:
            return "a step"


def _span(access: Access) -> Span:
    return written_span(access) or access.effect.span


def _also(pair: Pair) -> codes.Places:
    """The other party: the other path, then what makes the sub-problems."""
    if pair.separate:
        other = ((_span(pair.left), "and this"),) if pair.left.effect is not pair.right.effect else ()
        return (*other, *_split_place(pair.right))
    steps = tuple((one.step.span, "nothing orders this step and the other") for one in (pair.left, pair.right))
    other = ((_span(pair.left), f"touched by {_step(pair.left)}"),) if pair.left.effect is not pair.right.effect else ()
    return (*other, *steps)


def _split_place(access: Access) -> codes.Places:
    split = access.scope.split
    if split is not None:
        return ((split.span, f"`{access.name}` runs for each of these at the same time"),)
    return ((access.step.span, f"`{access.name}` is called here, several times at once"),)


def _whole(access: Access) -> str:
    return "all that is in this folder" if access.path.tree else "this lies in the folder"


def _facts(pair: Pair, witness: Witness) -> tuple[str, ...]:
    if pair.separate:
        names = [f"{pair.left.scope.noun} {number}:" for number in (1, 2)]
    else:
        names = [f"{_step(one)}:" for one in (pair.left, pair.right)]
    rows = [(name, _row(row)) for name, row in zip(names, (witness.left, witness.right), strict=True) if row]
    if witness.left_path == witness.right_path:
        rows.append(("both:", witness.left_path))
    else:
        paths = [
            f"{path.rstrip('/')}/**" if access.path.tree else path
            for access, path in ((pair.left, witness.left_path), (pair.right, witness.right_path))
        ]
        rows.extend((f"path {number}:", path) for number, path in enumerate(paths, 1))
    width = max(len(name) for name, _ in rows)
    return tuple(f"{name:<{width}} {text}" for name, text in rows)


def _row(row: tuple[tuple[str, str], ...]) -> str:
    return "{ " + ", ".join(f"{name}: {value}" for name, value in row) + " }"


def _why(pair: Pair, witness: Witness | None) -> tuple[Span, str]:
    """Where to point, and why the path does not tell the sub-problems apart."""
    whole, scope = _span(pair.right), pair.right.scope
    if scope.kind == "calls":
        return whole, "every call has the same path"
    if witness is None:
        return whole, ""
    if witness.filtered is not None:
        field, name = witness.filtered
        spans = [slot.span for slot in pair.right.path.slots if slot.key == field]
        return (spans[0] if spans else whole), f"`{name}` makes different values of `{field}` equal"
    if witness.told_by:
        tells = "tells" if len(witness.told_by) == 1 else "tell"
        are = "is" if len(witness.told_by) == 1 else "are"
        names = _listed([f"`{name}`" for name in witness.told_by])
        return whole, f"{names} {tells} the {scope.noun}s apart but {are} not in the path"
    if witness.left == witness.right:
        table = scope.split.table if scope.split is not None else ""
        why = ": its record has no `@key`" if table in pair.right.binding.program.tables else ""
        return whole, f"nothing tells two rows of `{table}` apart{why}"
    return _misread(pair, witness)


def _misread(pair: Pair, witness: Witness) -> tuple[Span, str]:
    """The holes that two rows fill differently for one path, and why what is between them does not part them."""
    left, right = dict(witness.left), dict(witness.right)
    parts = pair.right.path.parts
    places = [
        number
        for number, part in enumerate(parts)
        if isinstance(part, Slot) and part.origin == "field" and left.get(part.key) != right.get(part.key)
    ]
    if not places:
        return _span(pair.right), "the same path can come of different rows"
    first, last = places[0], places[-1]
    slots = [part for part in parts[first : last + 1] if isinstance(part, Slot)]
    between = list(dict.fromkeys(part.text for part in parts[first:last] if isinstance(part, Text)))
    span = slots[0].span.to(slots[-1].span)
    names = _listed([slot.key.split(".")[-1] for slot in slots])
    if len(slots) == 1:
        return span, f"{names} can be read from this path in two ways"
    if not between:
        return span, f"{names} stand side by side, so nothing parts them"
    separators = _listed([f"'{text}'" for text in between])
    do = "does" if len(between) == 1 else "do"
    if all(inner(slot.field.type) == STR for slot in slots):
        return span, f"{names} are free text, so {separators} {do} not part them"
    return span, f"{separators} {do} not part {names}"


def _doubt(pair: Pair) -> str:
    """Why nothing was found."""
    parts: tuple[Part, ...] = (*pair.right.path.parts, *pair.left.path.parts)
    for part in parts:
        if isinstance(part, Wild):
            return "what this path may be is not known"
        if isinstance(part, Slot):
            unknown = next((one.name for one in part.filters if one.name not in FILTERS), None)
            if unknown is not None:
                return f"`{unknown}` may give one text for different values"
            if part.origin in ("derived", "free"):
                return f"of `{part.span.text}` only the type is known"
    unsure = [name for fields in pair.right.scope.claimed for name in fields]
    if pair.separate and unsure and not pair.right.scope.identities:
        names = _listed([f"`{name}`" for name in sorted(set(unsure))])
        return f"that {names} differs between any two rows is not known for this table"
    return "the search found neither a proof nor two rows that meet"


def _after(pair: Pair) -> Fix | None:
    """``after`` on the later of two steps, where the earlier one has a name to give."""
    first, second = sorted((pair.left.step, pair.right.step), key=lambda step: step.span.start)
    if isinstance(first.operation, Save) or first.span.source is not second.span.source:
        return None
    text = f", {first.name}" if second.after else f" after {first.name}"
    end = Span(second.span.source, second.span.end, second.span.end)
    return Fix(f"add `after {first.name}` to the later step", (Edit(end, text),), safe=False)


def _listed(names: list[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]
