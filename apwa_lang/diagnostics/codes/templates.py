"""Findings inside templates: APWA251 to APWA299.

In: the places, names and types of a mistake. Out: its diagnostic. Unknown names, fields and operands in templates
have the codes that they have in expressions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from apwa_lang.diagnostics.codes import types
from apwa_lang.diagnostics.codes.placeholders import placeholder
from apwa_lang.diagnostics.codes.wording import article
from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.semantics.signatures import Misfit, told
from apwa_lang.semantics.types import Field, ListOf, Optional, RecordType, TableOf, Type
from apwa_lang.syntax.source import Span

_MODEL = """
model small { provider: "openai" name: "small" base_url: "http://127.0.0.1:8080/v1" }
"""

SYNTAX = register(
    "APWA251",
    "a template is not Jinja2",
    explanation="""
Prompts, scripts and paths are Jinja2 templates: `{{ value }}` prints, `{% if … %}{% endif %}` and
`{% for … in … %}{% endfor %}` choose and repeat, `{# … #}` is a comment. Each must be closed.
""",
    fix="Close what is open. To print braces, write `{{ '{{' }}`.",
    bad=_MODEL
    + """
task greet(name: str) -> str { model: small prompt: "Greet {{ name" }
""",
    good=_MODEL
    + """
task greet(name: str) -> str { model: small prompt: "Greet {{ name }}" }
""",
)


def syntax(span: Span, message: str) -> Diagnostic:
    """Jinja2 cannot read the template."""
    return SYNTAX.at(span, f"this template cannot be read: {message}", "here")


NOT_ALLOWED = register(
    "APWA252",
    "a template uses something that templates here do not have",
    explanation="""
Templates print values, choose with `if`, repeat with `for` and name values with `set`. Macros, includes, imports,
blocks and calls are not available: everything that a prompt or path depends on is then in the arguments of its task.
""",
    fix="Use a filter in place of a call, and `if`, `for` and `set` in place of other statements.",
    bad=_MODEL
    + """
task greet(name: str) -> str { model: small prompt: "Greet {{ name.upper() }}" }
""",
    good=_MODEL
    + """
task greet(name: str) -> str { model: small prompt: "Greet {{ name | upper }}" }
""",
)


def not_allowed(span: Span, construct: str, help: str | None = None) -> Diagnostic:
    """A part of Jinja2 that is not available."""
    return NOT_ALLOWED.at(
        span,
        f"{construct} cannot be used in a template",
        "not available",
        help=help or "templates have `if`, `for`, `set`, operators and filters",
    )


UNKNOWN_FILTER = register(
    "APWA253",
    "no filter or test has this name",
    explanation="""
Filters stand after a bar, `{{ name | upper }}`, and tests after `is`, `{% if n is even %}`. Only those of the language
are available, so that a template gives the same text everywhere.
""",
    fix="Correct the spelling, or compute the value in a task.",
    bad=_MODEL
    + """
task greet(name: str) -> str { model: small prompt: "Greet {{ name | uper }}" }
""",
    good=_MODEL
    + """
task greet(name: str) -> str { model: small prompt: "Greet {{ name | upper }}" }
""",
)


def unknown_filter(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """A filter that does not exist."""
    names = tuple(known)
    return UNKNOWN_FILTER.at(
        span,
        f"there is no filter `{name}`",
        "not a filter",
        help=suggestion(name, names) or _listed(names),
        fix=respelling(span, name, names),
    )


def unknown_test(span: Span, name: str, known: Iterable[str]) -> Diagnostic:
    """A test that does not exist."""
    names = tuple(known)
    return UNKNOWN_FILTER.at(
        span,
        f"there is no test `is {name}`",
        "not a test",
        help=suggestion(name, names) or _listed(names),
        fix=respelling(span, name, names),
    )


def _listed(known: Iterable[str]) -> str:
    return f"there are {', '.join(f'`{name}`' for name in sorted(known))}"


FILTER_USE = register(
    "APWA254",
    "a filter does not go with its value or arguments",
    explanation="""
Each filter takes values of certain types, and certain arguments in brackets. The first parameter of its signature is
the value before the bar.
""",
    fix="Give the filter what its signature asks for; `| string` makes a text of most values.",
    bad=_MODEL
    + """
task greet(number: int) -> str { model: small prompt: "Greet {{ number | upper }}" }
""",
    good=_MODEL
    + """
