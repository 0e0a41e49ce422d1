"""The plan: a data flow without syntax, spans or clusters, ready to be lowered to Dask.

In: one flow of a typed program with its parameters bound (``build.py``). Out: what passes rewrite, ``compile`` writes,
``plan`` and ``graph`` show, and the runtime executes. All values are frozen and survive a round trip through JSON
(``plan_json.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from apwa_lang.semantics.core import Const, Core
from apwa_lang.semantics.program import is_url
from apwa_lang.semantics.types import RecordType, Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A program parameter and its value, JSON-able by its type."""

    name: str
    type: Type
    value: object


@dataclass(frozen=True, slots=True)
class Secret:
    """A value read from the environment where it is used; ``hidden`` for ``secret("NAME")``."""

    name: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` requests or tokens in each ``seconds``."""

    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Model:
    """A model endpoint. ``settings`` are JSON-able, a :class:`Secret` or a :class:`Rate`; durations in seconds.

    ``factory`` is the ``module:function`` of one that the user's own code asks, importable with ``base`` on the path;
    ``sources`` as in :class:`Python`.

    ``rate`` is a :class:`Rate` of requests, or one for each of ``requests`` and ``tokens``.
    """

    name: str
    provider: str
    factory: str | None
    settings: tuple[tuple[str, object], ...]
    base: str = ""
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Python:
    """``module:function``, importable with ``base`` on the path.

    ``isolation`` is ``own`` (a process for each call) or ``shared`` (calls may follow each other in one process), and
    then ``grounds`` say why they may. ``sources`` are the modules below ``base`` that the proofs have read, each with
    the SHA-256 of its text.
    """

    target: str
    base: str
    isolation: str = "own"
    grounds: str = ""
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Torch:
    """``module:Class``, importable with ``base`` on the path, loaded once on each worker.

    ``grounds`` say why its calls may follow each other in one process; ``sources`` as in :class:`Python`.
    """

    target: str
    base: str
    grounds: str = ""
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shell:
    """The Jinja2 template of a shell script."""

    template: str


@dataclass(frozen=True, slots=True)
class Mcp:
    """An MCP server: ``address`` is its URL, or a command that is run in the folder ``base``.

    ``only`` are the tools wanted of it, all where it is empty; ``timeout`` of a call in seconds. ``headers`` and
    ``api_key`` are texts or :class:`Secret`. ``trust`` says why a command need not be confined, and why sub-problems
    may have one session together where it is ``shared``.
    """

    address: str
    base: str
    only: tuple[str, ...] = ()
    headers: tuple[tuple[str, object], ...] = ()
    api_key: object = None
    timeout: float | None = None
    shared: bool = False
    trust: str = ""

    @property
    def is_remote(self) -> bool:
        """Whether it runs elsewhere, at a URL."""
        return is_url(self.address)


@dataclass(frozen=True, slots=True)
class FileEffect:
    """A path template that the task reads or writes; ``label`` is how a python, torch or shell body knows it.

    ``shown``: no path, but a part of a prompt, with the files that it shows.
    """

    template: str
    label: str | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class ReadSource:
    """A path or glob, absolute or a URL, its format and the format's options."""

    path: str
    format: str
    options: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class FilesSource:
    """One row (``path``, ``name``, ``size``, ``sha256``) per file matching ``pattern`` below ``base``."""

    pattern: str
    base: str


@dataclass(frozen=True, slots=True)
class LiteralSource:
    """Rows written in the program, JSON-able values in the record's field order."""

    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class SqlSource:
    """The rows of a query. ``tables`` is what it calls the scan's inputs, one by one."""

    query: str
    tables: tuple[str, ...]


Source = ReadSource | FilesSource | LiteralSource | SqlSource


@dataclass(frozen=True, slots=True)
class ToolTable:
    """A table that a built-in tool reads; ``parts`` are the files of its rows, without secrets, once a run has them."""

    name: str
    source: Source
    record: RecordType
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Builtin:
    """A tool that comes with the language; as in ``apwa_lang.semantics.program.Builtin``.

    ``texts`` are those of skills, by path: the name of a skill's folder and that of the file below it.
    """

    kind: str
    tables: tuple[ToolTable, ...] = ()
    places: tuple[str, ...] = ()
    rows: int = 0
    texts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A capability that an agent is given; ``network`` and ``secrets`` as in :class:`Task`.

    It is a function, a built-in tool, a task by a prompt, or an MCP server with all its tools, whose parameters only
    the server knows.
    """

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Python | Builtin | Mcp | Task
    description: str = ""
    reads: tuple[FileEffect, ...] = ()
    network: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """Ask a model with the rendered Jinja2 ``template``.

    ``route`` has a condition over the task's arguments for each of ``models``, and the first that holds decides; None
    always holds. Without a route it is the first model, and each next one where that fails. With ``tools`` it is an
    agent: the model may call them, and is asked ``max_steps`` times at most.
    """

    template: str
    models: tuple[str, ...]
    system: str | None = None
    route: tuple[Core | None, ...] = ()
    tools: tuple[Tool, ...] = ()
    max_steps: int = 0


@dataclass(frozen=True, slots=True)
class Return:
    """The value of an expression over the task's arguments."""

    value: Core


Body = Prompt | Python | Torch | Shell | Return


@dataclass(frozen=True, slots=True)
class Contract:
    """A condition and its source text."""

    condition: Core
    text: str


@dataclass(frozen=True, slots=True)
class Policy:
    """How one sub-task fails. Times in seconds; ``on_error`` is ``fail``, ``skip`` or ``quarantine``.

    The budgets are for all sub-tasks of a run together.
    """

    retry: int = 2
    backoff: float = 0.5
    timeout: float | None = None
    on_error: str = "fail"
    budget_tokens: int | None = None
    budget_dollars: float | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the runtime needs it.

    ``resources`` are named as Dask workers offer them (``GPU``, ``MEMORY`` in bytes), their amounts are expressions
    over the parameters; ``batch`` is the most sub-problems in one call of a python or torch body; ``network`` are the
    endpoints that it declares, ``secrets`` the variables with secrets; ``cache`` is what the author says about results
    of other runs, if anything.
    """

    name: str
    parameters: tuple[tuple[str, Type], ...]
    result: Type
    body: Body
    policy: Policy = Policy()
    requires: tuple[Contract, ...] = ()
    ensures: tuple[Contract, ...] = ()
    reads: tuple[FileEffect, ...] = ()
    writes: tuple[FileEffect, ...] = ()
    resources: tuple[tuple[str, Core], ...] = ()
    idempotent: bool = False
    description: str = ""
    batch: int | None = None
    network: tuple[str, ...] = ()
    cache: bool | None = None
    secrets: tuple[str, ...] = ()

    def functions(self) -> tuple[Python | Torch, ...]:
        """The code of the user that it runs: its body, or its tools."""
        match self.body:
            case Python() | Torch() as body:
                return (body,)
            case Prompt():
                return tuple(tool.body for tool in self.tools() if isinstance(tool.body, Python))
            case _:
                return ()

    def with_functions(self, change: Callable[[Python | Torch], Python | Torch]) -> Task:
        """The task with its functions changed."""
        match self.body:
            case Python() | Torch() as body:
                return replace(self, body=change(body))
            case Prompt(tools=tools) as prompt if tools:
                return replace(self, body=replace(prompt, tools=tuple(_changed(tool, change) for tool in tools)))
            case _:
                return self

    def agents(self) -> tuple[Task, ...]:
        """The tasks among its tools, and among the tools of those."""
        given = self.body.tools if isinstance(self.body, Prompt) else ()
        own = (tool.body for tool in given if isinstance(tool.body, Task))
        return tuple({one.name: one for agent in own for one in (agent, *agent.agents())}.values())

    def tools(self) -> tuple[Tool, ...]:
        """Its tools and those of its agents, but for the agents."""
        given = (tool for prompt in self.prompts() for tool in prompt.tools)
        return tuple({tool.name: tool for tool in given if not isinstance(tool.body, Task)}.values())

    def models(self) -> tuple[str, ...]:
        """The models that it may ask, its agents' among them."""
        return tuple(dict.fromkeys(model for prompt in self.prompts() for model in prompt.models))

    def prompts(self) -> tuple[Prompt, ...]:
        """Its body and those of its agents, as far as they are prompts."""
        return tuple(one.body for one in (self, *self.agents()) if isinstance(one.body, Prompt))

    def tables(self) -> tuple[ToolTable, ...]:
        """The tables that its tools read."""
        return tuple(table for tool in self.tools() if isinstance(tool.body, Builtin) for table in tool.body.tables)

    def with_tables(self, change: Callable[[ToolTable], ToolTable]) -> Task:
        """The task with the tables of its tools changed."""
        if not isinstance(self.body, Prompt) or not self.tables():
            return self
        tools = (_with_tables(tool, change) for tool in self.body.tools)
        return replace(self, body=replace(self.body, tools=tuple(tools)))

    def servers(self) -> tuple[Tool, ...]:
        """The tools that are MCP servers."""
        return tuple(tool for tool in self.tools() if isinstance(tool.body, Mcp))

    def fixed_resources(self) -> dict[str, float] | None:
        """What every sub-problem needs; None where that differs from one to the next."""
        amounts = {name: core.value for name, core in self.resources if isinstance(core, Const)}
        fixed = {name: float(value) for name, value in amounts.items() if isinstance(value, int | float)}
        return fixed if len(fixed) == len(self.resources) else None


def _changed(tool: Tool, change: Callable[[Python | Torch], Python | Torch]) -> Tool:
    match tool.body:
        case Python() as body:
            return replace(tool, body=cast(Python, change(body)))
        case Task() as agent:
            return replace(tool, body=agent.with_functions(change))
        case _:
            return tool


def _with_tables(tool: Tool, change: Callable[[ToolTable], ToolTable]) -> Tool:
    match tool.body:
        case Builtin() as body:
            return replace(tool, body=replace(body, tables=tuple(map(change, body.tables))))
        case Task() as agent:
            return replace(tool, body=agent.with_tables(change))
        case _:
            return tool


@dataclass(frozen=True, slots=True)
class Split:
    """How a table falls apart; see ``apwa_lang.semantics.program.Split``."""

    rule: str
    arguments: tuple[tuple[str, object], ...]
    subproblem: RecordType
    identity: tuple[str, ...]
    function: Python | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """Read a table; for a query, from the tables that are its inputs."""

    source: Source


@dataclass(frozen=True, slots=True)
class Map:
    """One call of ``task`` for each sub-problem; ``batch`` sub-problems travel in one Dask task.

    ``arguments`` and ``keep`` are expressions over the sub-problem's fields; ``Var("@")`` is the sub-problem itself.
    The input is ``inputs[0]``; ``cross`` has its second table in ``inputs[1]``.
    """

    task: str
    split: Split
    arguments: tuple[tuple[str, Core], ...]
    keep: tuple[tuple[str, Core], ...] = ()
    batch: int = 512


@dataclass(frozen=True, slots=True)
class Call:
    """One call of ``task``; a ``Var`` that names an input is that whole table as a list."""

    task: str
    arguments: tuple[tuple[str, Core], ...]


@dataclass(frozen=True, slots=True)
class TaskReduce:
    """``tree``: ``arity`` rows a call, level by level, until one is left; ``fold``: one after the other."""

    strategy: str
    task: str
    arity: int
    group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``sum count min max concat`` of ``field`` for each ``group``."""

    operation: str
    field: str | None
    group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """Keep the rows for which ``condition`` over the row's fields holds."""

    condition: Core


@dataclass(frozen=True, slots=True)
class Select:
    """New rows from expressions over the row's fields."""

    fields: tuple[tuple[str, Core], ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Inner join of ``inputs[0]`` and ``inputs[1]`` on equal fields."""

    on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sort:
    """Stable ascending sort, nulls last."""

    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limit:
    """The first ``count`` rows."""

    count: int


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of each input in turn."""


@dataclass(frozen=True, slots=True)
class Until:
    """Whether a ``repeat`` has ended: ``condition``, in which a ``Var`` that names an input is that whole table."""

    condition: Core


@dataclass(frozen=True, slots=True)
class Last:
    """The rows of the last of the inputs that was made: one for each round of a ``repeat``."""


@dataclass(frozen=True, slots=True)
class Save:
    """Write the input to ``path`` (a rendered, absolute path or a URL); parts where it ends in ``/``."""

    path: str
    format: str


Operation = (
    Scan | Map | Call | TaskReduce | Aggregate | Where | Select | Join | Sort | Limit | Union | Until | Last | Save
)


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the data flow.

    ``inputs`` name the steps whose rows it reads, ``after`` those it only waits for; ``record`` is its row type, None
    for ``save`` and ``Until``. ``unless`` names the :class:`Until` among those that it waits for, by which it is left
    out: a step of a later round.
    """

    name: str
    operation: Operation
    inputs: tuple[str, ...]
    record: RecordType | None
    after: tuple[str, ...] = ()
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class EffectRef:
    """One file effect of a step: number ``number`` of its task's reads or writes (``kind`` ``read`` or ``write``).

    The one effect of a ``save`` is write 0, that of a table read 0.
    """

    step: str
    kind: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class PathCheck:
    """Two effects whose paths must not meet, compared once the real rows are known.

    With both in one step: for any two of its sub-problems.
    """

    left: EffectRef
    right: EffectRef


@dataclass(frozen=True, slots=True)
class ClaimNote:
    """What is known of ``count`` claims: ``verdict`` by ``rule``, held by ``backing``; ``reason`` is the author's, or
    what the run does.

    ``subject`` says what a claim is about, ``function`` is the body whose state it is about, if it is about one; proved
    claims are summed up by rule and have neither.
    """

    verdict: str
    rule: str = ""
    subject: str = ""
    function: str = ""
    backing: str | None = None
    reason: str | None = None
    count: int = 1


CASE = "case"
LINKS = "links"


@dataclass(frozen=True, slots=True)
class Plan:
    """A flow, ready to run. ``steps`` stand in an order in which each follows what it waits for.

    ``base`` is the folder of the program: where relative outputs go and python bodies are imported from. ``checks`` are
    made before the steps that they name start. ``assumes`` holds ``case`` when proofs take it for granted that the
    target of files tells upper case from lower case, and ``links`` that no written folder is a link into another.
    """

    program: str
    flow: str
    base: str
    parameters: tuple[Parameter, ...]
    models: tuple[Model, ...]
    tasks: tuple[Task, ...]
    steps: tuple[Step, ...]
    checks: tuple[PathCheck, ...] = ()
    claims: tuple[ClaimNote, ...] = ()
    assumes: tuple[str, ...] = ()

    def task(self, name: str) -> Task:
        """The task of that name."""
        return next(task for task in self.tasks if task.name == name)

    def step(self, name: str) -> Step:
        """The step of that name."""
        return next(step for step in self.steps if step.name == name)

    def ended_before(self, name: str) -> frozenset[str]:
        """The steps that have ended whenever this one starts."""
        waits = {step.name: (*step.inputs, *step.after) for step in self.steps}
        ended: set[str] = set()
        waiting = list(waits[name])
        while waiting:
            earlier = waiting.pop()
            if earlier not in ended:
                ended.add(earlier)
                waiting += waits[earlier]
        return frozenset(ended)
