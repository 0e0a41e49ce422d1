"""From a certificate to a report: every file, effect and claim of it is held against the program.

In: the text of a certificate and its folder. Out: what was verified and what it rests on, or each thing that is wrong.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from apwa_lang.syntax import nodes as ast
from apwa_lang.verifier.bodies import Body
from apwa_lang.verifier.claims import Pair, objection, pairs
from apwa_lang.verifier.declarations import declared
from apwa_lang.verifier.document import Document, FileHash, Party, read_document
from apwa_lang.verifier.effects import Effect, effects
from apwa_lang.verifier.flows import read_flow
from apwa_lang.verifier.modules import Module, load
from apwa_lang.verifier.order import Order
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.sources import misplaced_trust, unanalysed

SETTINGS_FILE = "apwa.toml"


@dataclass
class Report:
    """What the check came to. ``problems`` is empty when the certificate stands."""

    problems: list[str] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    hypotheses: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    functions: dict[Body, None] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)


def verify(text: str, folder: Path, program: Path | None = None) -> Report:
    """Check a certificate that lies in ``folder``; ``program`` where it is not where the certificate says."""
    report = Report()
    try:
        document = read_document(text)
        root = program if program is not None else folder / document.program.path
        modules = load(root)
        report.problems.extend(_file_problems(document, modules))
        if not report.problems:
            _check(document, modules, report)
    except CannotVerifyError as error:
        report.problems.append(f"cannot be verified: {error}")
    except RecursionError:
        report.problems.append("cannot be verified: the program is nested too deeply")
    return report


def _file_problems(document: Document, modules: list[Module]) -> Iterator[str]:
    root, *imported = modules
    if document.program.sha256 != root.digest:
        yield f"{root.shown} is not the program that was proved: its SHA-256 differs"
    proved = {file.path: file.sha256 for file in document.modules}
    found = {module.shown: module.digest for module in imported}
    if len(proved) < len(document.modules):
        yield "a file is listed twice"
    for path in sorted(proved.keys() | found.keys()):
        if path not in found:
            yield f"{path} is listed, but the program does not import it"
        elif path not in proved:
            yield f"{path} is imported, but not listed"
        elif proved[path] != found[path]:
            yield f"{path} is not the file that was proved: its SHA-256 differs"
    folder = root.file.parent
    for source in document.sources:
        if not _same(source, folder):
            yield f"{source.path} is not the source that was analysed"
    if document.settings != _settings(folder):
        yield f"the settings of proofs in {SETTINGS_FILE} are not those of the certificate"


def _same(source: FileHash, folder: Path) -> bool:
    try:
        return sha256((folder / source.path).read_bytes()).hexdigest() == source.sha256
    except (OSError, ValueError):
        return False


def _settings(folder: Path) -> dict[str, object]:
    """The settings of proofs that lie beside the program."""
    file = folder / SETTINGS_FILE
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (OSError, ValueError):
        raise CannotVerifyError(f"{SETTINGS_FILE} cannot be read") from None
    settings = found.get("proofs", {})
    return settings if isinstance(settings, dict) else {}


def _check(document: Document, modules: list[Module], report: Report) -> None:
    if any(document.settings.values()):
        raise CannotVerifyError(f"the proofs settings of {SETTINGS_FILE} are not worked out here")
    program, folder = declared(modules), modules[0].file.parent
    found: list[Effect] = []
    expected: dict[tuple[int, int], Pair] = {}
    names = []
    for module in modules:
        for name, node in module.each(ast.Flow):
            flow = read_flow(name, node, module, program)
            names.append(name)
            start, order = len(found), Order(flow)
            found.extend(effects(program, flow))
            for one, other, pair in pairs(found[start:], order, folder.parts[1:]):
                expected[start + one, start + other] = pair
    report.problems.extend(_effect_problems(document, names, found))
    report.problems.extend(misplaced_trust(document, program, folder))
    if not report.problems:
        report.problems.extend(_claim_problems(document, expected, report))
        report.problems.extend(unanalysed(document, folder, report.functions))


def _effect_problems(document: Document, flows: list[str], found: list[Effect]) -> Iterator[str]:
    if list(document.flows) != flows:
        yield "the flows of the certificate are not those of the program"
    parties = [_party(effect) for effect in found]
    for number, (said, party) in enumerate(zip(document.effects, parties, strict=False)):
        if said != party:
            yield f"effect {number} is not that of step `{party.step}`, {party.kind} {party.text} at {party.at}"
            return
    if len(document.effects) != len(parties):
        yield f"the program has {len(parties)} effects, the certificate {len(document.effects)}"


def _party(effect: Effect) -> Party:
    return Party(effect.flow, effect.step.name, effect.kind, effect.text, effect.at, effect.operation, effect.types)


def _claim_problems(document: Document, expected: dict[tuple[int, int], Pair], report: Report) -> Iterator[str]:
    for numbers in sorted(document.claims.keys() - expected.keys()):
        yield f"there is no pair of the effects {numbers[0]} and {numbers[1]} to claim anything of"
    for numbers, pair in expected.items():
        said = document.claims.get(numbers)
        if said is None:
            yield f"there is no claim on {_shown(pair)}"
            continue
        try:
            wrong = objection(pair, said, None if said.evidence is None else document.evidence[said.evidence])
        except CannotVerifyError as error:
            wrong = f"cannot be verified: {error}"
        if wrong is not None:
            yield f"the claim on {_shown(pair)} does not stand: {wrong}"
            continue
        report.verdicts[said.verdict] += 1
        if said.rule == "B2" and pair.left.body is not None:
            report.functions.setdefault(pair.left.body)
        report.hypotheses.update((one.text, one.mark) for one in said.hypotheses)
        told = report.reasons if said.verdict == "trusted" else report.checks
        if said.reason is not None and said.reason not in told:
            told.append(said.reason)
    report.sources = [source.path for source in document.sources]


def _shown(pair: Pair) -> str:
    left, right = pair.left, pair.right
    if pair.separate:
        return f"two sub-problems of `{left.step.name}`, {left.kind} {left.text} and {right.kind} {right.text}"
    return f"`{left.step.name}`, {left.kind} {left.text}, and `{right.step.name}`, {right.kind} {right.text}"
