"""What the prover proves of random paths is accepted; what it does not prove, no invented evidence makes acceptable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certified as make
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apwa_lang.proofs import Verdict
from apwa_lang.verifier import Report

Case = tuple[dict[str, str], str, str, str]
Draw = Callable[..., Any]

many = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
very_many = settings(max_examples=1_000, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    fields = draw(make.records())
    return fields, *(draw(make.paths(fields)) for _ in range(3))


def checked(case: Case, folder: Path) -> tuple[make.Document, Counter[str], Report]:
    fields, written, read, second = case
    document, claims = make.certified(make.program_text(fields, written, read, second=second), folder)
    return document, Counter(claim.verdict for claim in claims), make.verified(document, folder)


def check(case: Case, folder: Path) -> None:
    document, verdicts, report = checked(case, folder)
    assert document["claims"], "the program has errors"
    open_claims = verdicts[Verdict.REFUTED] + verdicts[Verdict.UNDECIDED]
    assert report.verdicts[Verdict.PROVED] == verdicts[Verdict.PROVED], (case, report.problems)
    assert len(report.problems) == open_claims


@given(case=cases())
@many
def test_what_is_proved_is_accepted(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


@pytest.mark.slow
@given(case=cases())
@very_many
def test_what_is_proved_is_accepted_at_length(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


def invented(draw: Draw) -> dict[str, object]:
    """Evidence that somebody made up for a claim."""
    size = draw(st.integers(0, 12))
    states = {
        "nothing": [],
        "start": [[0, 0, 0]],
        "everything": [[p, q, 0] for p in range(size) for q in range(size)],
        "everything twice": [[p, q, d] for p in range(size) for q in range(size) for d in (0, 1)],
        "the diagonal": [[p, p, 0] for p in range(40)],
    }[draw(st.sampled_from(["nothing", "start", "everything", "everything twice", "the diagonal"]))]
    pinned = draw(st.sampled_from([[], ["p"], ["p", "q"]]))
    kinds = st.sampled_from(["invariant", "invariant", "invariant", "ends", "rows", "conditions"])
    kind = draw(kinds)
    return {"kind": kind, "pinned": pinned, "states": states} if kind == "invariant" else {"kind": kind}


@given(case=cases(), data=st.data())
@many
def test_no_invented_evidence_is_accepted(case: Case, data: st.DataObject, tmp_path: Path) -> None:
    document, _, _ = checked(case, tmp_path)
    forged = 0
    for claim in document["claims"]:
        if claim["verdict"] in ("refuted", "undecided"):
            forged += 1
            numbers = data.draw(st.lists(st.integers(0, max(len(document["hypotheses"]) - 1, 0)), unique=True))
            granted = [] if not document["hypotheses"] else numbers
            rule = data.draw(st.sampled_from(["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"]))
            claim.update(verdict="proved", rule=rule, hypotheses=granted)
            claim.pop("reason", None)
            if data.draw(st.booleans()):
                claim["evidence"] = len(document["evidence"])
                document["evidence"].append(invented(data.draw))
    report = make.verified(document, tmp_path)
    assert (len(report.problems) > 0) == (forged > 0)
