"""Plans for tests, written by hand: the program of the language's first page, and small ones."""

from __future__ import annotations

from apwa_compiler.plan import (
    Contract,
    LiteralSource,
    Map,
    Model,
    Operation,
    Parameter,
    Plan,
    Policy,
    Prompt,
    Python,
    Rate,
    ReadSource,
    Return,
    Save,
    Scan,
    Secret,
    Split,
    Step,
    Task,
    TaskReduce,
    Where,
)
from apwa_lang.semantics.core import Apply, Const, Core, GetField, Var
from apwa_lang.semantics.types import DATETIME, INT, STR, Choice, Field, ListOf, Optional, RecordType

NOTE = RecordType(
    "Note",
    (
        Field("id", STR, key=True, pattern="[A-Z0-9]{8}"),
        Field("ward", STR),
        Field("text", STR, description="The free text, as dictated."),
        Field("taken", Optional(DATETIME)),
    ),
)
SPAN = RecordType("Span", (Field("kind", Choice(("name", "email", "phone"))), Field("value", STR)))
REDACTION = RecordType("Redaction", (Field("text", STR), Field("found", ListOf(SPAN))))
DIGEST = RecordType("Digest", (Field("summary", STR),))
CLEAN = RecordType("<clean>", (*REDACTION.fields, Field("id", STR, key=True), Field("ward", STR)))
WARD = RecordType("<per_ward>", (Field("ward", STR), Field("rows", ListOf(NOTE))))

PER_NOTE = Split("row", (), NOTE, ("id",))


def wards() -> Plan:
    """The flow `main` of the language's first page."""
    return Plan(
        program="notes.apwa",
        flow="main",
        base="/project",
        parameters=(Parameter("style", Choice(("short", "full")), "short"),),
        models=(
            Model(
                "small",
                "openai",
                None,
                (
                    ("name", "smollm2"),
                    ("base_url", Secret("LLM_URL", False)),
                    ("api_key", Secret("LLM_KEY", True)),
                    ("rate", Rate(600, 60.0)),
                    ("price", {"input": 0.15, "output": 0.6}),
                ),
            ),
        ),
        tasks=(
            Task(
                "redact",
                (("note", NOTE),),
                REDACTION,
                Prompt('Replace "personal" data by its kind.\nNote: {{ note.text }}\n', ("small",)),
                Policy(retry=3, timeout=30.0, on_error="quarantine"),
                ensures=(
                    Contract(
                        Apply("not", (Apply("in", (Const("@", STR), GetField(Var("result"), "text"))),)),
                        '"@" not in result.text',
                    ),
                ),
            ),
            Task(
                "digest",
                (("ward", STR), ("notes", ListOf(NOTE))),
                DIGEST,
                Prompt("Summarise in {{ style }} form: {% for n in notes %}- {{ n.text }}{% endfor %}", ("small",)),
            ),
            Task("merge", (("parts", ListOf(DIGEST)),), DIGEST, Prompt("Merge: {{ parts | json }}", ("small",))),
        ),
        steps=(
            Step("notes", Scan(ReadSource("/project/data/notes.jsonl", "jsonl")), (), NOTE),
            Step(
                "clean",
                Map("redact", PER_NOTE, (("note", Var("@")),), (("id", Var("id")), ("ward", Var("ward")))),
                ("notes",),
                CLEAN,
            ),
            Step(
                "digests",
                Map(
                    "digest",
                    Split("group", (("fields", ["ward"]),), WARD, ("ward",)),
                    (("ward", Var("ward")), ("notes", Var("rows"))),
                ),
                ("notes",),
                DIGEST,
            ),
            Step("week", TaskReduce("tree", "merge", 8), ("digests",), DIGEST),
            Step("save_clean", Save("/project/out/clean.parquet", "parquet"), ("clean",), None),
            Step("save_week", Save("/project/out/week.jsonl", "jsonl"), ("week",), None, after=("clean",)),
        ),
    )


COUNT = RecordType("Count", (Field("id", STR, key=True), Field("words", INT)))


def small(*steps: Step, tasks: tuple[Task, ...] = (), parameters: tuple[Parameter, ...] = ()) -> Plan:
    """A plan over a literal table ``counts`` and these steps."""
    counts = Step("counts", Scan(LiteralSource((("a", 3), ("b", 5)))), (), COUNT)
    return Plan("small.apwa", "main", "/project", parameters, (), tasks, (counts, *steps))


def step(name: str, operation: Operation, *inputs: str, after: tuple[str, ...] = ()) -> Step:
    """A step with rows of ``Count``."""
    return Step(name, operation, inputs, None if isinstance(operation, Save) else COUNT, after)


def more_than(words: int) -> Where:
    """``where words > …``."""
    return Where(Apply(">", (Var("words"), Const(words, INT))))


def save(table: str) -> Step:
    """A step that saves ``table``."""
    return step(f"save_{table}", Save(f"/project/out/{table}.jsonl", "jsonl"), table)


def task(name: str, body: Core | str, **settings: object) -> Task:
    """A task from a count to a count: a `return` body, or `python` for a target."""
    lowered = Python(body, "/project") if isinstance(body, str) else Return(body)
    return Task(name, (("count", COUNT),), COUNT, lowered, **settings)  # type: ignore[arg-type]


def mapped(name: str, over: str) -> Map:
    """``map name over`` the rows of a table."""
    return Map(name, Split("row", (), COUNT, ("id",)), (("count", Var("@")),))
