"""Whether a change of the text makes a claim hold: the changed program is checked again, in memory.

In: a program, a pair of it that does not hold, edits. Out: whether the pair holds in the edited program, and nothing
that the edits touch does worse than before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path

from apwa_lang.diagnostics.model import Edit, Severity
from apwa_lang.proofs.claims import Verdict
from apwa_lang.proofs.decide import claim_of, pairs
from apwa_lang.proofs.pairs import Pair
from apwa_lang.semantics.analysis import analyse
from apwa_lang.semantics.program import Flow, Program
from apwa_lang.syntax.source import Source

_MOST_TEXT = 400_000
"""How many characters all trials of a program may read again; a program of usual size never gets there."""

_HELD = (Verdict.CHECKED, Verdict.TRUSTED)


class Recheck:
    """Trials of edits on one program; ``folded`` when file names do not tell upper from lower case."""

    def __init__(self, program: Program, folded: bool) -> None:
        self._program = program
        self._folded = folded
        self._sources = tuple(dict.fromkeys((program.source, *program.sources)))
        self._left = _MOST_TEXT

    @cached_property
    def _pairs(self) -> list[tuple[Flow, Pair]]:
        return _all_pairs(self._program, self._folded)

    def proves(self, pair: Pair, edits: Sequence[Edit]) -> bool:
        """Whether ``pair`` is proved once ``edits`` are made, and no claim about a path that they touch is lost."""
        if self._left < 0:
            return False
        self._left -= sum(len(source.text) for source in self._sources)
        program = self._edited(edits)
        if program is None:
            return False
        after = _all_pairs(program, self._folded)
        if len(after) != len(self._pairs):
            return False
        for (flow, old), (_, new) in zip(self._pairs, after, strict=True):
            own = _place(old) == _place(pair)
            if not (own or _touched(old, edits)):
                continue
            verdict = claim_of(flow, new).verdict
            kept = not own and verdict in _HELD and claim_of(flow, old).verdict is verdict
            if verdict is not Verdict.PROVED and not kept:
                return False
        return True

    def _edited(self, edits: Sequence[Edit]) -> Program | None:
        """The program of the edited text, or None if it has an error."""
        sources = {source: _changed(source, edits) for source in self._sources}
        files = {source.file: source.text for source in sources.values()}

        def load(path: Path) -> str:
            if path not in files:
                raise FileNotFoundError(path)
            return files[path]

        analysis = analyse(sources[self._program.source], load=load)
        errors = any(found.severity is Severity.ERROR for found in analysis.diagnostics)
        return None if errors else analysis.program


def edited(text: str, edits: Iterable[Edit], start: int = 0) -> str:
    """``text``, which begins at ``start`` of its source, with edits made to it."""
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start - start] + edit.text + text[edit.span.end - start :]
    return text


def _changed(source: Source, edits: Sequence[Edit]) -> Source:
    return Source(edited(source.text, [one for one in edits if one.span.source is source]), source.path, source.file)


def _all_pairs(program: Program, folded: bool) -> list[tuple[Flow, Pair]]:
    return [(flow, pair) for flow in program.flows.values() for pair in pairs(program, flow, folded)]


def _place(pair: Pair) -> object:
    """What a pair has in common with the same one made again."""
    return pair.separate, *((one.step.name, one.step.span, one.effect.span) for one in (pair.left, pair.right))


def _touched(pair: Pair, edits: Sequence[Edit]) -> bool:
    """Whether a path of the pair is edited."""
    spans = (pair.left.effect.span, pair.right.effect.span)
    return any(
        edit.span.source is span.source and span.start <= edit.span.start and edit.span.end <= span.end
        for edit in edits
        for span in spans
    )
