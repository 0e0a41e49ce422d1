"""Groups by what no two rows share (APWA555)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject
from apwa_lang.semantics.program import (
    as_written,
)

GROUP_OF_ONE = register(
    "APWA555",
    "groups of one row",
    severity=Severity.WARNING,
    explanation="""
The fields hold all of the key, or one that is `@unique`, so no two rows have the same, and every group is one row.
""",
    fix="Group by a field that rows share, or split `by row`.",
    bad="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split groups = notes by group(id)
task size(rows: list[Note]) -> int { return: len(rows) }
flow main { sizes = map size(rows) over groups keep id save sizes to "out/sizes.jsonl" }
""",
    good="""
record Note { id: str @key, ward: str, text: str }
table notes: Note = read "notes.jsonl"
split groups = notes by group(ward)
task size(rows: list[Note]) -> int { return: len(rows) }
flow main { sizes = map size(rows) over groups keep ward save sizes to "out/sizes.jsonl" }
""",
)


@rule(GROUP_OF_ONE)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each split by groups whose fields tell all rows apart."""
    for split, record in subject.splits:
        if split.rule != "group" or record is None:
            continue
        grouped = set(split.identity)
        keys = {key.name for key in record.keys}
        alone = {one.name for one in record.fields if one.unique} & grouped
        if (keys and keys <= grouped) or alone:
            names = " and ".join(f"`{name}`" for name in sorted(alone or keys))
            yield GROUP_OF_ONE.at(
                split.span,
                f"every group of `{as_written(split.name)}` is one row",
                f"no two rows have the same {names}",
                help="group by a field that rows share, or write `by row`",
            )
