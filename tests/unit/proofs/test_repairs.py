"""The changes that findings offer: which, in which order, and when none."""

from __future__ import annotations

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.fixes import apply_fixes
from apwa_lang.diagnostics.model import Diagnostic, Fix
from apwa_lang.syntax.source import Source


def findings(text: str) -> list[Diagnostic]:
    return [one for one in check(Source(text)).diagnostics if one.code.startswith("APWA3")]


def fix_of(text: str) -> Fix | None:
    (found,) = findings(text)
    return found.fix


def fixed(text: str) -> str:
    """The text with the only finding's fix made; safe or not."""
    fix = fix_of(text)
    assert fix is not None
    for edit in sorted(fix.edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def one_path(path: str, fields: str = "id: str @key, a: str, b: str, n: int, note: str?") -> str:
    return f"""
record Row {{ {fields} }}
table rows: Row = read "rows.jsonl"
split each = rows by row
task work(row: Row) -> str {{ return: "x" writes: ["{path}"] }}
flow main {{ done = map work over each }}
"""


AB = "a: str @key, b: str @key, n: int"
NM = "n: int @key, m: int @key"


@pytest.mark.parametrize(
    ("fields", "path", "mended", "safe"),
    [
        pytest.param(AB, "{{ row.a }}_{{ row.b }}.md", "{{ row.a | key }}_{{ row.b | key }}.md", True, id="key"),
        pytest.param(AB, "{{row.a}}_{{row.b}}.md", "{{row.a | key }}_{{row.b | key }}.md", True, id="key-close-braces"),
        pytest.param(NM, "{{ row.n }}{{ row.m }}.md", "{{ row.n }}-{{ row.m }}.md", True, id="part"),
        pytest.param(AB, "{{ row.a }}{{ row.b }}", "{{ row.a | key }}-{{ row.b | key }}", True, id="part-and-key"),
        pytest.param("a: str @key", "{{ row.a | lower }}.md", "{{ row.a | key }}.md", False, id="filter-of-a-text"),
        pytest.param(
            "a: datetime @key", "{{ row.a | strftime('%Y') }}", "{{ row.a }}", False, id="filter-of-another-type"
        ),
        pytest.param("n: int @key", "out/all.md", "out/all-{{ row.n }}.md", False, id="identity-before-suffix"),
        pytest.param("n: int @key", "out/all.tar.gz", "out/all-{{ row.n }}.tar.gz", False, id="double-suffix"),
        pytest.param("n: int @key, a: str", "{{ row.a }}/", None, False, id="no-file-name"),
        pytest.param(AB, "{{ row.a }}.md", "{{ row.a | key }}-{{ row.b | key }}.md", False, id="rest-of-a-key"),
        pytest.param(
            "id: str @key, a: str", "out/{{ row.id }}/../{{ row.a }}.md", "out/{{ row.id }}.md", False, id="left"
        ),
    ],
)
def test_a_path_of_one_task(fields: str, path: str, mended: str | None, safe: bool) -> None:
    text = one_path(path, fields)
    if mended is None:
        assert findings(text) == []
        return
    fix = fix_of(text)
    assert fix is not None
    assert fix.safe is safe
    assert fixed(text) == one_path(mended, fields)
    assert findings(one_path(mended, fields)) == []


def test_a_null_has_no_place_in_a_path() -> None:
    text = """
record Row { id: str @key, note: str? }
table rows: Row = read "rows.jsonl"
split each = rows by group(note)
task work(note: str?) -> str { return: "x" writes: ["{{ note | default('none') }}.md"] }
flow main { done = map work(note) over each }
"""
    (found,) = findings(text)
    assert found.fix is None
    assert found.help == "let `where` leave out the rows without `note`, or give it a value in the data"


def two_steps(first: str, second: str, flow: str) -> str:
    return f"""
param fast: bool = true
record Row {{ id: str @key }}
table rows: Row = read "rows.jsonl"
split each = rows by row
task one(row: Row) -> str {{ python: "bodies:one" {first} }}
task two(row: Row) -> str {{ python: "bodies:two" {second} }}
flow main {{
{flow}
}}
"""


WRITES = 'writes: { file: "out/{{ row.id }}.md" }'
READS = 'reads: { file: "out/{{ row.id }}.md" }'


@pytest.mark.parametrize(
    ("flow", "ordered"),
    [
        pytest.param(
            "  x = map one over each\n  y = map two over each # last",
            "  x = map one over each\n  y = map two over each after x # last",
            id="plain",
        ),
        pytest.param(
            "  x = map one over each\n  y = map two over each\n    keep id\n",
            "  x = map one over each\n  y = map two over each\n    keep id after x\n",
            id="behind-keep",
        ),
        pytest.param(
            "  r = rows limit 1\n  x = map one over each\n  y = map two over each after r",
            "  r = rows limit 1\n  x = map one over each\n  y = map two over each after r, x",
            id="behind-after",
        ),
    ],
)
def test_a_reader_is_ordered_at_the_end_of_its_statement(flow: str, ordered: str) -> None:
    assert fixed(two_steps(WRITES, READS, flow)) == two_steps(WRITES, READS, ordered)
    assert findings(two_steps(WRITES, READS, ordered)) == []


@pytest.mark.parametrize(
    "flow",
    [
        pytest.param("  if (fast) { x = map one over each }\n  y = map two over each", id="branch"),
        pytest.param(
            "  if (fast) { x = map one over each }\n  if (true) { y = map two over each }", id="branch-of-another-if"
        ),
    ],
)
def test_no_order_is_offered_after_a_step_of_another_branch(flow: str) -> None:
    (found,) = findings(two_steps(WRITES, READS, flow))
    assert found.help == '"out/one/{{ row.id }}.md" in `one` is proved'


def test_no_order_is_offered_after_a_save() -> None:
    flow = '  save rows to "out/all.md.jsonl"\n  y = map two over each'
    text = two_steps(WRITES, 'writes: { file: "out/{{ row.id }}.jsonl" }', flow)
    (found,) = findings(text)
    assert found.help == '"out/{{ row.id | key }}.jsonl" is proved'


def test_both_sides_of_a_pair_are_keyed() -> None:
    trees = 'writes: { tree: "out/{{ row.id }}/**" }'
    text = two_steps(trees, WRITES, "  x = map one over each\n  y = map two over each")
    fix = fix_of(text)
    assert fix is not None
    assert [edit.text for edit in fix.edits] == ["out/{{ row.id | key }}/**", "out/{{ row.id | key }}.md"]


def test_a_fix_that_another_claim_refutes_is_not_offered() -> None:
    shared, apart = 'writes: { file: "out/all.md" }', 'writes: { file: "out/all-{{ row.id }}.md" }'
    flow = "  x = map one over each\n  y = map two over each"
    assert fix_of(two_steps(shared, apart, flow)) is None
    assert fix_of(two_steps(shared, apart, f"{flow} after x")) is not None


def test_a_fix_with_which_the_program_has_an_error_is_not_offered() -> None:
    # Without its filter the hole may be null, which a path must not be.
    text = one_path("{{ row.id }}-{{ row.note | default('none') | lower }}.md", "id: str, note: str?, n: int @key")
    assert "note }}" not in fixed(text)


def test_only_safe_fixes_are_applied() -> None:
    keyed, added = one_path("{{ row.a }}_{{ row.b }}", AB), one_path("all.md", AB)
    for text, count in ((keyed, 1), (added, 0)):
        source = Source(text)
        assert apply_fixes(source, check(source).diagnostics)[1] == count
