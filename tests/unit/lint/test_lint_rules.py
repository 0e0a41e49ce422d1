"""Rules of the lint: their fixes mend, they are silent about what is right, and broken programs do not break them."""

from __future__ import annotations

from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.config import config_of
from apwa_lang.diagnostics.fixes import apply_fixes, mend
from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.diagnostics.registry import Code, all_codes, find
from apwa_lang.diagnostics.render.text import render
from apwa_lang.lint.rule import all_rules
from apwa_lang.lint.selection import Selection, is_lint
from apwa_lang.syntax.source import Source

ROOT = Path(__file__).parents[3]
EXAMPLES = [*sorted((ROOT / "examples").rglob("[!.]*.apwa")), ROOT / "apwa_lang/cli/templates/main.apwa"]
RULES = [code for code in all_codes() if is_lint(code.id)]
EVERYTHING = Selection(select=("all",))


def lint(program: str | Source, *codes: str) -> tuple[Diagnostic, ...]:
    """What the rules of these codes find in a program that is otherwise without errors."""
    source = Source(program, "main.apwa") if isinstance(program, str) else program
    found = check(source, lint=Selection(select=codes)).diagnostics
    assert not [one for one in found if one.severity is Severity.ERROR], render(found)
    return found


def test_every_lint_code_is_that_of_a_rule() -> None:
    assert {rule.code.id for rule in all_rules()} == {code.id for code in RULES}
    assert len(RULES) >= 30


@pytest.mark.parametrize("code", RULES, ids=lambda code: code.id)
def test_a_rule_is_a_warning_or_a_note(code: Code) -> None:
    assert code.severity in (Severity.WARNING, Severity.NOTE)


FIXABLE = [code for code in RULES if code.bad and any(one.fix for one in lint(code.bad, code.id))]


def test_many_rules_offer_a_fix() -> None:
    assert len(FIXABLE) >= 20


@pytest.mark.parametrize("code", FIXABLE, ids=lambda code: code.id)
def test_fixes_mend(code: Code) -> None:
    source = Source(code.bad, "main.apwa")
    found = lint(source, code.id)
    text, count = apply_fixes(source, found, unsafe=True)
    assert count == len([one for one in found if one.fix is not None])
    assert lint(text, code.id) == (), text


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_examples_are_clean(file: Path) -> None:
    found = check(Source(file.read_text(), file.name, file), lint=config_of(file).lint).diagnostics
    assert found == (), render(found)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_a_program_that_breaks_off_breaks_no_rule(file: Path) -> None:
    text = file.read_text()
    for end in range(0, len(text), 97):
        check(Source(text[:end], file.name, file), lint=EVERYTHING)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_a_program_without_a_word_breaks_no_rule(file: Path) -> None:
    text = file.read_text()
    words = text.split(" ")
    for gone in range(0, len(words), 13):
        check(Source(" ".join(words[:gone] + words[gone + 1 :]), file.name, file), lint=EVERYTHING)


LIBRARY = """
record Note { id: str @key, text: str }
param style: str = "short"
task shout(note: Note) -> str { return: upper(note.text) }
"""


def test_in_a_library_nothing_is_unused() -> None:
    assert lint(LIBRARY, "APWA50") == ()


def test_a_file_is_linted_where_it_is_checked_itself(tmp_path: Path) -> None:
    (tmp_path / "lib.apwa").write_text(LIBRARY + "task odd(a: int) -> int { return: 1 }\n")
    main = tmp_path / "main.apwa"
    program = 'import "lib.apwa" as lib\ntable n: lib.Note = read "n.jsonl"\nflow main { save n to "o.jsonl" }\n'
    assert check(Source(program, "main.apwa", main), lint=EVERYTHING).diagnostics == ()
    main.write_text('import "lib.apwa" as lib\n')
    found = check(Source(main.read_text(), "main.apwa", main), lint=EVERYTHING).diagnostics
    assert [one.code for one in found] == ["APWA500"]
    assert mend(found[0].primary.span.source, lambda _: found)[0].text == ""


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('record Note { id str }\ntest "t" { got = 1 }\n', "APWA001"),
        ('record Note { id: str }\nflow main { x = map nothing over nowhere }\ntest "t" { got = 1 }\n', "APWA102"),
    ],
)
def test_nothing_is_linted_in_a_program_with_errors(text: str, error: str) -> None:
    found = {one.code for one in check(Source(text), lint=EVERYTHING).diagnostics}
    assert error in found
    assert not [code for code in found if "APWA500" <= code < "APWA690"]


