"""How a run ends: the closing summary, and the files that list what failed.

In: what a session has gathered. Out: text for people; ``failures.jsonl`` and ``quarantine/<step>.jsonl`` in the run's
folder.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Plan
from apwa_runtime.batches import Failure, Usage
from apwa_runtime.models.budget import dollars
from apwa_runtime.models.structured import printable
from apwa_runtime.progress import rate_text
from apwa_runtime.tables.problems import RowProblem

_SHOWN = 10

# What is counted of a run's sub-problems.
COUNTED = ("done", "failed", "quarantined", "skipped", "reused")

# Columns of a quarantine table beside the row's own fields.
ORDINAL = "_ordinal"
REASON = "_reason"


@dataclass(slots=True)
class Counts:
    """Sub-problems of a step: with a result, without one, and how many of both come from earlier runs."""

    done: int = 0
    failed: int = 0
    reused: int = 0


def write_failures(folder: Path, plan: Plan, failures: Iterable[Failure]) -> None:
    """Write ``failures.jsonl`` and the quarantine tables of steps, each at once or not at all."""
    ordered = sorted(failures, key=lambda failure: (failure.step, failure.ordinal))
    _write_lines(folder / "failures.jsonl", [asdict(failure) for failure in ordered])
    quarantined: dict[str, list[dict[str, object]]] = {}
    for failure in ordered:
        if failure.outcome == "quarantine":
            entry = {ORDINAL: failure.ordinal, **failure.row, REASON: failure.reason}
            quarantined.setdefault(failure.step, []).append(entry)
    for step in plan.steps:
        table = folder / "quarantine" / f"{step.name}.jsonl"
        if step.name in quarantined:
            _write_lines(table, quarantined[step.name])
        else:
            table.unlink(missing_ok=True)


def write_bad_rows(folder: Path, bad_rows: Iterable[tuple[str, str, RowProblem]]) -> None:
    """Write ``quarantine/<table>.jsonl``: each row that does not fit its record, with its place and the reason."""
    tables: dict[str, list[dict[str, object]]] = {}
    for table, outcome, problem in bad_rows:
        entry = {"file": problem.file, "line": problem.line, "field": problem.field, "reason": problem.reason}
        tables.setdefault(table, []).append({**entry, "row": problem.row, "on_error": outcome})
    for table, rows in tables.items():
        _write_lines(folder / "quarantine" / f"{table}.jsonl", rows)


def failure_lines(failures: list[Failure]) -> list[str]:
    """The first failures, one line each: step, identity, reason."""
    ordered = sorted(failures, key=lambda failure: (failure.step, failure.ordinal))
    lines = [printable(f"  {failure.step}[{_who(failure)}]: {failure.reason}") for failure in ordered[:_SHOWN]]
    return [*lines, f"  … and {len(ordered) - _SHOWN} more"] if len(ordered) > _SHOWN else lines


def summary_lines(
    plan: Plan,
    counts: Mapping[str, Counts],
    failures: list[Failure],
    usage: dict[str, Usage],
    saved: list[tuple[str, str, int]],
    seconds: float,
    folder: Path,
    peak_bytes: int,
    backing: str | None,
) -> list[str]:
    """The closing summary. ``counts`` is by step; ``saved`` is (step, path, rows).

    ``backing`` is the line on what held the claims.
    """
    done = sum(count.done for count in counts.values())
    reused = sum(count.reused for count in counts.values())
    outcomes = Counter(failure.outcome for failure in failures)
    parts = [f"{done:,} done", f"{outcomes['fail']:,} failed", f"{outcomes['quarantine']:,} quarantined"]
    if outcomes["skip"]:
        parts.append(f"{outcomes['skip']:,} skipped")
    if reused:
        parts.append(f"{reused:,} of them from earlier runs")
    rate = f" ({rate_text(done - reused, seconds)})" if done > reused else ""
    lines = [
        f"flow `{plan.flow}`: {', '.join(parts)} in {seconds:.1f} s{rate}, peak memory {peak_bytes / 2**20:,.0f} MiB"
    ]
    for name, amount in sorted(usage.items()):
        price = dollars(next(model for model in plan.models if model.name == name), amount)
        cost = f", ${price:,.4f}" if price is not None else ""
        tokens = f"{amount.input_tokens:,} tokens in, {amount.output_tokens:,} out"
        lines.append(f"model `{name}`: {amount.calls:,} calls, {tokens}{cost}")
    lines.extend(f"saved {rows:,} rows to {shown(path)}" for _, path, rows in saved)
    if backing:
        lines.append(backing)
    if failures:
        lines.append(f"failures: {shown(str(folder / 'failures.jsonl'))}")
    if outcomes["quarantine"]:
        lines.append(f"quarantine: {shown(str(folder / 'quarantine'))}")
    return lines


def report(
    plan: Plan,
    counts: Mapping[str, Counts],
    failures: Iterable[Failure],
    usage: Mapping[str, Usage],
    saved: Iterable[tuple[str, str, int]],
) -> dict[str, Any]:
    """The closing summary as JSON-able values."""
    outcomes = Counter(failure.outcome for failure in failures)
    models = {model.name: model for model in plan.models}
    return {
        "subproblems": {
            "done": sum(count.done for count in counts.values()),
            "failed": outcomes["fail"],
            "quarantined": outcomes["quarantine"],
            "skipped": outcomes["skip"],
            "reused": sum(count.reused for count in counts.values()),
        },
        "steps": {name: asdict(count) for name, count in counts.items()},
        "usage": {name: {**asdict(spent), "dollars": dollars(models[name], spent)} for name, spent in usage.items()},
        "saved": [{"step": step, "path": path, "rows": rows} for step, path, rows in saved],
    }


def _who(failure: Failure) -> str:
    if failure.identity:
        return ", ".join(f"{name}={value}" for name, value in failure.identity.items())
    return str(failure.ordinal)


def shown(path: str) -> str:
    """Relative to the current folder where that is shorter."""
    if "://" in path:
        return path
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path


def _write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text("".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows))
    temporary.replace(path)
