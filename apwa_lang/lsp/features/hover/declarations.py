"""What is told of a declaration.

In: a use of a name. Out: Markdown: how it was declared, its type, its documentation, and what is proved of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from apwa_lang.lsp.features.hover import verdicts
from apwa_lang.lsp.features.hover.markdown import code, inline, paragraphs
from apwa_lang.lsp.view import View
from apwa_lang.semantics.annotations import FILE_RECORD
from apwa_lang.semantics.annotations import FORMS as TYPE_FORMS
from apwa_lang.semantics.builtins import FUNCTIONS
from apwa_lang.semantics.filters import FILTERS
from apwa_lang.semantics.program import Split
from apwa_lang.semantics.signatures import Function
from apwa_lang.semantics.types import DOCS, Optional, RecordType, TableOf, Type
from apwa_lang.semantics.uses import Declaration, Use
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.walk import around


def described(use: Use, view: View) -> str:
    """What is known of what a use refers to."""
    declaration = use.declaration
    if declaration.span is None:
        return _builtin(use)
    tell = _KINDS.get(declaration.kind, _value)
    return tell(use, view, _node(declaration, view))


def _node(declaration: Declaration, view: View) -> ast.Node | None:
    """The node that declares it: the one around its name."""
    span = declaration.span
    module = next((one for one in view.checked.modules if span is not None and one.source is span.source), None)
    if span is None or module is None:
        return None
    nodes = around(module, span.start)
    named = [node for node in nodes if not isinstance(node, ast.Name | ast.Variable | ast.StringLiteral)]
    return named[-1] if named else None


def _header(node: ast.Node | None, use: Use) -> str:
    """A task or tool without its settings."""
    if not isinstance(node, ast.Task | ast.Tool):
        return code(use.declaration.whole)
    if isinstance(node, ast.Tool) and (node.mcp is not None or node.builtin is not None):
        return code(node.span.text)
    parameters = ", ".join(parameter.span.text for parameter in node.parameters)
    result = node.result.span.text if node.result is not None else "json"
    word = "task" if isinstance(node, ast.Task) else "tool"
    return code(f"{word} {node.name.text}({parameters}) -> {result}")


def _callable(use: Use, view: View, node: ast.Node | None) -> str:
    return paragraphs(_header(node, use), _doc(node))


def _whole(use: Use, view: View, node: ast.Node | None) -> str:
    """A declaration as it stands."""
    return paragraphs(code(node.span.text if node is not None else use.declaration.whole), _doc(node))


def _model(use: Use, view: View, node: ast.Node | None) -> str:
    model = view.checked.program.models.get(use.declaration.whole)
    if model is None:
        return code(f"model {use.declaration.name}")
    settings = dict(model.settings)
    told = [f"provider {inline(model.provider)}"] if model.provider else []
    told += [
        f"{word} {inline(str(settings[word]))}" for word in ("name", "path") if isinstance(settings.get(word), str)
    ]
    return paragraphs(code(f"model {use.declaration.name}"), _doc(node), ", ".join(told))


def _split(use: Use, view: View, node: ast.Node | None) -> str:
    declaration, program = use.declaration, view.checked.program
    local = (split for flow in program.flows.values() for split in flow.splits if split.span == declaration.span)
    split: Split | None = program.splits.get(declaration.whole) or next(local, None)
    text = code(node.span.text if node is not None else declaration.whole)
    if split is None:
        return paragraphs(text, _doc(node))
    told = " and ".join(map(inline, split.identity)) or "its place alone"
    apart = f"A sub-problem is {_fields(split.subproblem)}; {told} tells it from others."
    return paragraphs(text, _doc(node), apart, verdicts.of_split(view, split))


def _step(use: Use, view: View, node: ast.Node | None) -> str:
    declaration = use.declaration
    shown = f"{declaration.name} = {_relation(node)}" if isinstance(node, ast.Assign) else declaration.name
    made = f"Its rows: {_fields(use.type.record)}." if isinstance(use.type, TableOf) else ""
    return paragraphs(code(shown), _doc(node), made, verdicts.of_step(view, declaration.owner, declaration.name))


def _relation(node: ast.Assign) -> str:
    return node.relation.span.text


def _flow(use: Use, view: View, node: ast.Node | None) -> str:
    flow = view.checked.program.flows.get(use.declaration.whole)
    count = len(flow.steps) if flow is not None else 0
    steps = f"{count} step{'' if count == 1 else 's'}." if count else ""
    return paragraphs(code(f"flow {use.declaration.name}"), _doc(node), steps)


def _field(use: Use, view: View, node: ast.Node | None) -> str:
    if not isinstance(node, ast.FieldDecl):
        return _value(use, view, node)
    shown = _type(use)
    declared = node.type.span.text
    narrowed = f"Here it is {inline(shown)}." if shown and shown != declared and isinstance(use.type, Optional) else ""
    description = next(
        (
            argument.value.value
            for attribute in node.attributes
            if attribute.name.text == "description"
            for argument in attribute.arguments
            if isinstance(argument.value, ast.StringLiteral)
        ),
        "",
    )
    of = f"A field of {inline(use.declaration.owner)}."
    return paragraphs(code(node.span.text), node.doc or description, of, narrowed)


def _value(use: Use, view: View, node: ast.Node | None) -> str:
    declaration = use.declaration
    shown = _type(use)
    of = f"A parameter of {inline(declaration.owner)}." if declaration.kind == "argument" else ""
    return paragraphs(code(f"{declaration.name}: {shown}" if shown else declaration.name), of, _of_type(use.type))


def _builtin(use: Use) -> str:
    declaration = use.declaration
    functions: Mapping[str, Mapping[str, Function]] = {"function": FUNCTIONS, "filter": FILTERS}
    function = functions.get(declaration.kind, {}).get(declaration.name)
    if function is not None:
        return paragraphs(code("\n".join(function.overloads)), function.doc)
    if declaration.kind == "type":
        form = TYPE_FORMS.get(declaration.name)
        doc = form.doc if form is not None else DOCS.get(declaration.name, "")
        return paragraphs(code(form.syntax if form is not None else declaration.name), doc)
    if declaration.kind == "record":
        fields = "  ".join(f"{field.name}: {field.type}" for field in FILE_RECORD.fields)
        return paragraphs(code(f"record {FILE_RECORD.name} {{ {fields} }}"), FILE_RECORD.description)
    if declaration.kind == "test":
        return f"A test of templates: `value is {declaration.name}`."
    shown = _type(use)
    return paragraphs(code(f"{declaration.name}: {shown}" if shown else declaration.name), _of_type(use.type))


def _type(use: Use) -> str:
    return "" if use.type is None else str(use.type)


def _of_type(type: Type | None) -> str:
    """The fields of a record that a value is."""
    record = type.record if isinstance(type, TableOf) else type.inner if isinstance(type, Optional) else type
    if not isinstance(record, RecordType):
        return ""
    return paragraphs(record.description, _fields(record))


def _fields(record: RecordType) -> str:
    inside = ", ".join(f"{field.name}: {field.type}{' @key' if field.key else ''}" for field in record.fields)
    return inline(f"{{ {inside} }}")


def _doc(node: ast.Node | None) -> str:
    return str(getattr(node, "doc", ""))


_KINDS: Mapping[str, Callable[[Use, View, ast.Node | None], str]] = {
    "record": _whole,
    "table": _whole,
    "parameter": _whole,
    "import": _whole,
    "model": _model,
    "task": _callable,
    "tool": _callable,
    "split": _split,
    "flow": _flow,
    "step": _step,
    "field": _field,
}
