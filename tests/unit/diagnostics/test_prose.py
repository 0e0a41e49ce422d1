"""Explanations are wrapped anew, whatever the width of the file they stand in."""

from __future__ import annotations

from apwa_lang.diagnostics.render.prose import unwrapped, wrapped

TEXT = "One two\nthree.\n\nFour:\n\n- five\n  six\n- seven\n\n    code\n    more"


def test_paragraphs_are_unwrapped_and_the_rest_is_kept() -> None:
    assert unwrapped(TEXT) == "One two three.\n\nFour:\n\n- five\n  six\n- seven\n\n    code\n    more"


def test_paragraphs_are_wrapped_to_a_width() -> None:
    assert wrapped(TEXT, 8).startswith("One two\nthree.\n\nFour:\n\n- five\n  six\n- seven")
