"""Shell bodies: what a script is given, what becomes of what it prints, and that no value is ever run."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apwa_compiler.plan import Policy, Shell
from apwa_lang.semantics.types import BOOL, INT, STR, Choice, Field, ListOf, Primitive, RecordType
from apwa_runtime.bodies.protocol import Body, Done, Failed
from apwa_runtime.isolation import landlock
from tests.unit.runtime.hosted_bodies import ONCE, effects, made, outcomes, reasons, texts, values

HOSTILE = (
    "plain",
    "two words",
    "it's; rm -rf *",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "$(touch pwned)",
    "`touch pwned`",
    "${HOME} $HOME",
    "a\nb\n",
    "# no comment",
    "*",
    "~",
    "\\",
    "-n",
    "",
    "EOF\ntouch pwned\n",
    "))\ntouch pwned",
    "é—\t𝄞",
)


def shell(folder: Path, script: str, result: Any = STR, **given: Any) -> Body:
    return made(folder, Shell(script), result, **given)


def one(folder: Path, script: str, result: Any = STR, row: dict[str, Any] | None = None, **given: Any) -> Any:
    (found,) = values(outcomes(shell(folder, script, result, **given), [row or {"text": "a"}]))
    return found


@pytest.mark.parametrize(
    "script",
    [
        "printf '<%s>' {{ text }}; ls | wc -l",
        "printf '<%s>' \"{{ text }}\"; ls | wc -l",
        "printf '<%s>' '{{ text }}'; ls | wc -l",
        "printf '<%s>' \"$(printf '%s.' {{ text }})\" | sed '$ s/.>$/>/'; ls | wc -l",
        "# {{ text }}\nprintf '<%s>' {{ text }}; ls | wc -l",
        "f() { printf '<%s>' \"$1\"; }\nf {{ text }}; ls | wc -l",
    ],
    ids=["bare", "double", "single", "substitution", "comment", "function"],
)
def test_a_value_is_one_word_and_never_run(tmp_path: Path, script: str) -> None:
    found = values(outcomes(shell(tmp_path, script), texts(*HOSTILE)))
    assert found == [f"<{text}>0" for text in HOSTILE]


def test_a_here_document_holds_values_as_they_are(tmp_path: Path) -> None:
    script = "cat <<EOF\n<{{ text }}>\nEOF\nls | wc -l"
    assert values(outcomes(shell(tmp_path, script), texts(*HOSTILE))) == [f"<{text}>\n0" for text in HOSTILE]


def test_wherever_a_hole_stands_nothing_is_run(tmp_path: Path) -> None:
    """Where the quotes are mistaken, words may differ, but the value is not part of the script."""
    scripts = (
        'x="$(case a in a) printf "%s" "q {{ text }}";; esac)"; ls | wc -l',
        "x=`printf %s {{ text }}`; ls | wc -l",
        "x=\"`printf %s '{{ text }}'`\"; ls | wc -l",
        "cat <<A <<'B' >&2\n{{ text }}\nA\nx\nB\nls | wc -l",
    )
    for script in scripts:
        found = values(outcomes(shell(tmp_path, script), texts(*HOSTILE)))
        assert found == ["0"] * len(HOSTILE), script


def test_values_by_their_types(tmp_path: Path) -> None:
    row = {
        "number": -3,
        "share": 0.5,
        "sure": True,
        "none": None,
        "words": ["a b", "$c", ""],
        "day": date(2026, 1, 2),
        "record": {"name": "it's"},
    }
    script = (
        "printf '[%s]' {{ number }} {{ share }} {{ sure }} {{ none }} {{ words }} {{ day }} {{ record }}"
        "{% for word in words %} {{ word | upper }}{% endfor %}"
    )
    printed = '[-3][0.5][true][][a b][$c][][2026-01-02][{"name":"it\'s"}][A B][$C][]'
    assert one(tmp_path, script, row=row) == printed


def test_a_nul_character_is_no_part_of_a_word(tmp_path: Path) -> None:
    failed = one(tmp_path, "echo {{ text }}", row={"text": "a\0b"}, policy=Policy(retry=3, backoff=60.0))
    assert failed == Failed('a word of a shell cannot hold a NUL character: "a\\u0000b"', attempts=0)


def test_arithmetic_takes_numbers_only(tmp_path: Path) -> None:
    script = "echo $(( ({{ number }} + 1) * 2 )) {{ text }}"
    assert one(tmp_path, script, row={"number": 3, "text": "a b"}) == "8 a b"
    failed = one(tmp_path, "echo $(( (1 + {{ text }}) ))", row={"text": "a[$(touch pwned)]"})
    assert isinstance(failed, Failed) and failed.reason.startswith("arithmetic takes numbers only")


def test_a_quoted_here_document_takes_no_hole(tmp_path: Path) -> None:
    failed = one(tmp_path, "cat <<'EOF'\n{{ text }}\nEOF\n")
    assert isinstance(failed, Failed) and "leave out the quotes around its name" in failed.reason


@pytest.mark.parametrize(
    ("script", "result", "value"),
    [
        ("echo a; echo; echo", STR, "a\n\n"),
        ("printf a", STR, "a"),
        ("echo 7", INT, 7),
        ("echo true", BOOL, True),
        ("echo low", Choice(("low", "high")), "low"),
        ("echo 2026-01-02", Primitive("date"), date(2026, 1, 2)),
        ("echo '[1, 2]'", ListOf(INT), [1, 2]),
        ('echo \'{"n": "3", "more": 1}\'', RecordType("Made", (Field("n", INT),)), {"n": 3}),
    ],
)
def test_what_is_printed_is_the_result(tmp_path: Path, script: str, result: Any, value: object) -> None:
    assert one(tmp_path, script, result) == value


@pytest.mark.parametrize(
    ("script", "result", "reason"),
    [
        ("echo {", INT, "the script printed what is no int as JSON: "),
        ("echo mid", Choice(("low", "high")), "the script printed what is no "),
        ("printf '\\377'", STR, "the script printed what is no UTF-8 text"),
        ("echo no >&2; echo way >&2; exit 4", STR, "the script ended with exit code 4: no / way"),
        ("false; echo a", STR, "the script ended with exit code 1"),
        ("echo $unset", STR, "the script ended with exit code 2: line: 1: unset: parameter not set"),
        ("\n\nnosuchcommand", STR, "the script ended with exit code 127: line: 3: nosuchcommand: not found"),
        ("kill -9 $$", STR, "the script was killed by SIGKILL"),
    ],
)
def test_what_fails_is_told(tmp_path: Path, script: str, result: Any, reason: str) -> None:
    failed = one(tmp_path, script, result, row={"text": "two\nlines"})
    assert isinstance(failed, Failed) and failed.reason.startswith(reason), failed


def test_a_script_is_tried_again(tmp_path: Path) -> None:
    counter = tmp_path / "tries"
    counter.mkdir()
    script = 'test "$(ls {{ text }} | wc -l)" -ge 2 && echo done'
    failed = one(tmp_path, script, row={"text": str(counter)}, policy=Policy(retry=2, backoff=0.0))
    assert isinstance(failed, Failed) and failed.attempts == 3


def test_files_are_variables(tmp_path: Path) -> None:
    (tmp_path / "it's.cfg").write_text("read\n")
    body = shell(
        tmp_path,
        'cat "$cfg" > "$page"; sh -c \'cat "$page"\'',
        reads=effects(cfg="{{ text }}.cfg"),
        writes=effects(page="out/{{ text }}.md"),
    )
    (outcome,) = outcomes(body, texts("it's"), close=False)
    assert isinstance(outcome, Done) and outcome.value == "read"
    assert outcome.outputs["page"].read_text() == "read\n"
    body.close()


def test_a_file_that_is_not_written_is_told(tmp_path: Path) -> None:
    failed = one(tmp_path, "echo a", writes=effects(page="{{ text }}.md"))
    assert isinstance(failed, Failed) and failed.reason == "the script did not write `page`"


def test_a_late_script_ends_with_all_that_it_started(tmp_path: Path) -> None:
    sleep = f"sleep 600.{os.getpid()}"
    body = shell(tmp_path, f"setsid {sleep} & {sleep} & wait", policy=Policy(retry=0, timeout=1.0))
    assert reasons(outcomes(body, texts("a"))) == {0: "timed out after 1 s"}
    assert _running(sleep) == []


def _running(command: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").replace("\0", " ").strip()
        except OSError:
            continue
        if words == command:
            found.append(path.parent.name)
    return found


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_a_script_writes_in_its_folder_only(tmp_path: Path) -> None:
    failed = one(tmp_path, "echo a > {{ text }}", row={"text": str(tmp_path / "outside")}, policy=ONCE)
    assert isinstance(failed, Failed) and "outside: Permission denied" in failed.reason
    assert not (tmp_path / "outside").exists()
