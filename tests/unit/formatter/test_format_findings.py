"""What `apwa check` says of a program is the same before and after, comments that silence it included."""

from __future__ import annotations

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.registry import Code, all_codes
from apwa_lang.formatter.format import FormatError, format_source
from apwa_lang.syntax.source import Source

# Each has a warning in the middle, for its key.
ONE = 'model one { provider: "openai"  name: "a"  api_key: "sk-1" }'
TWO = 'model two { provider: "openai"  name: "b"  api_key: "sk-2" }'


def findings(text: str) -> list[tuple[str, str]]:
    return [(finding.code, finding.message) for finding in check(Source(text, "a.apwa")).diagnostics]


@pytest.mark.parametrize("code", [code for code in all_codes() if code.bad], ids=lambda code: code.id)
def test_the_examples_of_diagnostics(code: Code) -> None:
    for text in (code.bad, code.good):
        try:
            after = format_source(Source(text))
        except FormatError:
            assert any(code < "APWA100" for code, _ in findings(text))
        else:
            assert findings(after) == findings(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("{one}\n{two}\n", 2, id="none is silenced"),
        pytest.param("{one} # {ignore} so\n{two}\n", 1, id="those of the comment's line"),
        pytest.param("# {ignore}\n{one}\n{two}\n", 1, id="those of the next line"),
        pytest.param("# {ignore}\n# more\n{one}\n{two}\n", 1, id="those of the line below all comments"),
        pytest.param("# {ignore}\n\n{one}\n{two}\n", 3, id="those of an empty line"),
        pytest.param("{one} {two} # {ignore}\n", 0, id="two on one line"),
        pytest.param("# {ignore}\n{one} {two}\n", 0, id="two on the next line"),
        pytest.param(
            'model one {\n  provider: "openai" # {ignore}\n  api_key: "sk-1" }\n', 2, id="those of another setting"
        ),
        pytest.param(
            'model one {\n provider: "openai", api_key: "sk-1" # {ignore}\n, name: "a" }\n', 0, id="those of a setting"
        ),
        pytest.param(
            'model one {\n provider: "openai" api_key:\n# {ignore}\n"sk-1" name: "a" }\n', 0, id="those of a value"
        ),
        pytest.param(
            'model one { provider: "openai" api_key: # {ignore}\n"sk-1" }\n', 2, id="those of a name before its value"
        ),
    ],
)
def test_what_is_silenced(text: str, left: int) -> None:
    program = text.replace("{ignore}", "apwa: ignore[APWA422]").replace("{one}", ONE).replace("{two}", TWO)
    assert len(findings(program)) == left
    for width in (40, 120):
        assert findings(format_source(Source(program), line_length=width)) == findings(program)


def test_a_line_that_is_spoken_of_stays_one_however_long() -> None:
    text = f"{ONE} # apwa: ignore[APWA422]\n"
    assert format_source(Source(text), line_length=40) == text
    assert format_source(Source(ONE), line_length=40).count("\n") > 3
