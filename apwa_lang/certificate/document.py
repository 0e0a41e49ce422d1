"""The document: the claims of a program with all that they rest on, what several share written once.

In: a program and its claims. Out: the JSON text, the same for the same program and tool.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Hashable, Iterable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from apwa_lang.certificate.order import Party, numbered
from apwa_lang.proofs.bodies import Bodies
from apwa_lang.proofs.claims import Claim, Evidence, Hypothesis
from apwa_lang.proofs.evaluate import path_of_core
from apwa_lang.semantics.program import Hole, Program

FORMAT = 1

T = TypeVar("T", bound=Hashable)


class NoCertificateError(Exception):
    """The program cannot have a certificate."""


def certificate(program: Program, claims: Iterable[Claim], folder: Path) -> str:
    """The certificate that is to lie in ``folder``. Raises :class:`NoCertificateError`, and OSError."""
    file = program.source.file
    if file is None:
        raise NoCertificateError("a program without a file has no certificate")
    root = file.resolve()
    parties, pairs = numbered(program, claims, root.parent)
    bodies = Bodies(program)
    hypotheses = _distinct(one for claim in pairs.values() for one in claim.hypotheses)
    evidence = _distinct(claim.evidence for claim in pairs.values() if claim.evidence is not None)
    document = {
        "format": FORMAT,
        "tool": f"apwa-lang {version('apwa-lang')}",
        "program": _hashed(root, folder.resolve()),
        "modules": sorted((_hashed(one, root.parent) for one in _imported(program, root)), key=lambda one: one["path"]),
        "sources": _sources(bodies, root.parent),
        "trusted": _trusted(bodies),
        "settings": _settings(root.parent),
        "flows": [{"name": name} for name in program.flows],
        "effects": [_effect(party) for party in parties],
        "hypotheses": [{"mark": one.mark, "text": one.text} for one in hypotheses],
        "evidence": [_evidence(one) for one in evidence],
        "claims": [
            _claim(numbers, claim, hypotheses, evidence)
            for numbers, claim in sorted(pairs.items(), key=lambda one: one[0])
        ],
    }
    return _text(document)


def _distinct(values: Iterable[T]) -> dict[T, int]:
    """The different values, each with its number."""
    numbers: dict[T, int] = {}
    for value in values:
        numbers.setdefault(value, len(numbers))
    return numbers


def _imported(program: Program, root: Path) -> list[Path]:
    files = {source.file.resolve() for source in program.sources if source.file is not None}
    return list(files - {root})


def _hashed(file: Path, folder: Path) -> dict[str, str]:
    return {"path": os.path.relpath(file, folder), "sha256": sha256(file.read_bytes()).hexdigest()}


def _sources(bodies: Bodies, folder: Path) -> list[dict[str, object]]:
    """The Python sources that the analysis has read, as it read them, and for which functions, with their folders."""
    digests: dict[str, str] = {}
    functions: dict[str, set[str]] = {}
    for _, body, inference in bodies.functions():
        function = os.path.relpath(body.base.resolve() / body.target, folder)
        for name, digest in inference.sources:
            path = os.path.relpath((body.base / name).resolve(), folder)
            digests[path] = digest
            functions.setdefault(path, set()).add(function)
    return [{"path": path, "sha256": digests[path], "functions": sorted(functions[path])} for path in sorted(digests)]


def _trusted(bodies: Bodies) -> dict[str, str]:
    """For each task whose author vouches for its function, the hash of the source that this is about."""
    return {
        task.name: inference.digest
        for task, body, inference in bodies.functions()
        if task.trust and body is task.body and inference.missing is None
    }


def _settings(folder: Path) -> object:
    file = folder / "apwa.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")).get("proofs", {}) if file.exists() else {}


def _effect(party: Party) -> dict[str, object]:
    effect = party.effect
    holes = [one for one in effect.target.segments or () if isinstance(one, Hole)]
    found: dict[str, object] = {
        "flow": party.flow,
        "step": party.step,
        "kind": effect.kind,
        "text": party.text,
        "at": party.at,
        "types": {
            path: str(hole.type).partition("[")[0]
            for hole in holes
            if (path := hole.value and path_of_core(hole.value)) is not None
        },
    }
    return found if effect.operation is None else found | {"operation": effect.operation}


def _evidence(evidence: Evidence) -> dict[str, object]:
    if evidence.kind != "invariant":
        return {"kind": evidence.kind}
    found: dict[str, object] = {
        "kind": evidence.kind,
        "pinned": list(evidence.pinned),
        "states": [list(one) for one in evidence.states],
    }
    return found | {"places": [list(one) for one in evidence.places]} if evidence.places else found


def _claim(
    numbers: tuple[int, int], claim: Claim, hypotheses: dict[Hypothesis, int], evidence: dict[Evidence, int]
) -> dict[str, object]:
    found = {
        "a": numbers[0],
        "b": numbers[1],
        "verdict": claim.verdict,
        "rule": claim.rule,
        "hypotheses": sorted({hypotheses[one] for one in claim.hypotheses}),
        "evidence": evidence[claim.evidence] if claim.evidence is not None else None,
        "backing": claim.backing,
        "reason": claim.reason,
    }
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def _text(document: dict[str, object]) -> str:
    """The document with the entries of its lists on a line each, and names in order."""

    def flat(value: object) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    entries = []
    for name in sorted(document):
        value = document[name]
        shown = "[\n" + ",\n".join(map(flat, value)) + "\n]" if isinstance(value, list) and value else flat(value)
        entries.append(f"{flat(name)}: {shown}")
    return "{\n" + ",\n".join(entries) + "\n}\n"