task greet(number: int) -> str { model: small prompt: "Greet {{ number | string | upper }}" }
""",
)


def filter_value(span: Span, name: str, misfit: Misfit, signatures: Sequence[str], value: Span) -> Diagnostic:
    """The value before the bar has the wrong type."""
    return FILTER_USE.at(
        span,
        f"the filter `{name}` takes `{misfit.expected}`, but this is `{misfit.found}`",
        f"takes `{misfit.expected}`",
        also=((value, f"this is `{misfit.found}`"),),
        help=f"the signature is {told(signatures)}",
    )


def filter_argument(span: Span, name: str, misfit: Misfit, signatures: Sequence[str]) -> Diagnostic:
    """An argument of a filter has the wrong type."""
    return FILTER_USE.at(
        span,
        f"the filter `{name}` takes `{misfit.expected}` as `{misfit.parameter}`, but this is `{misfit.found}`",
        f"this is `{misfit.found}`",
        help=f"the signature is {told(signatures)}",
        fix=types.unquoted(span, misfit.expected),
    )


def filter_arguments(span: Span, name: str, signatures: Sequence[str]) -> Diagnostic:
    """Too few, too many or misnamed arguments of a filter or test."""
    return FILTER_USE.at(
        span,
        f"these are not the arguments of `{name}`",
        "wrong number or names of arguments",
        help=f"the signature is {told(signatures)}",
    )


def map_attribute(span: Span) -> Diagnostic:
    """``map`` without the literal name of a field."""
    return FILTER_USE.at(
        span,
        "`map` takes the name of a field of the records in a list",
        "not so",
        help='write `| map(attribute="name")` after a list of records',
    )


NULL_USED = register(
    "APWA255",
    "a template uses a value that may be null",
    explanation="""
A value of type `T?` may be null, and a template must not print `None` by accident. Give a text for null with
`| default("…")`, or print it inside `{% if x %} … {% endif %}`, where it is not null.
""",
    fix="Add `| default(…)`, or stand it inside `{% if … %}`.",
    bad=_MODEL
    + """
task greet(name: str?) -> str { model: small prompt: "Greet {{ name }}" }
""",
    good=_MODEL
    + """
task greet(name: str?) -> str { model: small prompt: "Greet {{ name | default('nobody') }}" }
""",
)


def null_used(span: Span, found: Type, path: bool, declared: Field | None = None) -> Diagnostic:
    """A value that may be null where a value is needed."""
    text = span.text
    value = placeholder(found.inner) if isinstance(found, Optional) else None
    value = "'none'" if path and value is not None else value and value.replace('"', "'")
    default = f"{text} | default({value or '…'})"
    help = f"write `{default}`" + ("" if path else f", or use it inside `{{% if {text} %}}`")
    fix = Fix(f"write `{default}`", (Edit(span, default),), safe=False) if value else None
    return NULL_USED.at(
        span, f"`{text}` may be null", f"this is `{found}`", also=types.also_declared(declared), help=help, fix=fix
    )


NOT_TEXT = register(
    "APWA256",
    "a template prints what has no text",
    explanation="""
Templates print texts, numbers, truth values, dates, times and durations as they are, and records, lists, maps and
json as JSON. Bytes and tensors have no text of their own.
""",
    fix="Use a filter that makes a text, such as `| hex` for bytes.",
    bad=_MODEL
    + """
task greet(mark: bytes) -> str { model: small prompt: "Greet {{ mark }}" }
""",
    good=_MODEL
    + """
task greet(mark: bytes) -> str { model: small prompt: "Greet {{ mark | hex }}" }
""",
)


def not_text(span: Span, found: Type) -> Diagnostic:
    """Bytes or a tensor."""
    return NOT_TEXT.at(
        span,
        f"`{found}` has no text",
        f"this is `{found}`",
        help="write `| hex` after it" if str(found) == "bytes" else "compute a text in a task",
    )


def not_joined(span: Span, found: Type) -> Diagnostic:
    """A part of ``a ~ b`` that is not text or a number."""
    return NOT_TEXT.at(
        span,
        f"`~` joins texts and numbers, but this is `{found}`",
        f"this is `{found}`",
        help="make a text of it: `(… | string)`",
    )


NOT_A_LIST = register(
    "APWA257",
    "a template repeats over something that has no items",
    explanation="""
`{% for x in … %}` takes a list, a json value, or a map, whose keys it gives. Inside, `x` is one item, and fields are
those of the item: `{% for note in notes %}{{ note.text }}{% endfor %}`.
""",
    fix="Repeat over a list.",
    bad=_MODEL
    + """
task greet(name: str) -> str { model: small prompt: "{% for n in name %}{{ n }}{% endfor %}" }
""",
    good=_MODEL
    + """
