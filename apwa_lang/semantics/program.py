"""The typed program: what a program means once every name is resolved and every type known.

In: syntax trees of a file and its imports. Out: frozen values that the prover and the compiler read. Names of imported
declarations are dotted (``pii.Note``). Every value keeps the span of its declaration for diagnostics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from apwa_lang.semantics.core import Core
from apwa_lang.semantics.types import RecordType, Type
from apwa_lang.syntax.source import Source, Span


@dataclass(frozen=True, slots=True)
class Literal:
    """Fixed text of a template."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Filter:
    """A Jinja2 filter with constant arguments, in JSON-able form."""

    name: str
    arguments: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Hole:
    """``{{ value | filter }}``: ``value`` before filters, its ``type``, the filters in order.

    ``value`` is None when the expression has no counterpart outside templates.
    """

    value: Core | None
    type: Type
    filters: tuple[Filter, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Shown:
    """A hole of a prompt that shows a file: an ``image``, an ``audio`` or a ``file``. ``text`` says so by a filter."""

    kind: str
    hole: Hole
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A checked Jinja2 template. ``segments`` is None when it has statements (``{% … %}``), as prompts may.

    ``shows`` are the files that a prompt has in it.
    """

    text: str
    names: frozenset[str]
    segments: tuple[Literal | Hole, ...] | None
    span: Span
    shows: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """``env("NAME")`` or, with ``secret``, ``secret("NAME")``: read where it is used, never stored."""

    name: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Param:
    """``default`` is None for a parameter that must be given."""

    name: str
    type: Type
    default: Core | None
    span: Span


@dataclass(frozen=True, slots=True)
class ReadSource:
    """Path or glob, relative to ``base`` (the folder of the file that says it), with its format and options."""

    path: str
    format: str
    options: tuple[tuple[str, object], ...]
    base: Path
    span: Span


@dataclass(frozen=True, slots=True)
class FilesSource:
    """One row per file matching ``pattern``, relative to ``base``."""

    pattern: str
    base: Path
    span: Span


@dataclass(frozen=True, slots=True)
class SqlSource:
    """A query over other tables."""

    query: str
    tables: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class LiteralSource:
    """Rows written in the program: constants in JSON-able form, in the record's field order."""

    rows: tuple[tuple[object, ...], ...]
    span: Span


TableSource = ReadSource | FilesSource | SqlSource | LiteralSource


@dataclass(frozen=True, slots=True)
class Table:
    """An immutable data table."""

    name: str
    record: RecordType
    source: TableSource
    span: Span


def short_name(name: str) -> str:
    """A declaration's name as its own file writes it."""
    return name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Model:
    """An endpoint or a local model. ``settings`` holds the checked settings by name, except ``provider``.

    A value is a JSON-able constant, a timedelta, a :class:`Rate` or an :class:`Environment`.
    """

    name: str
    provider: str
    factory: str | None
    settings: tuple[tuple[str, object], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` requests in each ``period``."""

    count: int
    period: timedelta


@dataclass(frozen=True, slots=True)
class PromptBody:
    """Ask ``models`` in turn (the first that answers) with the rendered ``template``."""

    template: Template
    models: tuple[str, ...]
    system: Template | None = None


@dataclass(frozen=True, slots=True)
class PythonBody:
    """``module:function`` called with the task's arguments by name."""

    target: str
    base: Path
    span: Span


@dataclass(frozen=True, slots=True)
class TorchBody:
    """``module:Class`` with ``load`` and ``__call__`` on a batch."""

    target: str
    base: Path
    span: Span


@dataclass(frozen=True, slots=True)
class ShellBody:
    """A shell script in the sub-problem's own folder."""

    template: Template


@dataclass(frozen=True, slots=True)
class ReturnBody:
    """The value of an expression."""

    value: Core


Body = PromptBody | PythonBody | TorchBody | ShellBody | ReturnBody


@dataclass(frozen=True, slots=True)
class Effect:
    """What a task may touch.

    ``kind`` is ``read``, ``write``, ``reduce`` (a commuting update by ``operation``), ``network`` or ``secret``;
    ``tree`` when the path ends in ``/**``; ``label`` the name a python, torch or shell body knows it by. ``shown`` when
    no setting says so, but a prompt shows the file: its target then renders the whole path, or those of several files.
    """

    kind: str
    target: Template
    tree: bool
    span: Span
    label: str | None = None
    operation: str | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of ``route``."""

    target: str
    condition: Core | None


@dataclass(frozen=True, slots=True)
class Contract:
    """``require`` or ``ensure`` with its own text, quoted when it fails."""

    condition: Core
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Policy:
    """What happens when a sub-task fails or costs too much. Times in seconds."""

    retry: int = 2
    backoff: float = 0.5
    timeout: float | None = None
    on_error: str = "fail"
    budget_tokens: int | None = None
    budget_dollars: float | None = None
    cache: bool | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of work on one sub-problem: its body and its contract.

    What its model may call are the ``tools``, and ``agents``, which are tasks.
    """

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Body
    effects: tuple[Effect, ...]
    policy: Policy
    span: Span
    requires: tuple[Contract, ...] = ()
    ensures: tuple[Contract, ...] = ()
    tools: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    max_steps: int | None = None
    resources: tuple[tuple[str, Core], ...] = ()
    route: tuple[Arm, ...] = ()
    batch: int | None = None
    idempotent: bool = False
    trust: str | None = None
    description: str = ""


WORKING = ("python", "shell")
"""The built-in tools that work in the folder of their sub-problem, where they find the files that its task reads."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """A tool that comes with the language.

    ``kind`` names it; ``tables`` are those that it may read, ``places`` the hosts and URLs that it may ask, and
    ``rows`` how many rows it tells of.
    """

    kind: str
    tables: tuple[str, ...]
    places: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Server:
    """An MCP server: ``address`` is its URL, or a command that is run in the folder ``base``.

    ``only`` are the tools that are wanted of it, all where it is empty. ``headers`` and ``api_key`` are sent to a URL.
    Sub-problems have a session each, or with ``shared`` all of a worker have one. ``trust`` is the author's reason.
    """

    address: str
    base: Path
    only: tuple[str, ...] = ()
    headers: tuple[tuple[str, object], ...] = ()
    api_key: object = None
    timeout: float | None = None
    shared: bool = False
    trust: str | None = None

    @property
    def is_remote(self) -> bool:
        """Whether it runs elsewhere, at a URL."""
        return is_url(self.address)


def is_url(address: str) -> bool:
    """Whether the address of a server is a URL, not a command."""
    return address.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Tool:
    """A capability that an agent task may be given: a function, all tools of a ``server``, or a built-in one."""

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    target: str | None
    effects: tuple[Effect, ...]
    span: Span
    description: str = ""
    builtin: Builtin | None = None
    server: Server | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """How a table falls apart.

    ``subproblem`` is the record a task sees; ``identity`` the names of its fields (dotted for ``row.id``) that tell two
    sub-problems apart, empty when only the ordinal does; ``partitions`` whether each row is in exactly one of them.
    ``arguments`` are the rule's, by name, JSON-able. ``function`` is that of a split by ``python``.
    """

    name: str
    table: str
    rule: str
    arguments: tuple[tuple[str, object], ...]
    subproblem: RecordType
    identity: tuple[str, ...]
    partitions: bool
    span: Span
    function: PythonBody | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """One call of ``task`` for each sub-problem of ``split``; ``arguments`` by the task's parameter names.

    Arguments are expressions over the sub-problem's fields, or ``Var("@")`` for the sub-problem itself.
    """

    task: str
    split: str
    arguments: tuple[tuple[str, Core], ...]
    keep: tuple[tuple[str, Core], ...]


@dataclass(frozen=True, slots=True)
class Reduce:
    """``strategy``: ``tree`` (``arity`` parts a call), ``fold``, or an aggregate, over ``field`` unless a ``count``."""

    table: str
    strategy: str
    task: str | None
    field: str | None
    arity: int | None
    group: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Where:
    """Rows for which ``condition`` over the table's fields holds."""

    table: str
    condition: Core


@dataclass(frozen=True, slots=True)
class Select:
    """New rows from expressions over the table's fields."""

    table: str
    fields: tuple[tuple[str, Core], ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Inner join on equal fields."""

    left: str
    right: str
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """Stable ascending sort, nulls last."""

    table: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """The first ``count`` rows."""

    table: str
    count: Core


@dataclass(frozen=True, slots=True)
class UnionAll:
    """The rows of each table in turn."""

    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallOnce:
    """One call of ``task``; arguments by parameter name, tables as ``Var`` of their flow name."""

    task: str
    arguments: tuple[tuple[str, Core], ...]


@dataclass(frozen=True, slots=True)
class Save:
    """Write a table to ``path``, whose format is that of its suffix; a path that ends in ``/`` takes parts."""

    table: str
    path: Template
    format: str


@dataclass(frozen=True, slots=True)
class Scan:
    """Read a table of the program. No statement says so: the prover puts it before the steps that use the table."""

    table: str


@dataclass(frozen=True, slots=True)
class Guard:
    """A branch this step stands in: it runs when ``condition`` over parameters equals ``expected``.

    Two steps whose guards share a condition (same ``id``) and differ in ``expected`` exclude each other.
    """

    id: str
    condition: Core
    expected: bool


@dataclass(frozen=True, slots=True)
class Until:
    """Whether a ``repeat`` ends with the round before: ``condition`` over parameters, and tables as ``Var``."""

    condition: Core


@dataclass(frozen=True, slots=True)
class Last:
    """The rows of one of ``tables``, one for each round of a ``repeat``: that of the last round that ran."""

    tables: tuple[str, ...]


Operation = Map | Reduce | Where | Select | Join | Sort | Limit | UnionAll | CallOnce | Save | Scan | Until | Last


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a flow.

    ``name`` is unique in the flow and is how other steps name its result; ``record`` its row type (None for ``save``);
    ``depends`` the names of the steps whose data it needs, ``after`` those it merely waits for. ``unless`` names the
    :class:`Until` that leaves it out where it holds: each round of a ``repeat`` has steps of its own. ``extent`` is the
    whole statement, None where a step has none of its own.
    """

    name: str
    operation: Operation
    record: RecordType | None
    depends: tuple[str, ...]
    after: tuple[str, ...]
    guards: tuple[Guard, ...]
    span: Span
    unless: str | None = None
    extent: Span | None = None


def as_written(step: str) -> str:
    """The name of a step, a table or a split as its flow writes it, without the number of a namesake or a round."""
    return step.partition("@")[0].partition("~")[0]


@dataclass(frozen=True, slots=True)
class Flow:
    """A data flow. ``splits`` are those the flow uses, its own and the program's, by name."""

    name: str
    steps: tuple[Step, ...]
    splits: tuple[Split, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class MockValue:
    """``mock model = value`` in a test."""

    model: str
    value: Core


@dataclass(frozen=True, slots=True)
class TestCall:
    """``name = expr`` in a test: a task call (``task`` set, arguments by name) or a plain expression."""

    name: str
    task: str | None
    arguments: tuple[tuple[str, Core], ...]
    value: Core | None
    span: Span


@dataclass(frozen=True, slots=True)
class Fixture:
    """``name: type = read "path"`` in a test; ``path`` is found from ``base``."""

    name: str
    type: Type
    path: str
    base: Path
    span: Span


@dataclass(frozen=True, slots=True)
class Expectation:
    """``expect condition`` with its text."""

    condition: Core
    text: str
    span: Span


TestStatement = MockValue | TestCall | Fixture | Expectation


@dataclass(frozen=True, slots=True)
class TestCase:
    """A check run by ``apwa test``."""

    name: str
    statements: tuple[TestStatement, ...]
    span: Span


@dataclass(frozen=True)
class Program:
    """A whole program: the declarations of a file and of what it imports, by (dotted) name."""

    source: Source
    params: dict[str, Param] = field(default_factory=dict)
    records: dict[str, RecordType] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    models: dict[str, Model] = field(default_factory=dict)
    tools: dict[str, Tool] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    tests: tuple[TestCase, ...] = ()
    sources: tuple[Source, ...] = ()
