"""`apwa prove --verify`: what the independent check of a certificate found.

In: the paths of a certificate and, if it moved, of its program. Out: what was verified and what rests on trust, or each
thing that is wrong.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click

from apwa_lang.cli.common import InputError
from apwa_lang.verifier import Report, verify

_ORDER = ("proved", "checked", "trusted")
_MOST_PROBLEMS = 20


def verified(certificate: str, program: str | None, require: str | None, output_format: str) -> int:
    """Check a certificate and print the report; the exit code. Raises InputError for what cannot be read."""
    path = Path(os.path.abspath(certificate))  # noqa: PTH100 - resolve() would follow links
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"cannot read `{certificate}`: not UTF-8 text") from None
    except OSError as error:
        raise InputError(f"cannot read `{certificate}`: {(error.strerror or str(error)).lower()}") from error
    if program is not None and not Path(program).is_file():
        raise InputError(f"cannot read `{program}`: no such file")
    report = verify(text, path.parent, Path(program) if program is not None else None)
    mark = next((verdict for verdict in reversed(_ORDER) if report.verdicts[verdict]), "proved")
    short = require is not None and _ORDER.index(mark) > _ORDER.index(require)
    if output_format == "json":
        click.echo(json.dumps(_as_json(report, mark), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_as_text(report, mark, certificate)))
    return 1 if report.problems or short else 0


def _as_text(report: Report, mark: str, certificate: str) -> Iterator[str]:
    if report.problems:
        yield f"{certificate} is not accepted"
        yield from (f"  {problem}" for problem in report.problems[:_MOST_PROBLEMS])
        if len(report.problems) > _MOST_PROBLEMS:
            yield f"  and {len(report.problems) - _MOST_PROBLEMS} more"
        return
    counted = ", ".join(f"{report.verdicts[verdict]} {verdict}" for verdict in _ORDER if report.verdicts[verdict])
    yield f"{certificate} is accepted: {counted or 'no claims'}; the program is {mark}"
    for title, lines in (
        ("taken for granted", [f"{mark}: {text}" for text, mark in sorted(report.hypotheses.items())]),
        ("trusted for these reasons", report.reasons),
        (f"held by checks of a run, not by proofs: {_claims(report.verdicts['checked'])}", report.checks),
        ("called pure by the prover, not analysed again here", [f"`{body.text}`" for body in report.functions]),
        ("sources that the prover analysed", report.sources),
    ):
        if lines:
            yield f"  {title}"
            yield from (f"    {line}" for line in lines)


def _claims(count: int) -> str:
    return f"{count} claim{'' if count == 1 else 's'}"


def _as_json(report: Report, mark: str) -> dict[str, object]:
    return {
        "accepted": not report.problems,
        "mark": None if report.problems else mark,
        "counts": {verdict: report.verdicts[verdict] for verdict in _ORDER},
        "problems": report.problems,
        "hypotheses": [{"text": text, "mark": mark} for text, mark in sorted(report.hypotheses.items())],
        "reasons": report.reasons,
        "checks": report.checks,
        "functions": [body.text for body in report.functions],
        "sources": report.sources,
    }
