"""The body of a task.

In: a plan's task. Out: what runs its calls. A prompt needs models, which whoever asks provides.
"""

from __future__ import annotations

from collections.abc import Callable

from apwa_compiler.plan import Plan, Prompt, Python, Return, Shell, Task, Torch
from apwa_runtime.bodies.protocol import Body
from apwa_runtime.bodies.python import PythonBody
from apwa_runtime.bodies.returns import ReturnBody
from apwa_runtime.bodies.shell import ShellBody
from apwa_runtime.bodies.torch import TorchBody


def make_body(plan: Plan, task: Task, prompt: Callable[[Prompt], Body]) -> Body:
    """The body of ``task``; that of a prompt is made by ``prompt``."""
    match task.body:
        case Return() as body:
            return ReturnBody(body)
        case Python() as body:
            return PythonBody(task, body, plan.base)
        case Torch() as body:
            return TorchBody(task, body, plan.base)
        case Shell() as body:
            return ShellBody(task, body, plan.base)
        case Prompt() as body:
            return prompt(body)
