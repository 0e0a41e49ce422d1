"""What a prompt asks and costs.

In: an open file and the nodes around a place in a prompt. Out: its models and about how many tokens its own text has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from apwa_lang.lsp.features.hover.markdown import inline, paragraphs
from apwa_lang.lsp.view import View
from apwa_lang.semantics.program import PromptBody, Task, Template
from apwa_lang.syntax import nodes as ast

_HOLES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_STATEMENTS = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def about_prompt(view: View, nodes: Sequence[ast.Node]) -> str | None:
    """What is known of the prompt or system message that the nodes are part of."""
    task = next((node for node in nodes if isinstance(node, ast.Task)), None)
    setting = next((node for node in nodes if isinstance(node, ast.Setting)), None)
    if task is None or setting is None or setting.name.text not in ("prompt", "system"):
        return None
    found = next((one for one in view.checked.program.tasks.values() if one.span == task.name.span), None)
    body = found.body if found is not None else None
    if found is None or not isinstance(body, PromptBody):
        return None
    template = body.template if setting.name.text == "prompt" else body.system
    return None if template is None else paragraphs(_tokens(template), _models(view, found, body))


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
