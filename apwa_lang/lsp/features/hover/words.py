"""What words of the language mean that the program does not declare.

In: the nodes around a place. Out: what stands in the checker's tables about the setting, attribute, rule, format or
option there, or about a word of the grammar.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from apwa_lang.lsp.features.hover.markdown import code, paragraphs
from apwa_lang.semantics import (
    attributes,
    builtin_tools,
    formats,
    models,
    reduces,
    servers,
    splits,
    task_settings,
    tools,
)
from apwa_lang.semantics.forms import KEYS, OUTSIDE, Form
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.keywords import KEYWORDS

_QUOTED = re.compile(r'"([\[\]\w]+)"')
_SHOWN = {
    "STRING": '"…"',
    "INT": "n",
    "DURATION": "30s",
    "expr": "expression",
    "dotted": "name",
    "record_literal": "{ … }",
    "list": "[ … ]",
    "route": "{ name when condition, name }",
    " _names _comma ": "names",
}
"""Parts of the grammar, in which settings of tasks are written, as they look in a program."""


def about_word(nodes: Sequence[ast.Node]) -> tuple[ast.Name, str] | None:
    """The word at the end of ``nodes`` with what it means; None where no table has it."""
    match nodes:
        case [*above, ast.Setting() as setting, ast.Name() as name] if name is setting.name:
            return _found(name, _settings(above), f"{name.text}: ")
        case [*above, ast.Setting(name=setting, value=value), ast.Variable(span=span, name=word)] if value is nodes[-1]:
            form = _settings(above).get(setting.text)
            if form is None or not any(f"{mark}{word}{mark}" in form.syntax for mark in '"`'):
                return None
            return ast.Name(span, word), paragraphs(
                f"`{setting.text}: {word}`", f"{form.doc[:1].upper()}{form.doc[1:]}."
            )
        case [*_, ast.Setting(name=setting), ast.RecordLiteral(), ast.Entry() as entry, ast.Name() as name] if (
            name is entry.key and name.text in KEYS.get(setting.text, {})
        ):
            return (name, paragraphs(f"`{name.text}` of `{setting.text}`", KEYS[setting.text][name.text]))
        case [*_, ast.Call() as call, ast.Name(text=text) as name] if name is call.function and text in OUTSIDE:
            return (name, paragraphs(code(f'{text}("NAME")'), OUTSIDE[text]))
        case [*_, ast.Attribute() as attribute, ast.Name() as name] if name is attribute.name:
            return _found(name, attributes.FORMS)
        case [*_, ast.Split(), ast.Rule() as rule, ast.Name() as name] if name is rule.name:
            return _found(name, splits.FORMS)
        case [*_, ast.ReduceRelation(), ast.Rule() as rule, ast.Name() as name] if name is rule.name:
            return _found(name, reduces.FORMS)
        case [*_, ast.Tool(), ast.Rule() as rule, ast.Name() as name] if name is rule.name:
            kind = builtin_tools.KINDS.get(name.text)
            return None if kind is None else (name, paragraphs(code(kind.form), kind.doc))
        case [*_, ast.ReadSource(), ast.Call() as call, ast.Name() as name] if name is call.function:
            doc = formats.DOCS.get(name.text)
            return None if doc is None else (name, paragraphs(code(f"as {name.text}"), doc))
        case [*_, ast.ReadSource(), ast.Call() as call, ast.Argument() as argument, ast.Name() as name]:
            option = formats.OPTIONS.get(call.function.text, {}).get(name.text) if name is argument.name else None
            return None if option is None else (name, paragraphs(f"`{name.text}`: {option.wanted}", option.doc))
        case _:
            return None


def keyword(word: str) -> str | None:
    """What a word of the grammar means."""
    found = KEYWORDS.get(word)
    return None if found is None else paragraphs(code(found.syntax), found.doc)


def _settings(above: Sequence[ast.Node]) -> Mapping[str, Form]:
    """The settings of the declaration that these nodes end in."""
    match above:
        case [*_, ast.Task()]:
            return task_settings.FORMS
        case [*_, ast.Model()]:
            return models.FORMS
        case [*_, ast.Tool(mcp=ast.StringLiteral())]:
            return servers.FORMS
        case [*_, ast.Tool()]:
            return tools.FORMS
        case _:
            return {}


def _found(name: ast.Name, forms: Mapping[str, Form], before: str = "") -> tuple[ast.Name, str] | None:
    form = forms.get(name.text)
    if form is None:
        return None
    syntax = _QUOTED.sub(r"\1", form.syntax)
    for ours, shown in _SHOWN.items():
        syntax = re.sub(rf"(?<!\w){ours}(?!\w)", shown, syntax)
    doc = form.doc[:1].upper() + form.doc[1:]
    return name, paragraphs(code(before + syntax), doc if doc.endswith(".") else f"{doc}.")
