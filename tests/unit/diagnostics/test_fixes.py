"""Applying fixes to text and files."""

from __future__ import annotations

from pathlib import Path

import pytest
from findings import finding, replacing, span

from apwa_lang.diagnostics.fixes import apply_fixes, replace_file
from apwa_lang.diagnostics.model import Edit, Fix
from apwa_lang.syntax.source import Source, Span

SOURCE = Source("one two three", "m.apwa")


def test_fixes_of_one_text_are_applied_together() -> None:
    found = [finding(SOURCE, word, fix=replacing(SOURCE, word, word.upper())) for word in ("three", "one")]
    assert apply_fixes(SOURCE, found) == ("ONE two THREE", 2)


def test_unsafe_fixes_are_left_alone() -> None:
    assert apply_fixes(SOURCE, [finding(SOURCE, "two", fix=replacing(SOURCE, "two", "2", safe=False))]) == (
        SOURCE.text,
        0,
    )


def test_of_two_fixes_that_meet_the_first_is_taken() -> None:
    found = [
        finding(SOURCE, "one two", fix=replacing(SOURCE, "one two", "1 2")),
        finding(SOURCE, "two three", fix=replacing(SOURCE, "two three", "2 3")),
    ]
    assert apply_fixes(SOURCE, found) == ("1 2 three", 1)


def test_a_fix_is_taken_whole_or_not_at_all() -> None:
    both = Fix("both", (Edit(span(SOURCE, "one"), "1"), Edit(span(SOURCE, "two three"), "2 3")))
    found = [finding(SOURCE, "one", fix=replacing(SOURCE, "two", "2")), finding(SOURCE, "two", fix=both)]
    assert apply_fixes(SOURCE, found) == ("one 2 three", 1)


def test_two_insertions_at_one_place_do_not_mix() -> None:
    fixes = [Fix("insert", (Edit(Span(SOURCE, 3, 3), text),)) for text in ("!", "?")]
    assert apply_fixes(SOURCE, [finding(SOURCE, "one", fix=fix) for fix in fixes]) == ("one! two three", 1)


def test_a_fix_in_another_file_is_not_applied() -> None:
    other = Source("one", "other.apwa")
    assert apply_fixes(SOURCE, [finding(SOURCE, "one", fix=replacing(other, "one", "1"))]) == (SOURCE.text, 0)


def test_a_file_keeps_its_mode_its_mark_and_its_links(tmp_path: Path) -> None:
    file, link = tmp_path / "a.apwa", tmp_path / "link.apwa"
    file.write_bytes(b"\xef\xbb\xbfold\r\n")
    file.chmod(0o640)
    link.symlink_to(file)
    replace_file(link, "new\r\n")
    assert link.is_symlink()
    assert file.read_bytes() == b"\xef\xbb\xbfnew\r\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.apwa", "link.apwa"]


def test_a_failed_write_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.apwa"
    file.write_text("old")

    def refuse(self: Path, target: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        replace_file(file, "new")
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["a.apwa"]
