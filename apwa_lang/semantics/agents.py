"""Tasks that agents have among their tools.

In: an agent task. Out: all tools and tasks that a call of it may reach; what makes a task no tool is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apwa_lang.diagnostics.codes import tools as codes
from apwa_lang.semantics.context import File
from apwa_lang.semantics.media import holds_files
from apwa_lang.semantics.names import Symbol
from apwa_lang.semantics.program import Program, PromptBody, Task, Tool
from apwa_lang.semantics.settings import dotted
from apwa_lang.semantics.types import TableOf
from apwa_lang.syntax import nodes as ast

_SETTINGS = {"read": "reads", "write": "writes", "reduce": "reduces", "network": "network", "secret": "secrets"}


def agents_of(task: Task, tasks: Mapping[str, Task]) -> tuple[Task, ...]:
    """The tasks among the tools of ``task``, and among the tools of those, each once."""
    found: dict[str, Task] = {}
    pending = list(task.agents)
    while pending:
        name = pending.pop(0)
        if name in tasks and name not in found:
            found[name] = tasks[name]
            pending += tasks[name].agents
    return tuple(found.values())


def tools_of(task: Task, program: Program) -> tuple[Tool, ...]:
    """The tools of ``task`` and of all its agents that are no tasks, each once."""
    names = dict.fromkeys(name for one in (task, *agents_of(task, program.tasks)) for name in one.tools)
    return tuple(program.tools[name] for name in names if name in program.tools)


def check_agents(symbol: Symbol, tasks: Mapping[str, Task], file: File) -> None:
    """Report the tasks that the agent of ``symbol`` names as tools and that are none."""
    node = symbol.node
    assert isinstance(node, ast.Task)
    setting = next((setting for setting in node.settings if setting.name.text == "tools"), None)
    agent = tasks.get(symbol.name)
    if setting is None or agent is None:
        return
    items = setting.value.items if isinstance(setting.value, ast.ListLiteral) else (setting.value,)
    for place in filter(None, map(dotted, items)):
        found = file.names.lookup(place.text)
        task = tasks.get(found.name) if found is not None and found.kind == "task" else None
        if task is None:
            continue
        if task.name == agent.name or any(one.name == agent.name for one in agents_of(task, tasks)):
            file.report(codes.not_a_tool(place, f"it would call `{place.text}` again, and so on", task.span))
        elif (why := next(_unfit(task), None)) is not None:
            file.report(codes.not_a_tool(place, why, task.span))


def _unfit(task: Task) -> Iterator[str]:
    """Why a model cannot call a task: all that a call is given is written by the model."""
    if not isinstance(task.body, PromptBody):
        yield "only a task by `prompt` is one"
    for name, type in task.parameters:
        if isinstance(type, TableOf):
            yield f"no model can write the table `{name}`"
        if holds_files(type):
            yield f"a model would choose the file `{name}` that it shows"
    if any(effect.shown for effect in task.effects):
        yield "a model would choose the file that its prompt shows"
    elif task.effects:
        yield f"it has `{_SETTINGS[task.effects[0].kind]}` of its own"
    if task.resources:
        yield "it would have no `resources` of its own"
    if task.policy.budget_tokens is not None or task.policy.budget_dollars is not None:
        yield "it would have no `budget` of its own: what it costs counts for the agent"
