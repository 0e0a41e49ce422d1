"""What the prover says: one claim for each pair of effects that must not meet.

In: nothing. Out: the values that ``apwa prove`` prints and the compiler reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from apwa_lang.semantics.program import Effect


class Verdict(StrEnum):
    """How a claim stands. ``REFUTED`` and ``UNDECIDED`` stop compilation."""

    PROVED = "proved"
    CHECKED = "checked"
    TRUSTED = "trusted"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Witness:
    """Two sub-problems whose effects meet, fields as they are written in a program, and the paths they touch.

    ``told_by`` are the fields that tell the two apart without being in the path; ``filtered`` the field and filter that
    gives both rows one text. Both are empty where the path itself can be read in two ways.
    """

    left: tuple[tuple[str, str], ...]
    right: tuple[tuple[str, str], ...]
    left_path: str
    right_path: str
    told_by: tuple[str, ...] = ()
    filtered: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a claim takes for granted. ``mark`` is ``CHECKED`` where a run looks, ``TRUSTED`` where nothing does."""

    text: str
    mark: Verdict


class Backing(StrEnum):
    """What holds a checked claim."""

    LAUNCH = "launch"
    """The rendered paths of all sub-problems are compared before the first of them starts."""
    COMMIT = "commit"
    """The first to commit a path wins; the others must have the same bytes."""
    PROCESS = "process"
    """Each sub-problem's body runs in a process of its own that may write to its scratch folder only."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lets a proof be checked again without a search.

    ``kind`` is ``ends`` (the fixed texts at the ends of the paths differ), ``invariant`` (``states`` holds every pair
    of automaton states that some text reaches, with 1 where the ``pinned`` fields have lain at different places),
    ``rows`` (the rows of tables in the program) or ``conditions`` (no row passes the conditions of both tables). In
    ``places``, the pinned parts are numbers instead, calculated from fields, which cannot be equal.
    """

    kind: str
    states: tuple[tuple[int, int, int], ...] = ()
    pinned: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """``effect_a`` of ``step_a`` and ``effect_b`` of ``step_b`` never touch one object, unless it is an ordered one.

    With ``step_a == step_b`` the claim is about any two of that step's sub-problems. ``rule`` is one of ``P1`` to
    ``P8``, empty where none applied; ``reason`` is the author's (trusted), or why nothing was found (undecided).
    """

    flow: str
    step_a: str
    step_b: str
    effect_a: Effect
    effect_b: Effect
    verdict: Verdict
    rule: str
    hypotheses: tuple[Hypothesis, ...] = ()
    witness: Witness | None = None
    reason: str | None = None
    backing: Backing | None = None
    evidence: Evidence | None = None
