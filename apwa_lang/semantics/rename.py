"""Parameters of imported files under their whole names.

In: a checked expression or template that names a parameter as its file writes it (``style``). Out: the same with the
name that the whole program knows (``pii.style``). Templates are given parameters by dotted path, so that
``{{ pii.style }}`` has its usual meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from apwa_lang.semantics.core import Apply, Core, GetField, GetItem, MakeList, MakeMap, MakeRecord, Var
from apwa_lang.semantics.program import Hole, Template


def rename_core(core: Core, wholes: Mapping[str, str]) -> Core:
    """``core`` with each variable of ``wholes`` renamed; a dotted one may be read as a field of its prefix."""
    match core:
        case Var(name):
            return Var(wholes[name]) if name in wholes else core
        case GetField(Var(prefix), field, False) if f"{prefix}.{field}" in wholes:
            return Var(wholes[f"{prefix}.{field}"])
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
    free = {name: whole for name, whole in wholes.items() if name.partition(".")[0] in template.names}
    if not free:
        return template
    if "{%" in template.text:
        return replace(template, text=_settings(free) + template.text, names=template.names | set(free.values()))
    text, used = _rename_text(template.text, free)
    segments = template.segments
    if segments is not None:
        segments = tuple(_hole(segment, free) if isinstance(segment, Hole) else segment for segment in segments)
    shows = (
        replace(shown, hole=_hole(shown.hole, free), text=_rename_text(shown.text, free)[0]) for shown in template.shows
    )
    others = template.names - {name.partition(".")[0] for name in used}
    names = others | {free[name] for name in used}
    return replace(template, text=text, names=names, segments=segments, shows=tuple(shows))


def _hole(hole: Hole, wholes: Mapping[str, str]) -> Hole:
    return hole if hole.value is None else replace(hole, value=rename_core(hole.value, wholes))


def _settings(wholes: Mapping[str, str]) -> str:
    """Statements that make names what ``wholes`` says. A template may use a name again for a variable of its own."""
    records: dict[str, list[str]] = {}
    written: list[str] = []
    for name, whole in wholes.items():
        prefix, dot, field = name.partition(".")
        if not dot:
            written.append(f"{{% set {name} = {whole} %}}")
        elif name != whole:
            records.setdefault(prefix, []).append(f'"{field}": {whole}')
    written.extend(f"{{% set {prefix} = {{ {', '.join(fields)} }} %}}" for prefix, fields in records.items())
    return "".join(written)


def _rename_text(text: str, wholes: Mapping[str, str]) -> tuple[str, set[str]]:
    """The text with names replaced, and which they were."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    tokens = list(ImmutableSandboxedEnvironment(keep_trailing_newline=True).lex(text))
    written: list[str] = []
    used: set[str] = set()
    last = ""
    at = 0
    while at < len(tokens):
        _, kind, value = tokens[at]
        taken = 1
        if kind == "name" and last not in (".", "|"):
            dotted = "".join(token[2] for token in tokens[at : at + 3])
            if dotted in wholes:
                value, taken = dotted, 3
            if value in wholes:
                used.add(value)
                value = wholes[value]
        written.append(value)
        if kind != "whitespace":
            last = value
        at += taken
    return "".join(written), used
