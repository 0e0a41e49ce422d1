"""Parameters of imported files under their whole names.

In: a checked expression or template that names a parameter as its file writes it (``style``). Out: the same with the name
that the whole program knows (``pii.style``). Templates are given parameters by dotted path, so ``{{ pii.style }}`` works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from apwa_lang.semantics.core import Apply, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.program import Hole, Template


def rename_core(core: Core, wholes: Mapping[str, str]) -> Core:
    """``core`` with each variable of ``wholes`` renamed."""
    match core:
        case Var(name):
            return Var(wholes[name]) if name in wholes else core
        case GetField(base, field, each):
            return GetField(rename_core(base, wholes), field, each)
        case GetItem(base, index):
            return GetItem(rename_core(base, wholes), rename_core(index, wholes))
        case Apply(function, arguments):
            return Apply(function, tuple(rename_core(argument, wholes) for argument in arguments))
        case MakeList(items):
            return MakeList(tuple(rename_core(item, wholes) for item in items))
        case MakeRecord(type, fields):
            return MakeRecord(type, tuple((name, rename_core(value, wholes)) for name, value in fields))
        case MakeMap(entries):
            return MakeMap(tuple((name, rename_core(value, wholes)) for name, value in entries))
        case _:
            return core


def rename_template(template: Template, wholes: Mapping[str, str]) -> Template:
    """``template`` with each free name of ``wholes`` renamed, in its text and in its holes."""
    plain = {name: whole for name, whole in wholes.items() if name in template.names}
    if not plain:
        return template
    segments = template.segments
    if segments is not None:
        segments = tuple(
            replace(segment, value=rename_core(segment.value, plain))
            if isinstance(segment, Hole) and segment.value is not None
            else segment
            for segment in segments
        )
    names = frozenset(plain.get(name, name) for name in template.names)
    return replace(template, text=_rename_text(template.text, plain), names=names, segments=segments)


def _rename_text(text: str, wholes: Mapping[str, str]) -> str:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    written: list[str] = []
    last = ""
    for _, kind, value in ImmutableSandboxedEnvironment(keep_trailing_newline=True).lex(text):
        written.append(wholes.get(value, value) if kind == "name" and last not in (".", "|") else value)
        if kind != "whitespace":
            last = value
    return "".join(written)
