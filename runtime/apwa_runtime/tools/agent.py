"""A tool that is a task by a prompt: its models are asked within the sub-problem of the agent that calls it.

In: arguments that the agent's model wrote. Out: the task's answer, as it would be for a sub-problem of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from apwa_compiler.plan import Call as CallOnce
from apwa_compiler.plan import Plan, Prompt, Step, Task
from apwa_lang.semantics.types import RecordType
from apwa_runtime.binding import Binding
from apwa_runtime.bodies.protocol import Call, Outcome
from apwa_runtime.contracts import Contract
from apwa_runtime.evaluation import EvaluationError
from apwa_runtime.tools.protocol import ToolError, name_for_models

if TYPE_CHECKING:
    from apwa_runtime.bodies.prompt import Asker, PromptBody


class AgentTool:
    """``task``, whose body is ``prompt``, as a tool."""

    def __init__(self, plan: Plan, task: Task, prompt: PromptBody) -> None:
        step = Step(task.name, CallOnce(task.name, ()), (), RecordType("<none>", ()))
        self._binding = Binding(plan, step, task)
        self._check = Contract(task).check
        self.prompt = prompt

    async def ask(self, arguments: dict[str, Any], asker: Asker) -> Outcome:
        """What one call gives; what it costs is told to ``asker``. Raises ToolError for arguments that it refuses."""
        try:
            call = Call(0, arguments, self._binding.names(arguments))
        except (EvaluationError, ValueError) as error:
            raise ToolError(str(error)) from None
        return await self.prompt.answered(call, self._check, asker)


def agents_of(plan: Plan, body: Prompt, make: Callable[[Task, Prompt], PromptBody]) -> dict[str, AgentTool]:
    """The tools of a prompt that are tasks, whose own bodies ``make`` makes."""
    found: dict[str, AgentTool] = {}
    for tool in body.tools:
        if isinstance(tool.body, Task) and isinstance(tool.body.body, Prompt):
            found[name_for_models(tool.name)] = AgentTool(plan, tool.body, make(tool.body, tool.body.body))
    return found