task greet(names: list[str]) -> str { model: small prompt: "{% for n in names %}{{ n }}{% endfor %}" }
""",
)


def not_a_list(span: Span, found: Type) -> Diagnostic:
    """A loop over something without items."""
    return NOT_A_LIST.at(span, f"`for` cannot go through `{found}`", f"this is `{found}`", help="repeat over a list")


def field_of_list(span: Span, base: str, field: str, found: ListOf | TableOf) -> Diagnostic:
    """A field asked of a list rather than of an item."""
    return NOT_A_LIST.at(
        span,
        f"`{base}` is `{found}`; its items have fields, the list has none",
        "a field of an item",
        help=f'repeat over it with `for`, or write `{base} | map(attribute="{field}")`',
    )


PATH_STATEMENT = register(
    "APWA258",
    "a path has statements",
    explanation="""
A path is proved not to collide with others, so its parts must be known: fixed text and `{{ … }}` holes. Statements
such as `{% if … %}` cannot stand in it.
""",
    fix="Compute the part of the path in a field, or print it with a filter.",
    bad="""
task page(id: str) -> str { return: id writes: ["{% if id %}{{ id | key }}{% endif %}.txt"] }
""",
    good="""
task page(id: str) -> str { return: id writes: ["{{ id | key }}.txt"] }
""",
)


def path_statement(span: Span, statement: str) -> Diagnostic:
    """A statement in a path."""
    return PATH_STATEMENT.at(
        span,
        f"a path cannot have `{{% {statement} … %}}`",
        "a statement",
        help="use only text and `{{ … }}` in a path",
    )


PATH_HOLE = register(
    "APWA259",
    "a hole of a path is not one plain value",
    explanation="""
A part of a path is one text, number, truth value, date, time, duration or uuid. A record, list, map or json value has
no text that is sure to be fit for a path.
""",
    fix="Name a field of the record, or make a text of the value with a filter such as `| sha256`.",
    bad="""
record Note { id: str @key, text: str }
task page(note: Note) -> str { return: note.text writes: ["{{ note }}.txt"] }
""",
    good="""
record Note { id: str @key, text: str }
task page(note: Note) -> str { return: note.text writes: ["{{ note.id | key }}.txt"] }
""",
)


def path_hole(span: Span, found: Type) -> Diagnostic:
    """A value that is no plain one."""
    help = "print one plain value: a text, a number, a date"
    if isinstance(found, RecordType):
        field = next(iter(found.keys), None) or next(iter(found.fields), None)
        help = f"name a field: `{{{{ {span.text}.{field.name} }}}}`" if field else help
    elif str(found) == "json":
        help = "say what it is: `| string`, `| int` or `| float`"
    elif str(found) == "bytes":
        help = "write `| hex` or `| sha256` after it"
    return PATH_HOLE.at(span, f"`{found}` cannot be part of a path", f"this is `{found}`", help=help)


SHOWN_TO_SYSTEM = register(
    "APWA260",
    "a file in a system prompt",
    explanation="""
A prompt shows the images, sounds and documents that it names, each at its place. A system prompt is text alone: no
server takes a file there.
""",
    fix="Show the file in `prompt`; `| string` prints its path.",
    bad="""
model eye { provider: "openai" name: "eye" }
task read(scan: image) -> str { model: eye  system: "This is {{ scan }}"  prompt: "What does it say?" }
""",
    good="""
model eye { provider: "openai" name: "eye" }
task read(scan: image) -> str { model: eye  system: "Be brief."  prompt: "What does it say? {{ scan }}" }
""",
)


def shown_to_system(span: Span, kind: str) -> Diagnostic:
    """A hole of a system prompt that would show a file."""
    return SHOWN_TO_SYSTEM.at(
        span, f"a system prompt cannot show {article(kind)}", f"this is `{kind}`", help="show it in `prompt`"
    )


SINGLE_BRACES = register(
    "APWA261",
    "a hole in single braces",
    explanation="""
A hole of a template has two braces: `{{ note.id }}`. In a path `{note.id}` is one text for every sub-problem, which is
an error; in a prompt it is a warning, since a text may speak of braces.
""",
    fix="Write `{{ … }}`.",
    bad="""
record Note { id: str @key }
task copy(note: Note) -> Note { return: note  writes: "out/{note.id}.json" }
""",
    good="""
record Note { id: str @key }
task copy(note: Note) -> Note { return: note  writes: "out/{{ note.id }}.json" }
""",
)


def single_braces(span: Span, name: str, path: bool) -> Diagnostic:
    """``{name}`` in a template where ``name`` is in reach."""
    hole = f"{{{{ {name} }}}}"
    found = SINGLE_BRACES.at(
        span,
        f"`{span.text}` is no hole of a template, and stays as it is",
        f"`{name}` is not put in here",
        help=f"write `{hole}`",
        fix=Fix(f"write `{hole}`", (Edit(span, hole),), safe=False),
    )
    return found if path else replace(found, severity=Severity.WARNING)