def test_nothing_is_linted_unless_it_is_asked_for() -> None:
    bad = find("APWA610")
    assert bad is not None
    assert check(Source(bad.bad)).diagnostics == ()


TWICE = """
task f(a: int) -> int { return: 1 }  # apwa: ignore[APWA509] on purpose
"""


def test_an_ignore_comment_silences_a_rule() -> None:
    assert lint(TWICE, "APWA509") == ()


def test_an_ignore_comment_of_a_rule_that_is_not_looked_for_is_not_useless() -> None:
    assert lint(TWICE.replace("return: 1", "return: a"), "APWA610") == ()
    assert [one.code for one in lint(TWICE.replace("return: 1", "return: a"), "APWA509")] == ["APWA690"]
    assert check(Source(TWICE)).diagnostics == ()


BOOK = """
record Chapter { chapter: int @key, text: str, phone: str @secret }
record Digest { summary: str, score: int @range(0, 10) }
table book: Chapter = read "book.jsonl"
model local { provider: "local" }
model near { provider: "openai", name: "m", base_url: "http://localhost:8000/v1", api_key: secret("KEY") }
model inside { provider: "openai", name: "m", base_url: "http://gpu-box:8000/v1", api_key: secret("KEY") }
split passages = book by tokens(text, 1500, 100)
task digest(text: str) -> Digest { return: { summary: text, score: 3 } }
"""


@pytest.mark.parametrize(
    ("codes", "program"),
    [
        pytest.param("APWA534", "", id="a key goes to a private network"),
        pytest.param(
            "APWA540",
            'task who(c: Chapter) -> str { model: near  prompt: "Who calls {{ c.phone }}?" }',
            id="a secret stays on this machine",
        ),
        pytest.param(
            "APWA602",
            """flow main {
              digests = map digest(text) over passages keep chapter
              sums = reduce score over digests by sum group chapter
              high = sums where score > 50
              tenfold = digests select { score: score * 10 }
              more = tenfold where score > 50
            }""",
            id="a sum leaves the range of what is summed",
        ),
        pytest.param(
            "APWA555",
            """record Part { summary: str, chapter: int }
            task size(rows: list[Part]) -> int { return: len(rows) }
            flow main {
              digests = map digest(text) over passages keep chapter
              split groups = digests by group(chapter)
              sizes = map size(rows) over groups
            }""",
            id="what was a key is in many pieces",
        ),
        pytest.param(
            "APWA550",
            """flow main {
              digests = map digest(text) over passages keep chapter
              pieces = reduce over digests by count
            }""",
            id="overlapping pieces are counted",
        ),
        pytest.param(
            "APWA563",
            """task look(text: str) -> str { python: "looks:look"  reads: { now: "state.json" } }
            flow main {
              before = map look(text) over passages
              after_it = map look(text) over passages after before
            }""",
            id="files may have changed in between",
        ),
        pytest.param(
            "APWA508",
            """task tell(text: str) -> bool { python: "tells:tell"  network: "example.org" }
            flow main { told = map tell(text) over passages }""",
            id="a step that acts on the world",
        ),
        pytest.param(
            "APWA508",
            """flow main {
              shorter = book where len(text) < 900
              repeat max 3 until (len(shorter) < 5) { shorter = shorter where len(text) < 90 }
              save shorter to "out/shorter.jsonl"
            }""",
            id="the next round uses it",
        ),
        pytest.param(
            "APWA570",
            """task cut(text: str) -> str { shell: "cut -d date -f 1 {{ text }}"  cache: on }""",
            id="a word that is a command elsewhere",
        ),
    ],
)
def test_what_only_looks_like_a_mistake(codes: str, program: str) -> None:
    assert lint(BOOK + program, codes) == ()


