"""Targets whose file names do not tell upper from lower case: `case_insensitive` under `[proofs]` in `apwa.toml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.config import ConfigError
from apwa_lang.proofs.casing import folded_set, folded_text, in_one_case
from apwa_lang.proofs.charset import EVERYTHING, between, chars, normal
from apwa_lang.proofs.claims import Verdict
from apwa_lang.syntax.source import Source


def verdict(folder: Path, path: str, type: str = "str", setting: str = "true") -> Verdict:
    (folder / "apwa.toml").write_text(f"[proofs]\ncase_insensitive = {setting}\n")
    file = folder / "flows" / "main.apwa"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"""
record Item {{ id: {type} @key }}
table items: Item = read "items.jsonl"
split each = items by row
task work(item: Item) -> str {{ return: "" writes: "{path}" }}
flow main {{ x = map work over each }}
""")
    claims = check(Source(file.read_text(), file.name, file)).claims
    (claim,) = [one for one in claims if one.step_a == one.step_b and one.effect_a.kind == "write"]
    return claim.verdict


@pytest.mark.parametrize(
    ("path", "type", "expected"),
    [
        ("out/{{ item.id }}.md", "str", Verdict.REFUTED),
        ("out/{{ item.id | key }}.md", "str", Verdict.PROVED),
        ("out/{{ item.id | hex }}.md", "str", Verdict.PROVED),
        ("out/{{ item.id }}.md", "int", Verdict.PROVED),
        ("out/{{ item.id }}.md", "uuid", Verdict.CHECKED),
        ("out/{{ item.id }}.md", 'str @pattern("[A-Z0-9]+")', Verdict.PROVED),
        ("out/{{ item.id }}.md", 'str @pattern("[A-Za-z]+")', Verdict.REFUTED),
        ("out/{{ item.id }}.md", '"a" | "b"', Verdict.PROVED),
        ("out/{{ item.id }}.md", '"a" | "A"', Verdict.REFUTED),
    ],
)
def test_letters_of_both_cases_are_one(tmp_path: Path, path: str, type: str, expected: Verdict) -> None:
    assert verdict(tmp_path, path, type) is expected


def test_without_the_setting_they_are_two(tmp_path: Path) -> None:
    assert verdict(tmp_path, "out/{{ item.id }}.md", setting="false") is Verdict.PROVED


@pytest.mark.parametrize("text", ["[proofs", "[proofs]\ncase_insensitive = 1", "[proofs]\ncase = true", "proofs = 1"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "apwa.toml").write_text(text)
    file = tmp_path / "main.apwa"
    file.write_text("flow main { }")
    with pytest.raises(ConfigError, match=r"apwa\.toml"):
        check(Source(file.read_text(), file.name, file))


def test_folding_goes_by_single_letters() -> None:
    assert folded_text("ÀSTRASSEß") == "àstrasseß"
    assert folded_set(chars("aAbÉ")) == normal([*chars("ab"), *chars("é")])
    assert in_one_case(between("A", "Z"))
    assert not in_one_case(normal([*between("A", "Z"), *chars("k")]))
    assert not in_one_case(EVERYTHING)
