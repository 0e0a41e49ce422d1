"""Python functions that a program names and nobody has written yet.

In: the `python` or `torch` setting under the cursor. Out: the function or class, without its work, in its module; the
module too where there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from apwa_lang.diagnostics.model import Edit
from apwa_lang.lsp.features.python_source import find
from apwa_lang.lsp.features.refactorings.edits import Refactoring
from apwa_lang.lsp.view import View
from apwa_lang.semantics.targets import python_target
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.source import Source, Span


def python_stubs(view: View, path: Sequence[n.Node]) -> Iterator[Refactoring]:
    """Write the function that a task or tool calls."""
    match path:
        case [n.Task() | n.Tool() as owner, n.Setting(name=n.Name(text="python" | "torch" as kind)) as setting, *_]:
            yield from _stub(view, owner, kind, setting.value)


def _stub(view: View, owner: n.Task | n.Tool, kind: str, value: n.Expr) -> Iterator[Refactoring]:
    target = python_target(value, lambda _: None) if isinstance(value, n.StringLiteral) else None
    file = view.source.file
    if target is None or file is None:
        return
    module, _, name = target.partition(":")
    found = find(target, file.parent)
    if "." in name or (found is not None and found.span.start < found.span.end):
        return
    text = _class(owner, name) if kind == "torch" else _function(owner, name)
    title = f"Write `{name}` in `{module}`"
    if found is None:
        made = file.parent.joinpath(*module.split(".")).with_suffix(".py")
        if not made.exists():
            yield Refactoring(title, "rewrite", create=((made, f'"""Functions of {file.name}."""\n\n\n{text}'),))
    elif found.span.source.file is not None and found.span.source.file.is_relative_to(file.parent):
        source = _read(found.span.source)
        end = Span(source, len(source.text), len(source.text))
        gap = "\n\n" if source.text.endswith("\n") else "\n\n\n"
        yield Refactoring(title, "rewrite", (Edit(end, gap + text),))


def _read(source: Source) -> Source:
    """The source with its text."""
    assert source.file is not None
    if source.text:
        return source
    return Source(source.file.read_text(encoding="utf-8", errors="replace"), source.path, source.file)


def _function(owner: n.Task | n.Tool, name: str) -> str:
    parameters = ", ".join(parameter.name.text for parameter in owner.parameters)
    return f'def {name}({parameters}):\n    """{_told(owner)}"""\n    raise NotImplementedError\n'


def _class(owner: n.Task | n.Tool, name: str) -> str:
    parameters = ", ".join(("self", *(parameter.name.text for parameter in owner.parameters)))
    return (
        f'class {name}:\n    """{_told(owner)}"""\n\n    def load(self, device):\n        raise NotImplementedError\n\n'
        f"    def __call__({parameters}):\n        raise NotImplementedError\n"
    )


def _told(owner: n.Task | n.Tool) -> str:
    """What goes in and what comes out."""
    given = ", ".join(parameter.span.text for parameter in owner.parameters)
    made = owner.result.span.text if owner.result is not None else "json"
    return f"From `{given}` to `{made}`.".replace('"', "'").replace("\\", "")
