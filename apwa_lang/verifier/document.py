"""The certificate as it is read: strictly, so that nothing in it goes unlooked at.

In: the text of a certificate. Out: what it says, or the first thing in it that is not as it should be.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from apwa_lang.verifier.hypotheses import Hypothesis
from apwa_lang.verifier.invariants import State
from apwa_lang.verifier.problem import CannotVerifyError

FORMAT = 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FileHash:
    """A file, by its path from the program's folder (the program's own: from the certificate's), and its SHA-256."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Analysed(FileHash):
    """A Python source, and the functions that it was read for, each with its folder."""

    functions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Party:
    """An effect of a step, as the certificate names it."""

    flow: str
    step: str
    kind: str
    text: str
    at: str
    operation: str | None
    types: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a proof holds; the states of an ``invariant``, and what has the same characters in both paths.

    That is fields, or numbers that are never equal: ``places`` are the pieces of either path that show them.
    """

    kind: str
    pinned: tuple[str, ...]
    states: tuple[State, ...]
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one pair of effects; ``evidence`` by its number."""

    verdict: str
    rule: str
    hypotheses: frozenset[Hypothesis]
    evidence: int | None
    backing: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """A certificate; ``claims`` by the numbers of their two effects."""

    tool: str
    program: FileHash
    modules: tuple[FileHash, ...]
    sources: tuple[Analysed, ...]
    trusted: dict[str, str]
    settings: dict[str, object]
    flows: tuple[str, ...]
    effects: tuple[Party, ...]
    evidence: tuple[Evidence, ...]
    claims: dict[tuple[int, int], Said]


def read_document(text: str) -> Document:
    """What a certificate says. Raises :class:`CannotVerifyError`."""
    try:
        value = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise CannotVerifyError("the certificate is not JSON") from None
    top = _Reader(value, "the certificate")
    version = top.take("format", int)
    if version != FORMAT:
        raise CannotVerifyError(f"the certificate has format {version}, this release reads {FORMAT}")
    hypotheses = tuple(top.each("hypotheses", lambda one: Hypothesis(one.take("text", str), one.take("mark", str))))
    document = Document(
        top.take("tool", str),
        _file(_Reader(top.take("program", dict), "`program`")),
        tuple(top.each("modules", _file)),
        tuple(top.each("sources", _analysed)),
        _texts(top, "trusted"),
        top.take("settings", dict),
        tuple(top.each("flows", lambda one: one.take("name", str))),
        tuple(top.each("effects", _party)),
        tuple(top.each("evidence", _evidence)),
        {},
    )
    for pair, said in top.each("claims", lambda one: _said(one, hypotheses)):
        if pair in document.claims:
            raise CannotVerifyError(f"the certificate has two claims on the effects {pair[0]} and {pair[1]}")
        document.claims[pair] = said
    _all_used(document, hypotheses)
    top.done()
    return document


def _all_used(document: Document, hypotheses: tuple[Hypothesis, ...]) -> None:
    """What no claim refers to has not been looked at."""
    used = {said.evidence for said in document.claims.values()} - {None}
    if used != set(range(len(document.evidence))):
        raise CannotVerifyError("the evidence of the certificate and what its claims refer to are not the same")
    if frozenset().union(*(said.hypotheses for said in document.claims.values())) != set(hypotheses):
        raise CannotVerifyError("the hypotheses of the certificate and those of its claims are not the same")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


class _Reader:
    """One object, from which each entry is taken once."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise CannotVerifyError(f"{where} is no object")
        self._left = dict(value)
        self._where = where

    def take(self, name: str, kind: type[T]) -> T:
        """The entry of that name."""
        value = self._left.pop(name, None)
        if type(value) is not kind:
            raise CannotVerifyError(f"{self._where} has no `{name}`, or not of the right kind")
        return value

    def perhaps(self, name: str, kind: type[T]) -> T | None:
        """The entry of that name, or None where it is left out."""
        return self.take(name, kind) if name in self._left else None

    def each(self, name: str, read: Callable[[_Reader], T]) -> list[T]:
        """The entries of a list, each read whole."""
        found = []
        for number, value in enumerate(self.take(name, list)):
            reader = _Reader(value, f"`{name}` {number}")
            found.append(read(reader))
            reader.done()
        return found

    def done(self) -> None:
        """Refuse what has not been read."""
        if self._left:
            raise CannotVerifyError(f"{self._where} has an unknown `{next(iter(self._left))}`")


def _file(reader: _Reader) -> FileHash:
    found = FileHash(reader.take("path", str), reader.take("sha256", str))
    reader.done()
    return found


def _analysed(reader: _Reader) -> Analysed:
    functions = reader.take("functions", list)
    if not all(isinstance(name, str) for name in functions):
        raise CannotVerifyError("the functions of a source are not all texts")
    return Analysed(reader.take("path", str), reader.take("sha256", str), frozenset(functions))


def _texts(reader: _Reader, name: str) -> dict[str, str]:
    found = reader.take(name, dict)
    if not all(isinstance(value, str) for value in found.values()):
        raise CannotVerifyError(f"the entries of `{name}` are not all texts")
    return found


def _party(reader: _Reader) -> Party:
    types = _texts(reader, "types")
    return Party(
        reader.take("flow", str),
        reader.take("step", str),
        reader.take("kind", str),
        reader.take("text", str),
        reader.take("at", str),
        reader.perhaps("operation", str),
        tuple(sorted(types.items())),
    )


def _evidence(reader: _Reader) -> Evidence:
    kind = reader.take("kind", str)
    pinned = reader.perhaps("pinned", list) or []
    states = reader.perhaps("states", list) or []
    if not all(isinstance(name, str) for name in pinned):
        raise CannotVerifyError("the pinned fields of an invariant are not all texts")
    for state in states:
        if not isinstance(state, list) or len(state) != 3 or not all(type(part) is int for part in state):
            raise CannotVerifyError("an invariant has a state that is not three whole numbers")
    places = reader.perhaps("places", list) or []
    if not all(isinstance(one, list) and len(one) == 2 and all(type(part) is int for part in one) for one in places):
        raise CannotVerifyError("the places of an invariant are not all two whole numbers")
    if kind != "invariant" and (pinned or states or places):
        raise CannotVerifyError(f"evidence of the kind `{kind}` has the states of an invariant")
    return Evidence(
        kind,
        tuple(pinned),
        tuple((state[0], state[1], state[2]) for state in states),
        tuple((one[0], one[1]) for one in places),
    )


def _said(reader: _Reader, hypotheses: tuple[Hypothesis, ...]) -> tuple[tuple[int, int], Said]:
    numbers = reader.perhaps("hypotheses", list) or []
    if not all(type(number) is int and 0 <= number < len(hypotheses) for number in numbers):
        raise CannotVerifyError("a claim refers to a hypothesis that there is not")
    said = Said(
        reader.take("verdict", str),
        reader.perhaps("rule", str) or "",
        frozenset(hypotheses[number] for number in numbers),
        reader.perhaps("evidence", int),
        reader.perhaps("backing", str),
        reader.perhaps("reason", str),
    )
    return (reader.take("a", int), reader.take("b", int)), said
