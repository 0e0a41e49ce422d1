"""The effects that claims are about, numbered.

In: the claims of a program. Out: each effect of each step once, in the order of flows, steps and settings, and the
claims by the numbers of their two effects.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from apwa_lang.proofs.claims import Claim, Verdict
from apwa_lang.proofs.inputs import with_scans
from apwa_lang.semantics.program import Effect, Program

_WEAKER = tuple(Verdict)
BODIES = ("model", "state")
"""The kinds of effects that are about what runs, not about a path."""

Identity = tuple[str, str, str, str]


@dataclass(frozen=True)
class Party:
    """An effect of a step; ``text`` as it is written, of a body what it is; ``at`` file, line and column."""

    flow: str
    step: str
    effect: Effect
    text: str
    at: str

    @property
    def identity(self) -> Identity:
        """What tells it from every other effect."""
        return self.flow, self.step, self.effect.kind, self.at


def numbered(
    program: Program, claims: Iterable[Claim], folder: Path
) -> tuple[list[Party], dict[tuple[int, int], Claim]]:
    """The effects, and the claims by pairs of their numbers. Of two claims on one pair the weaker stands."""
    at: dict[int, str] = {}

    def party(claim: Claim, step: str, effect: Effect) -> Party:
        if id(effect) not in at:
            at[id(effect)] = _place(effect, folder)
        text = effect.target.text if effect.kind in BODIES else effect.span.text
        return Party(claim.flow, step, effect, text, at[id(effect)])

    sides = [
        (party(claim, claim.step_a, claim.effect_a), party(claim, claim.step_b, claim.effect_b), claim)
        for claim in claims
    ]
    places = {
        (flow.name, step.name): (number, place)
        for number, flow in enumerate(program.flows.values())
        for place, step in enumerate(with_scans(program, flow).steps)
    }
    parties: dict[Identity, Party] = {}
    for left, right, _ in sides:
        parties.setdefault(left.identity, left)
        parties.setdefault(right.identity, right)
    ordered = sorted(parties.values(), key=lambda one: places[one.flow, one.step])
    numbers = {party.identity: number for number, party in enumerate(ordered)}
    found: dict[tuple[int, int], Claim] = {}
    for left, right, claim in sides:
        key = numbers[left.identity], numbers[right.identity]
        if key not in found or _WEAKER.index(claim.verdict) > _WEAKER.index(found[key].verdict):
            found[key] = claim
    return ordered, found


def _place(effect: Effect, folder: Path) -> str:
    span = effect.span
    file = span.source.file
    shown = os.path.relpath(file.resolve(), folder) if file is not None else span.source.path
    return f"{shown}:{span.line}:{span.column}"
