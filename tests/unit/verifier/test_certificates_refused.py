"""Programs whose sub-problems share files, if one looks closely: no certificate calls them proved."""

from __future__ import annotations

from pathlib import Path

import certified as make
import pytest

PROGRAMS = {
    "a-name-twice": """
record Item { p: str @key @pattern("a/[.a]") }
table items: Item = read "items.jsonl"
split each = items by row
task t(i: Item) -> str { return: "x" writes: ["out/{{ i.p | basename }}.txt"] }
flow main { x = map t over each }
""",
    "a-folder-and-a-file": """
record Item { p: str @key @pattern("a/b?") }
table items: Item = read "items.jsonl"
split each = items by row
task t(i: Item) -> str { return: "x" writes: ["out/{{ i.p | basename }}.txt"] }
flow main { x = map t over each }
""",
    "a-name-that-is-no-files": """
record Doc { path: str @key, name: str }
record Made { name: str }
table docs: Doc = files "data/a-*.md"
split each = docs by row
task t(d: Doc) -> Made { shell: "x" }
task u(path: str, name: str) -> str { return: "x" writes: ["{{ name }}/{{ path | key }}"] }
task v(path: str) -> str { return: "x" writes: ["zz/{{ path | key }}"] }
flow main {
  m = map t over each keep path
  split again = m by row
  a = map u(path, name) over again
  b = map v(path) over again
}
""",
    "a-field-called-as-a-parameter": """
param limit: int = 3
record Item { id: str @key }
record Made { limit: int }
table items: Item = read "items.jsonl"
task t(i: Item) -> Made { shell: "x" }
task u(id: str, limit: int) -> str { return: "x" writes: ["{{ limit }}/{{ id | key }}"] }
task v(id: str) -> str { return: "x" writes: ["7/{{ id | key }}"] }
flow main {
  few = items where limit == 3
  split each = few by row
  m = map t over each keep id
  split again = m by row
  a = map u(id, limit) over again
  b = map v(id) over again
}
""",
    "half-a-key-in-two-parts": """
record Item { a: int @key, b: str @key }
table items: Item = read "items.jsonl"
task t(b: str) -> str { return: "x" writes: ["out/{{ b }}.json"] }
flow main {
  one = items where a == 1
  two = items where a == 2
  both = union(one, two)
  split each = both by row
  x = map t(b) over each
}
""",
    "one-row-of-each-part": """
record Item { a: int @key, b: str }
table items: Item = read "items.jsonl"
task t(b: str) -> str { return: "x" writes: ["out/all.json"] }
flow main {
  low = items where a < 5
  high = items where a >= 5
  one = low limit 1
  two = high limit 1
  both = union(one, two)
  split each = both by row
  x = map t(b) over each
}
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_certificate_calls_it_proved(name: str, tmp_path: Path) -> None:
    document, _ = make.certified(PROGRAMS[name], tmp_path)
    assert document["claims"], "the program has errors"
    files = [
        claim
        for claim in document["claims"]
        if document["effects"][claim["a"]]["kind"] == "write" and claim["verdict"] != "proved"
    ]
    assert files
    for claim in files:
        claim.update(verdict="proved", rule="P5", reason=None, backing=None)
    assert make.verified(document, tmp_path).problems


def test_a_module_that_is_imported_must_be_among_the_sources(tmp_path: Path) -> None:
    (tmp_path / "inner.py").write_text("def g(x):\n    return x\n")
    (tmp_path / "body.py").write_text("import inner\n\ndef f(x):\n    return inner.g(x)\n")
    program = """
record Item { id: str @key }
table items: Item = read "items.jsonl"
split each = items by row
task t(x: str) -> str { python: "body:f" }
flow main { y = map t(id) over each }
"""
    document, _ = make.certified(program, tmp_path)
    assert not make.verified(document, tmp_path).problems
    document["sources"] = [source for source in document["sources"] if source["path"] != "inner.py"]
    assert any("inner.py" in str(problem) for problem in make.verified(document, tmp_path).problems)
