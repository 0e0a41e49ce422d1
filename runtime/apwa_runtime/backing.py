"""What held the claims about a run: the file ``backing.json`` and one line of the closing summary.

In: the notes on the claims in the plan, what the launch check compared, and how far each worker keeps the calls of
bodies apart. Out: for each claim what backed it, and for each body the levels reached, with the workers of each.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from apwa_compiler.plan import ClaimNote, Plan, Python, Shell, Torch
from apwa_runtime.isolation.level import Reached
from apwa_runtime.launch.check import LaunchCheck

# What was reached by task or server, by worker.
Levels = Mapping[str, Mapping[str, Reached]]


def write_backing(folder: Path, plan: Plan, launch: Iterable[LaunchCheck], levels: Levels) -> None:
    """Write ``backing.json``, at once or not at all."""
    bodies = _bodies(plan, levels)
    document = {
        "flow": plan.flow,
        "claims": [_claim(note, bodies) for note in plan.claims],
        "bodies": [{"function": target, **asdict(body)} for target, body in bodies.items()],
        "paths compared": sum(check.compared for check in launch),
    }
    temporary = folder / "backing.tmp"
    temporary.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    temporary.replace(folder / "backing.json")


def backing_line(plan: Plan, launch: Iterable[LaunchCheck], levels: Levels) -> str | None:
    """The line of the summary; None for a plan without claims and bodies that run a user's code."""
    counts: Counter[str] = Counter()
    for note in plan.claims:
        counts[f"{note.verdict} by {note.backing}" if note.backing else note.verdict] += note.count
    paths = sum(check.compared for check in launch)
    parts = [", ".join(f"{count:,} {how}" for how, count in counts.items())] if counts else []
    if paths:
        parts.append(f"{paths:,} paths compared at launch")
    for target, body in _bodies(plan, levels).items():
        parts.append(f"`{target}`: {' or '.join(body.levels)}")
        if body.threads:
            parts.append(f"its module starts {_counted(body.threads, 'thread')}")
        if body.left:
            parts.append(f"its calls left {_counted(body.left, 'process')} behind, ended with them")
    return f"claims: {'; '.join(parts)}" if parts else None


@dataclass(slots=True)
class _Body:
    """What one function reached in a run: the workers by level, threads of its module, processes left by its calls."""

    levels: dict[str, list[str]] = field(default_factory=dict)
    threads: int = 0
    left: int = 0


def _bodies(plan: Plan, levels: Levels) -> dict[str, _Body]:
    found: dict[str, _Body] = {}
    for name, target in _running(plan):
        for worker, by_name in levels.items():
            if name in by_name:
                reached = by_name[name]
                body = found.setdefault(target, _Body())
                body.levels.setdefault(reached.level, []).append(worker)
                body.threads = max(body.threads, reached.threads)
                body.left += reached.left
    return found


def _running(plan: Plan) -> Iterator[tuple[str, str]]:
    """Tasks that run a user's code and tools that are servers, with what claims call them."""
    for task in plan.tasks:
        match task.body:
            case Python(target) | Torch(target):
                yield task.name, target
            case Shell():
                yield task.name, "shell"
        yield from ((tool.name, tool.name) for tool in task.servers())


def _claim(note: ClaimNote, bodies: Mapping[str, _Body]) -> dict[str, object]:
    shown = {name: value for name, value in asdict(note).items() if value not in (None, "")}
    return {**shown, "levels": list(bodies[note.function].levels)} if note.function in bodies else shown


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 'es' if noun.endswith('s') else 's'}"
