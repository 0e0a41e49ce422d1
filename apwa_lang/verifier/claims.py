"""The claims that a program needs, and whether what a certificate says of each is right.

In: the effects of a flow; what is said of a pair of them. Out: the pairs; the reason why what is said cannot stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.apart import exclusive
from apwa_lang.verifier.document import Evidence, Said
from apwa_lang.verifier.effects import Effect
from apwa_lang.verifier.hypotheses import CASE, HASHES, LINKS, VALUES, Hypothesis, rows_of
from apwa_lang.verifier.invariants import broken
from apwa_lang.verifier.operations import Scanned
from apwa_lang.verifier.order import Order
from apwa_lang.verifier.paths import Pieces, Shown, Sides, below_one_root, laid_out
from apwa_lang.verifier.pins import pin_of
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.rows import KnownRows, rendered
from apwa_lang.verifier.shared import body_objection, trust_of

_COMMUTING = frozenset({"sum", "count", "min", "max", "union", "log"})
_MOST_COMPARISONS = 200_000
_SERVER = "what one sub-problem asks of this server is taken to change nothing there for another"
_LAUNCH = "the paths of all sub-problems are compared before the first of them starts"
_NOT_PLAIN = {
    "P1": "one of the effects writes",
    "P2": "nothing orders the two steps",
    "P3": "the step has more than one call at a time",
}


@dataclass(frozen=True, eq=False)
class Pair:
    """Two effects that must not meet; ``separate`` when they are of two sub-problems of one step."""

    left: Effect
    right: Effect
    separate: bool
    ordered: bool
    folder: tuple[str, ...]

    @property
    def tree(self) -> bool:
        """Whether a whole tree is touched."""
        return self.left.path.tree or self.right.path.tree

    @property
    def comparable(self) -> bool:
        """Whether all that the holes show is looked at: in an endpoint, unlike in a path, it may have a ``/``."""
        holes = (*self.left.path.holes, *self.right.path.holes)
        return self.left.group != "network" or all(hole.without_slash for hole in holes)

    @cached_property
    def sides(self) -> Sides:
        """Both paths below one root."""
        return below_one_root(self.left.path, self.right.path, self.folder)

    @cached_property
    def of_paths(self) -> frozenset[Hypothesis]:
        """What any proof from the paths takes for granted; an endpoint is no file, and is not rendered as one."""
        if self.left.group == "network":
            return frozenset()
        values = {VALUES} if self.left.path.holes or self.right.path.holes else set()
        return frozenset({CASE, LINKS, *values})


def pairs(found: Sequence[Effect], order: Order, folder: tuple[str, ...]) -> Iterator[tuple[int, int, Pair]]:
    """Every two effects of one flow that may meet, by number; every effect with itself, of two sub-problems.

    What a body shares is between its own calls, files meet files, endpoints meet endpoints, and tables are only read.
    """
    for (one, left), (other, right) in combinations_with_replacement(enumerate(found), 2):
        separate = left.step is right.step
        if left.group != right.group or (left.group == "body" and left is not right):
            continue
        if not separate and isinstance(left.step.operation, Scanned) and isinstance(right.step.operation, Scanned):
            continue
        ordered = not separate and order.apart(left.step, right.step)
        yield one, other, Pair(left, right, separate, ordered, folder)


def objection(pair: Pair, said: Said, evidence: Evidence | None) -> str | None:
    """Why what is said of a pair cannot stand; None if it does."""
    if pair.left.body is not None:
        return body_objection(pair.left.body, trust_of(pair.left.task), said, evidence)
    if said.verdict == "proved":
        if said.reason is not None or said.backing is not None:
            return "a proof has neither a reason nor a backing"
        return _proof_objection(pair, said, evidence)
    if said.rule or said.hypotheses or evidence is not None:
        return f"it is {said.verdict}, yet has the rule, hypotheses or evidence of a proof"
    if said.verdict == "checked":
        return _backing_objection(pair, said)
    if said.verdict == "trusted":
        return _trust_objection(pair, said)
    return f"it is {said.verdict}"


def _trust_objection(pair: Pair, said: Said) -> str | None:
    if said.backing is not None:
        return "what is trusted has no backing"
    reasons = [trust_of(effect.task) for effect in (pair.left, pair.right)]
    given = next((reason for reason in reasons if reason), _SERVER if pair.left.group == "network" else None)
    if given is None:
        return "no task of it says `trust`"
    return None if said.reason == given else "its reason is not that of the program"


def _backing_objection(pair: Pair, said: Said) -> str | None:
    match said.backing:
        case "launch":
            if pair.left.group == "network":
                return "endpoints are not compared"
            if not all(effect.path.exact and effect.scope.kind != "calls" for effect in (pair.left, pair.right)):
                return "its paths are not all known before the first sub-problem starts"
            return None if said.reason == _LAUNCH else "its reason is not what is checked"
        case "commit":
            task = pair.left.task
            setting = task.settings.get("idempotent") if task is not None else None
            declared = setting is not None and isinstance(setting.value, ast.BoolLiteral) and setting.value.value
            if not declared or task is None or pair.right.task is not task:
                return "it is not about one task that is declared idempotent"
            if not pair.left.kind == pair.right.kind == "write":
                return "it is not about two writes"
            agreed = f"`{task.name}` is idempotent: the first to write a path wins, and the others must write the same"
            return None if said.reason == agreed else "its reason is not what is checked"
        case _:
            return "nothing holds it"


def _proof_objection(pair: Pair, said: Said, evidence: Evidence | None) -> str | None:
    needed: frozenset[Hypothesis] | str
    kind = evidence.kind if evidence is not None else "none"
    plain = _plain_rule(pair)
    if plain is not None and said.rule != plain:
        return f"{plain} holds of it, and comes first"
    match said.rule, kind:
        case "P1" | "P2" | "P3" as rule, "none":
            needed = frozenset() if plain is not None else _NOT_PLAIN[rule]
        case "P7", "none":
            needed = frozenset() if _commute(pair) else "the two are not updates by one commuting operation"
        case "P8", "rows" if pair.left.group == "files":
            needed = _rows(pair)
        case "P4" | "P6" as rule, "conditions" if (rule == "P6") == pair.tree and not pair.separate:
            sound = exclusive(pair.left.scope.source, pair.right.scope.source, frozenset())
            needed = frozenset() if sound else "the conditions on the rows do not contradict each other"
        case "P4" | "P5" | "P6" as rule, "ends" | "invariant":
            if not pair.comparable:
                needed = "a hole of an endpoint may show `/`"
            elif (rule == "P6") != pair.tree:
                needed = "P6 is the rule for trees, and only for them"
            else:
                needed = _paths(pair, rule, evidence)
        case rule, _:
            needed = f"the rule {rule or 'of a proof'} has no such evidence"
    if isinstance(needed, str):
        return needed
    return None if said.hypotheses == needed else _difference(said.hypotheses, needed)


def _plain_rule(pair: Pair) -> str | None:
    """The first rule that holds of a pair whatever its paths are."""
    if not (pair.left.writes or pair.right.writes):
        return "P1"
    if pair.ordered:
        return "P2"
    return "P3" if pair.separate and pair.left.scope.kind == "once" else None


def _difference(said: frozenset[Hypothesis], needed: frozenset[Hypothesis]) -> str:
    missing, extra = sorted(needed - said), sorted(said - needed)
    if missing:
        return f"it leaves out a hypothesis: {missing[0].text} ({missing[0].mark})"
    return f"it has a hypothesis that no proof of it needs: {extra[0].text} ({extra[0].mark})"


def _commute(pair: Pair) -> bool:
    left, right = pair.left, pair.right
    return left.kind == right.kind == "reduce" and left.operation == right.operation and left.operation in _COMMUTING


def _paths(pair: Pair, rule: str, evidence: Evidence | None) -> frozenset[Hypothesis] | str:
    """What a proof from the two paths takes for granted, or why it is none."""
    assert evidence is not None
    if evidence.kind == "ends":
        return pair.of_paths if rule != "P5" and _ends_differ(pair) else "the fixed ends of the paths do not differ"
    if rule == "P4" and (evidence.pinned or evidence.places):
        return "P4 is not about pinned fields"
    left, right = laid_out(pair.sides.left, pair.tree), laid_out(pair.sides.right, pair.tree)
    if not (evidence.pinned or evidence.places) and rule != "P5":
        wrong = broken(left, right, evidence.states)
        if wrong is None or frozenset() not in pair.left.scope.identities:
            return pair.of_paths if wrong is None else wrong
    pin = pin_of(pair.left.scope, pair.right.scope, pair.separate, pair.sides, evidence)
    if isinstance(pin, str):
        return pin
    wrong = broken(left, right, evidence.states, pin.left, pin.right)
    if wrong is not None:
        return wrong
    shown = (piece for number in pin.left if isinstance(piece := pair.sides.left[number], Shown))
    hashed = any(one.name == "sha256" for piece in shown for one in piece.filters)
    return pair.of_paths | pin.hypotheses | ({HASHES} if hashed else set())


def _ends_differ(pair: Pair) -> bool:
    sides = pair.sides
    if sides.apart:
        return True
    starts = _fixed(sides.left[:1]), _fixed(sides.right[:1])
    if not (starts[0].startswith(starts[1]) or starts[1].startswith(starts[0])):
        return True
    ends = _fixed(sides.left[-1:]), _fixed(sides.right[-1:])
    return not pair.tree and not (ends[0].endswith(ends[1]) or ends[1].endswith(ends[0]))


def _fixed(pieces: Pieces) -> str:
    return pieces[0] if pieces and isinstance(pieces[0], str) else ""


def _rows(pair: Pair) -> frozenset[Hypothesis] | str:
    """What a proof from written rows takes for granted, or why it is none."""
    sides = []
    for effect, pieces in ((pair.left, pair.sides.left), (pair.right, pair.sides.right)):
        rows: KnownRows | None = ({},) if effect.scope.kind == "once" else effect.scope.rows
        paths = None if rows is None else [rendered(pieces, row) for row in rows]
        if paths is None or None in paths:
            raise CannotVerifyError("not all rows of it are written in the program in a form that is read here")
        sides.append([path for path in paths if path is not None])
    splits = [effect.scope.split for effect in (pair.left, pair.right)]
    tables = {split.table for split in splits if split is not None}
    if pair.sides.apart or not tables:
        return "it is about no rows"
    if len(sides[0]) * len(sides[1]) > _MOST_COMPARISONS and pair.tree:
        raise CannotVerifyError("there are too many rows to compare")
    if _meet(pair, *sides):
        return "two rows meet"
    return frozenset(rows_of(table) for table in tables)


def _meet(pair: Pair, left: list[str], right: list[str]) -> bool:
    if pair.tree:
        return any(
            one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")
            for i, one in enumerate(left)
            for j, other in enumerate(right)
            if not (pair.separate and i == j)
        )
    if not pair.separate:
        return bool(set(left) & set(right))
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for number, path in enumerate(right):
        first.setdefault(path, number)
        last[path] = number
    return any(path in first and (first[path] != i or last[path] != i) for i, path in enumerate(left))
