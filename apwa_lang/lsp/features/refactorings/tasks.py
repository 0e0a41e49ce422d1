"""Tasks: what happens when they fail, and a test of one.

In: a task under the cursor. Out: settings that it lacks; a test that calls it, with an answer for each model it asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.refactorings.edits import Refactoring, indentation, line_end, starts_line
from apwa_lang.lsp.features.refactorings.samples import sample
from apwa_lang.lsp.view import View
from apwa_lang.semantics.program import PromptBody, ReturnBody, Task, short_name
from apwa_lang.semantics.types import RecordType, Type
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Span

_POLICY = {"retry": "3", "timeout": "30s"}


def tasks(view: View, path: Sequence[n.Node]) -> Iterator[Refactoring]:
    """Add a policy to a task, or write a test of it."""
    node = path[0] if path else None
    if not isinstance(node, n.Task):
        return
    task = view.checked.program.tasks.get(node.name.text)
    if task is None:
        return
    given = {setting.name.text for setting in node.settings}
    missing = [name for name in _POLICY if name not in given]
    if missing and node.settings and not isinstance(task.body, ReturnBody):
        told = " and ".join(f"`{name}`" for name in missing)
        yield Refactoring(f"Add {told}", "rewrite", (_added(node, missing),))
    test = _test(view, task)
    if test is not None:
        at = Span(view.source, node.span.end, node.span.end)
        yield Refactoring(f"Write a test of `{task.name}`", "rewrite", (Edit(at, test),))


def _added(node: n.Task, names: Sequence[str]) -> Edit:
    last = node.settings[-1]
    source = last.span.source
    before = f"{line_end(source)}{indentation(source, last.span.start)}" if starts_line(last.name.span) else "  "
    at = Span(source, last.span.end, last.span.end)
    return Edit(at, "".join(f"{before}{name}: {_POLICY[name]}" for name in names))


def _test(view: View, task: Task) -> str | None:
    """A test with made-up values; None where a type has none that can be written."""
    end = line_end(view.source)
    arguments = [sample(type) for _, type in task.parameters]
    result = sample(task.result)
    if result is None or None in arguments:
        return None
    models = task.body.models if isinstance(task.body, PromptBody) else ()
    lines = [f"mock {model} = {sample(task.result, bare=True)}" for model in models]
    lines.append(f"got = {short_name(task.name)}({', '.join(one for one in arguments if one is not None)})")
    lines.append(f"expect {_expected(task.result, result)}")
    taken = {one.name.value for one in view.module.declarations if isinstance(one, n.Test)}
    name = f"{task.name} answers"
    while name in taken:
        name += " again"
    body = end.join(f"  {line}" for line in lines)
    return f'{end}{end}test "{name}" {{{end}{body}{end}}}'


def _expected(result: Type, value: str) -> str:
    if isinstance(result, RecordType) and result.fields:
        field = result.fields[0]
        return f"got.{field.name} == {sample(field.type, field=field)}"
    return f"got == {value}"
