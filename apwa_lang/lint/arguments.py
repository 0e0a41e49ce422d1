"""What a task says of its own parameters.

In: a task. Out: the names that anything in it uses.
"""

from __future__ import annotations

from apwa_lang.semantics.program import PromptBody, ReturnBody, ShellBody, Task
from apwa_lang.semantics.relations import variables


def names_used(task: Task) -> frozenset[str]:
    """The names in a task's body, contract, effects, resources and route."""
    found: set[str] = set()
    match task.body:
        case PromptBody(template, system=system):
            found |= template.names | (system.names if system is not None else frozenset())
        case ShellBody(template):
            found |= template.names
        case ReturnBody(value):
            found.update(variables(value))
    for effect in task.effects:
        found |= effect.target.names
    cores = [contract.condition for contract in (*task.requires, *task.ensures)]
    cores += [core for _, core in task.resources]
    cores += [arm.condition for arm in task.route if arm.condition is not None]
    for core in cores:
        found.update(variables(core))
    return frozenset(found)
