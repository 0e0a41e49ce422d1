"""Which program an answer holds."""

from __future__ import annotations

import pytest

from apwa_runtime.manager.draft.answers import NotClean, code_in

LONG = 'flow main { save a to "out/a.csv" }'


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("```apwa\nflow a {}\n```", "flow a {}"),
        ("Sure!\n```\nflow a {}\n```\nRun it.", "flow a {}"),
        ("```apwa\r\nflow a {}\r\n}\r\n```\r\n", "flow a {}\n}"),
        (f"```apwa\nflow a {{}}\n```\nor\n```apwa\n{LONG}\n```", LONG),
        (f"```apwa\nflow a {{}}\n```\nthen\n```sh\n{LONG}\n```", "flow a {}"),
        (f"<think>\n```apwa\n{LONG}\n```\n</think>\n```apwa\nflow a {{}}\n```", "flow a {}"),
        ("```apwa\nflow a {}\n```\n```apwa\nflow open {", "flow a {}"),
        ("```python\nflow a {}\n```", "flow a {}"),
        ('```apwa\nparam p: str = "```"\n```', 'param p: str = "```"'),
    ],
)
def test_the_code_block_is_taken(answer: str, code: str) -> None:
    assert code_in(answer) == code


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "it holds no program"),
        ("flow main {}", "it holds no program"),
        ("```apwa\nflow main {}", "it holds no program"),
        ("```apwa\n \n```", "it holds no program"),
        (f"```apwa\n{'x' * 20_001}\n```", "has 20,001 characters, and may have 20,000"),
        ("```apwa\n# \u202eevil\n```", r"holds U\+202E, which is not seen: write \\u\{202e\}"),
        ("```apwa\n# \x1b[2J\n```", r"holds U\+001B"),
    ],
)
def test_what_is_no_program_is_told(answer: str, why: str) -> None:
    with pytest.raises(NotClean, match=why):
        code_in(answer)
