"""What a prompt asks and costs.

In: an open file and the nodes around a place in a prompt. Out: its models and about how many tokens its own text has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apwa_lang.check import Checked
from apwa_lang.lsp.features.hover.markdown import inline, paragraphs
from apwa_lang.lsp.view import View
from apwa_lang.semantics.program import PromptBody, Task, Template
from apwa_lang.syntax import nodes as ast

_HOLES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STATEMENTS = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def about_prompt(view: View, nodes: Sequence[ast.Node]) -> str | None:
    """What is known of the prompt or system message that the nodes are part of."""
    task = prompted(view, nodes)
    setting = next((node.name.text for node in nodes if isinstance(node, ast.Setting)), "")
    if task is None or not isinstance(task.body, PromptBody):
        return None
    template = task.body.template if setting == "prompt" else task.body.system
    return None if template is None else paragraphs(_tokens(template), _models(view, task, task.body))


def prompted(view: View, nodes: Sequence[ast.Node]) -> Task | None:
    """The task whose prompt or system message the nodes are part of."""
    names = [node.name for node in nodes if isinstance(node, ast.Task | ast.Setting)]
    if len(names) < 2 or names[1].text not in ("prompt", "system"):
        return None
    return next((task for task in view.checked.program.tasks.values() if task.span == names[0].span), None)


def measured(checked: Checked, task: Task) -> str | None:
    """How long the prompts are for the first rows of the data, as `apwa plan` tells; None where that cannot be known.

    It reads data, which takes its time.
    """
    if checked.has_errors:
        return None
    from apwa_compiler.build import build_plan
    from apwa_compiler.pipeline import optimise
    from apwa_compiler.plan import Map
    from apwa_runtime.sampling import prompt_sample

    try:
        for flow in checked.program.flows:
            plan = optimise(build_plan(checked.program, flow, {}, checked.claims))
            sample = prompt_sample(plan)
            for step in plan.steps:
                if isinstance(step.operation, Map) and step.operation.task == task.name:
                    shares = sample(step)
                    if shares:
                        tokens = round(sum(share.calls * share.tokens for share in shares.values()))
                        return f"With the first rows of the data, about {tokens:,} tokens a call."
    except Exception:  # Data and parameters may be missing or of any kind; a run tells what is wrong.
        return None
    return None


def _tokens(template: Template) -> str:
    from apwa_runtime.tokens import count_tokens

    text, holes = _HOLES.subn("", _STATEMENTS.sub("", template.text))
    tokens = count_tokens(text)
    shown = f", and what its {holes} holes show" if holes > 1 else ", and what its hole shows" if holes else ""
    return f"About {tokens:,} token{'' if tokens == 1 else 's'} of its own{shown}."


def _models(view: View, task: Task, body: PromptBody) -> str:
    names = body.models or tuple(arm.target for arm in task.route)
    told = []
    for name in names:
        model = view.checked.program.models.get(name)
        called = dict(model.settings).get("name") if model is not None else None
        told.append(inline(name) + (f" ({inline(called)})" if isinstance(called, str) else ""))
    way = "the first that answers of " if len(told) > 1 and not task.route else ""
    return f"Asks {way}{', '.join(told)}." if told else ""
