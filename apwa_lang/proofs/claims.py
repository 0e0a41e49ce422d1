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
class Claim:
    """``effect_a`` of ``step_a`` and ``effect_b`` of ``step_b`` never touch one file, unless it is an ordered one.

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
    hypotheses: tuple[str, ...] = ()
    witness: Witness | None = None
    reason: str | None = None
