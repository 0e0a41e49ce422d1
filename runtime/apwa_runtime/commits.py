"""Who has committed to which path in this run.

In: a path and who wants to write it. Out: leave to write, or the name of the one who came first. A claim is a small
file under the run's folder, made by ``link(2)``: of two that want a path one gets it, on whatever machines they are. A
step that the flow orders after the owner's step adds a claim of its own behind the owner's, so that two such steps do
not both follow unseen.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from apwa_compiler.plan import Plan


@dataclass(frozen=True, slots=True)
class Claim:
    """Sub-problem ``owner`` of ``step`` writes bytes of this ``digest``; a ``save`` is sub-problem None of its step."""

    step: str
    owner: int | None
    digest: str = ""

    def __str__(self) -> str:
        """What messages call it."""
        return f"`{self.step}`" if self.owner is None else f"sub-problem {self.owner} of `{self.step}`"


class Commits:
    """The claims of a run as one of its steps sees them."""

    def __init__(self, plan: Plan, step: str, run_folder: Path) -> None:
        self._folder = run_folder / "claims"
        self._earlier = plan.ended_before(step)

    def blocking(self, target: str, claim: Claim, *, idempotent: bool = False) -> Claim | None:
        """Claim ``target``, an absolute path or a URL. Returns None, or the claim that stands in the way.

        The same sub-problem may claim again, and with ``idempotent`` any of its step that writes the same bytes.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(os.fsencode(_real(target))).hexdigest()
        staged = self._folder / f".{secrets.token_hex(16)}"
        staged.write_text(json.dumps([claim.step, claim.owner, claim.digest]))
        try:
            place = 0
            while True:
                try:
                    os.link(staged, self._folder / f"{name}.{place}")
                    return None
                except FileExistsError:
                    owner = Claim(*json.loads((self._folder / f"{name}.{place}").read_text()))
                if (owner.step, owner.owner) == (claim.step, claim.owner):
                    return None
                if idempotent and (owner.step, owner.digest) == (claim.step, claim.digest):
                    return None
                if owner.step not in self._earlier:
                    return owner
                place += 1
        finally:
            staged.unlink(missing_ok=True)


def _real(target: str) -> str:
    """One name for what two paths reach through links; the last component is replaced, not followed."""
    if "://" in target:
        return target
    folder, name = os.path.split(target.rstrip("/"))
    return os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 (paths of users stay text)