def test_what_is_unused_is_told_beside_what_is_refuted() -> None:
    text = """
    record Note { id: str @key }
    record Draft { id: str }
    table notes: Note = read "notes.jsonl"
    split each = notes by row
    task put(note: Note) -> str { return: note.id  writes: "out/all.json" }
    flow main { put_all = map put over each }
    """
    found = {one.code for one in check(Source(text), lint=EVERYTHING).diagnostics}
    assert {"APWA301", "APWA501"} <= found


def test_a_function_that_is_not_there_is_no_constant() -> None:
    found = check(Source('test "t" { expect nothing() == 2 }'), lint=EVERYTHING).diagnostics
    assert [one.code for one in found] == ["APWA203"]


PAID = 'model server { provider: "anthropic"  name: "m"  api_key: secret("KEY") }\n'


@pytest.mark.parametrize(
    ("codes", "before", "after"),
    [
        (
            "APWA531",
            'task t() -> str {\n  model: server\n  prompt: "Hm"  # a question\n}\n',
            'task t() -> str {\n  model: server\n  prompt: "Hm"  # a question\n  timeout: 2m\n}\n',
        ),
        (
            "APWA531",
            'task t() -> str { model: server, prompt: "Hm" }\n',
            'task t() -> str { model: server, prompt: "Hm"  timeout: 2m }\n',
        ),
        (
            "APWA532",
            'task t() -> str { prompt: "Hm", retry: 0, model: server }  # once\n',
            'task t() -> str { prompt: "Hm", model: server }  # once\n',
        ),
        (
            "APWA532",
            'task t() -> str {\n  retry: 0  # once\n  prompt: "Hm"\n  model: server }\n',
            'task t() -> str {\n  # once\n  prompt: "Hm"\n  model: server }\n',
        ),
        (
            "APWA532",
            'task t() -> str { prompt: "Hm"  model: server  retry: 0 }\n',
            'task t() -> str { prompt: "Hm"  model: server }\n',
        ),
        (
            "APWA592",
            'record N { id: str @key }\ntable n: N = [\n  { id: "a" }, # first\n  { id: "a" },\n]',
            'record N { id: str @key }\ntable n: N = [\n  { id: "a" }, # first\n]',
        ),
        ("APWA590", "record N { id: str? = null }", "record N { id: str? }"),
    ],
)
def test_fixes_leave_the_layout_and_every_comment(codes: str, before: str, after: str) -> None:
    source = Source(PAID + before, "main.apwa")
    text, count = apply_fixes(source, lint(source, codes), unsafe=True)
    assert (text, count) == (PAID + after, 1)
    assert lint(text, codes) == ()


AGENT = """
model server { provider: "openai"  name: "m"  api_key: secret("KEY") }
model other { provider: "local" }
task shorten(text: str) -> str { model: other  prompt: "Shorten: {{ text }}" }
task paid(text: str) -> str { model: server  prompt: "Translate: {{ text }}" }
task answer(question: str) -> str {
  model: server
  prompt: "{{ question }}"
  tools: [shorten, paid]
  budget: { tokens: 1_000 }
}
test "answers" { mock server = "yes"  mock other = "no"  got = answer("?")  expect got == "yes" }
"""


def test_what_an_agent_calls_counts_as_its_own() -> None:
    assert lint(AGENT, "APWA530", "APWA611") == ()
    assert [one.code for one in lint(AGENT.replace("tools: [shorten, paid]", ""), "APWA530", "APWA611")] == [
        "APWA530",
        "APWA611",
    ]
    assert [one.code for one in lint(AGENT.replace("budget: {", "max_steps: 1 budget: {"), "APWA535")] == ["APWA535"]
