"""What the proofs take for granted of the place where files go, looked at before a run.

In: a plan. Out: what must be compared where upper and lower case are one: every pair of effects that nothing orders.
A written folder that is a link into another folder of the run is a RunError.
"""

from __future__ import annotations

import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from itertools import combinations, combinations_with_replacement, product
from pathlib import Path

from apwa_compiler.plan import CASE, LINKS, Call, EffectRef, Map, PathCheck, Plan, Save, Step
from apwa_runtime.errors import RunError
from apwa_runtime.launch.render import effect_of
from apwa_runtime.shown_files import listed_patterns
from apwa_runtime.tables.locate import display, is_url


def folded(path: str) -> str:
    """One name for all that a file system without case takes for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def target_checks(plan: Plan) -> tuple[PathCheck, ...]:
    """The checks of folded paths that the target asks for: none where it tells upper case from lower case.

    Raises RunError when a written folder is a link into another folder of the run.
    """
    pairs = tuple(_unordered(plan)) if plan.assumes else ()
    if LINKS in plan.assumes:
        _refuse_links(plan, pairs)
    if CASE not in plan.assumes:
        return ()
    written = {_root(plan, ref) for check in pairs for ref in (check.left, check.right) if ref.kind == "write"}
    return pairs if any(_folds_case(root) for root in written if not is_url(root)) else ()


def _unordered(plan: Plan) -> Iterator[PathCheck]:
    """Every two effects, one of them a write, of one step or of two that nothing orders."""
    acting = [(step, found) for step in plan.steps if (found := list(_effects(plan, step)))]
    for step, own in acting:
        for left, right in combinations_with_replacement(own, 2):
            if isinstance(step.operation, Map) and "write" in (left.kind, right.kind):
                idempotent = plan.task(step.operation.task).idempotent
                if not (idempotent and left.kind == right.kind):
                    yield PathCheck(left, right)
    for (first, its), (second, others) in combinations(acting, 2):
        if first.name in plan.ended_before(second.name) or second.name in plan.ended_before(first.name):
            continue
        for left in its:
            for right in others:
                if "write" in (left.kind, right.kind):
                    yield PathCheck(left, right)


def _effects(plan: Plan, step: Step) -> Iterator[EffectRef]:
    match step.operation:
        case Map(task=name) | Call(task=name):
            task = plan.task(name)
            yield from (EffectRef(step.name, "read", number) for number in range(len(task.reads)))
            yield from (EffectRef(step.name, "write", number) for number in range(len(task.writes)))
        case Save():
            yield EffectRef(step.name, "write")


def _root(plan: Plan, ref: EffectRef) -> str:
    """The folder that all paths of an effect lie in, or its whole path where nothing in it varies."""
    fixed, brace, _ = effect_of(plan, ref).template.partition("{{")
    folder = fixed.rpartition("/")[0] if brace or not fixed.endswith("/**") else fixed.removesuffix("/**")
    return fixed if is_url(fixed) else os.path.normpath(os.path.join(plan.base, folder))  # noqa: PTH118


def _roots(plan: Plan, ref: EffectRef, other: EffectRef) -> list[str]:
    """The folders that the paths of an effect lie in.

    The files of a prompt are those that tables of files list, and others, none of them behind a link, below the
    program's folder; a link that the ``other`` effect writes through may lead to these.
    """
    if not effect_of(plan, ref).shown:
        return [_root(plan, ref)]
    listed = [re.split(r"[*?[]", pattern, maxsplit=1)[0].rpartition("/")[0] for pattern in listed_patterns(plan)]
    written, base = _root(plan, other), os.path.realpath(plan.base)
    real = os.path.realpath(written)
    through_link = not is_url(written) and real != os.path.normpath(f"{base}/{os.path.relpath(written, plan.base)}")
    return [*listed, real] if through_link and _overlap(real, base) else listed


def _refuse_links(plan: Plan, pairs: tuple[PathCheck, ...]) -> None:
    for check in pairs:
        for left, right in product(_roots(plan, check.left, check.right), _roots(plan, check.right, check.left)):
            if is_url(left) or is_url(right) or _overlap(left, right):
                continue
            if _overlap(os.path.realpath(left), os.path.realpath(right)):
                link = next((path for path in (left, right) if os.path.realpath(path) != path), left)
                other = right if link == left else left
                raise RunError(
                    f"`{display(link)}` is or lies behind a link into `{display(other)}`: `{check.left.step}` and "
                    f"`{check.right.step}` would write and read the same files; give the run folders of their own",
                    exit_code=1,
                )


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def _folds_case(folder: str) -> bool:
    """Whether the file system takes `a` and `A` for one file in a folder, or in the nearest one above that exists."""
    place = Path(folder)
    while not place.is_dir():
        place = place.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".apwa-case-", dir=place) as probe:
            return Path(place, Path(probe).name.swapcase()).exists()
    except OSError:
        # Nothing can be written here yet; the folder's own name tells as much of where it lies.
        twin = place.with_name(place.name.swapcase()) if place.name.swapcase() != place.name else place
        return twin != place and twin.exists() and twin.samefile(place)
