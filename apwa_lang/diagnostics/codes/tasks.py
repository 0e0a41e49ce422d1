"""Findings about the settings of models, tools and tasks: APWA415 to APWA429, and APWA439.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from apwa_lang.diagnostics.codes.wording import article, listed
from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion, written
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

UNKNOWN_SETTING = register(
    "APWA415",
    "unknown setting",
    explanation="Models, tools and tasks each have their own settings; a setting of another name would have no effect.",
    fix="Correct the spelling, or remove the setting.",
    bad="""
model small { provider: "local", temprature: 0.5 }
""",
    good="""
model small { provider: "local", temperature: 0.5 }
""",
)


def unknown_setting(name: Name, owner: str, known: Iterable[str]) -> Diagnostic:
    """An ``owner`` (``"task"``) has no setting ``name``."""
    settings = tuple(known)
    return UNKNOWN_SETTING.at(
        name.span,
        f"{article(owner)} has no setting `{name.text}`",
        help=suggestion(name.text, settings) or f"settings of {article(owner)}: {', '.join(settings)}",
        fix=respelling(name.span, name.text, settings),
    )


REPEATED_SETTING = register(
    "APWA416",
    "a setting is given twice",
    explanation="""
Each setting stands once; only `require` and `ensure` may stand several times, each a condition of its own.
""",
    fix="Remove one.",
    bad="""
task double(n: int) -> int { return: n + n  retry: 1  retry: 2 }
""",
    good="""
task double(n: int) -> int { return: n + n  retry: 2 }
""",
)


def repeated_setting(name: Name, first: Span) -> Diagnostic:
    """The setting stands at ``first`` already."""
    return REPEATED_SETTING.at(
        name.span,
        f"`{name.text}` is given twice",
        "again here",
        also=((first, "first here"),),
        help="remove one",
    )


BAD_SETTING = register(
    "APWA417",
    "a setting has a value of the wrong form",
    explanation="""
Settings are written as constants of a fixed form: `retry: 3`, `timeout: 30s`, `rate: 600 per 1m`, `on_error: skip`.
""",
    fix="Write the value in the form that the message names.",
    bad="""
task double(n: int) -> int { return: n + n  timeout: 30 }
""",
    good="""
task double(n: int) -> int { return: n + n  timeout: 30s }
""",
)


_QUANTITY = re.compile(r"\d+(ms|s|m|h|d|B|KiB|MiB|GiB|TiB)?|true|false")


def bad_setting(value: ast.Expr, name: str, wanted: str) -> Diagnostic:
    """``wanted`` says in a noun phrase what ``name`` takes."""
    hint = fix = None
    if isinstance(value, ast.IntLiteral | ast.FloatLiteral) and "duration" in wanted:
        seconds = f"{value.span.text}s"
        hint, fix = f"did you mean `{seconds}`?", Fix(f"write `{seconds}`", (Edit(value.span, seconds),), safe=False)
    if isinstance(value, ast.StringLiteral) and _QUANTITY.fullmatch(value.value):
        hint = f"write `{value.value}` without quotes"
        fix = Fix(hint, (Edit(value.span, value.value),), safe=False)
    if isinstance(value, ast.Variable) and wanted == "a text":
        fix = written(value.span, f'"{value.name}"')
        hint = f"{fix.title}, in quotes"
    unnamed = _unquoted_variable(value)
    if unnamed is not None:
        hint, fix = "the name of a variable stands in quotes", unnamed
    return BAD_SETTING.at(value.span, f"`{name}` takes {wanted}", f"not {wanted}", help=hint, fix=fix)


def _unquoted_variable(value: ast.Expr) -> Fix | None:
    """For `env(NAME)` and `secret(NAME)`."""
    if not isinstance(value, ast.Call) or value.function.text not in ("env", "secret") or len(value.arguments) != 1:
        return None
    named = value.arguments[0].value
    return written(named.span, f'"{named.name}"') if isinstance(named, ast.Variable) else None


def bad_word(place: Span, name: str, found: str, words: Iterable[str]) -> Diagnostic:
    """``name`` takes one of ``words``, not ``found``."""
    known = tuple(words)
    meant = next((word for word in _SAME.get(found.lower(), ()) if word in known), None)
    words = listed(known, " or ")
    return BAD_SETTING.at(
        place,
        f"`{name}` takes {words}",
        f"not {words}",
        help=f"did you mean `{meant}`?" if meant else suggestion(found, known),
        fix=written(place, meant) if meant else respelling(place, found, known),
    )


# What other languages call these words.
_SAME = {
    "true": ("on",),
    "yes": ("on",),
    "false": ("off",),
    "no": ("off",),
    "ignore": ("skip",),
    "continue": ("skip",),
    "pass": ("skip",),
    "stop": ("fail",),
    "abort": ("fail",),
    "raise": ("fail",),
    "error": ("fail",),
}


MISSING_SETTING = register(
    "APWA418",
    "a setting is missing",
    explanation="""
A model needs a `provider`; an `openai` model needs the `name` that its server knows; a tool needs `python`.
""",
    fix="Add the setting.",
    bad='model small { provider: "openai" }',
    good='model small { provider: "openai", name: "smollm2" }',
)


def missing_setting(owner: Name, kind: str, setting: str, example: str) -> Diagnostic:
    """The ``kind`` called ``owner`` needs ``setting``."""
    return MISSING_SETTING.at(
        owner.span,
        f"the {kind} `{owner.text}` has no `{setting}`",
        help=f"add `{setting}: {example}`",
    )


SETTING_ELSEWHERE = register(
    "APWA419",
    "a setting does not go with the others",
    explanation="""
Some settings mean something only beside another: `model`, `route`, `tools`, `system` and `budget` beside `prompt`,
`max_steps` beside `tools`, `batch` beside `python` or `torch`. `model` and `route` exclude each other. `base_url`
and `api_key` are for servers, `path`, `threads` and `context` for `local` models.
""",
    fix="Remove the setting, or change the one that it contradicts.",
    bad="""
model small { provider: "local" }
task double(n: int) -> int { model: small  return: n + n }
""",
    good="""
model small { provider: "local" }
task double(n: int) -> int { return: n + n }
""",
)


def setting_elsewhere(name: Name, needs: str, other: Name | None) -> Diagnostic:
    """``name`` means something only beside ``needs``; ``other`` is what stands instead."""
    return SETTING_ELSEWHERE.at(
        name.span,
        f"`{name.text}` goes with {needs} only",
        "has no meaning here",
        also=((other.span, f"this is `{other.text}`"),) if other else (),
        help=f"remove `{name.text}`",
    )


def settings_exclude(name: Name, other: Name) -> Diagnostic:
    """``name`` and ``other`` cannot both stand."""
    return SETTING_ELSEWHERE.at(
        name.span,
        f"`{name.text}` and `{other.text}` exclude each other",
        also=((other.span, f"`{other.text}` is given here"),),
        help="keep one",
    )


BODY = register(
    "APWA420",
    "a task does not have exactly one body",
    explanation="A task does its work in one way: by `prompt`, `python`, `torch`, `shell` or `return`.",
    fix="Give the task one body; split it in two tasks if it needs two.",
    bad="task double(n: int) -> int { retry: 2 }",
    good="task double(n: int) -> int { return: n + n  retry: 2 }",
)


def no_body(task: Name) -> Diagnostic:
    """The task has no body."""
    return BODY.at(
        task.span,
        f"the task `{task.text}` has no body",
        "does nothing",
        help="give it one of `prompt`, `python`, `torch`, `shell`, `return`",
    )


def two_bodies(task: Name, second: Name, first: Name) -> Diagnostic:
    """The task has two bodies."""
    return BODY.at(
        second.span,
        f"the task `{task.text}` has two bodies: `{first.text}` and `{second.text}`",
        "second body",
        also=((first.span, "first body"),),
        help="keep one, or make two tasks",
    )


NO_MODEL = register(
    "APWA421",
    "a prompt has no model",
    explanation="""
A `prompt` is sent to the model that `model` names. There is no default: which model answers is part of the program.
""",
    fix="Add `model: NAME`.",
    bad="""
model small { provider: "local" }
task ask(text: str) -> str { prompt: "{{ text }}" }
""",
    good="""
model small { provider: "local" }
task ask(text: str) -> str { model: small  prompt: "{{ text }}" }
""",
)


def no_model(task: Name, prompt: Name, models: tuple[str, ...]) -> Diagnostic:
    """The prompt names no model; ``models`` are those the file can name."""
    if len(models) == 1:
        hint = f"add `model: {models[0]}`"
        fix = Fix(
            hint, (Edit(Span(prompt.span.source, prompt.span.start, prompt.span.start), f"model: {models[0]}\n  "),)
        )
    else:
        hint = (
            "add `model: …` with one of " + listed(models)
            if models
            else 'declare one, such as `model small { provider: "local" }`, and add `model: small`'
        )
        fix = None
    return NO_MODEL.at(
        prompt.span, f"the task `{task.text}` has a prompt but no model", "nobody is asked", help=hint, fix=fix
    )


KEY_IN_PROGRAM = register(
    "APWA422",
    "a key is written in the program",
    severity=Severity.WARNING,
    explanation="""
A key in a program ends in version control and in every copy of the file. `secret("NAME")` reads it from the environment
where it is used; it is never stored or logged.
""",
    fix='Write `api_key: secret("NAME")` and set NAME in the environment.',
    bad='model small { provider: "openai", name: "smollm2", api_key: "sk-123" }',
    good='model small { provider: "openai", name: "smollm2", api_key: secret("LLM_KEY") }',
)


def key_in_program(place: Span, model: str) -> Diagnostic:
    """``api_key`` of ``model`` is a text."""
    variable = f"{model.upper()}_KEY"
    return KEY_IN_PROGRAM.at(
        place,
        "`api_key` is written in the program",
        "in sight of everyone who has the file",
        help=f'use `secret("{variable}")` and set {variable} in the environment',
        fix=written(place, f'secret("{variable}")'),
    )


PYTHON_TARGET = register(
    "APWA423",
    "a Python target is malformed",
    explanation="A Python function is named `package.module:function`, to be imported from the folder of the program.",
    fix="Write the module, a colon, and the name in it.",
    bad='task count(text: str) -> int { python: "words.count" }',
    good='task count(text: str) -> int { python: "words:count" }',
)


def python_target(place: Span, text: str) -> Diagnostic:
    """``text`` is not ``module:name``."""
    module, _, name = text.rpartition(".")
    hint = f"did you mean `{module}:{name}`?" if module and ":" not in text else "write `package.module:function`"
    return PYTHON_TARGET.at(place, f"`{text}` names no Python function", "module, colon, name", help=hint)


RESULT_TYPE = register(
    "APWA424",
    "a model cannot give this type",
    explanation="""
A model answers in text or JSON, so the result of a `prompt` holds no bytes, files, images, audio or tensors.
""",
    fix="Ask for text, numbers, choices, lists or records of these.",
    bad="""
model small { provider: "local" }
task draw(text: str) -> image { model: small  prompt: "{{ text }}" }
""",
    good="""
model small { provider: "local" }
task draw(text: str) -> str { model: small  prompt: "{{ text }}" }
""",
)


def result_type(place: Span, whole: str, part: str, prompt: Span) -> Diagnostic:
    """The result ``whole`` holds a ``part`` that no model can write."""
    holds = f"`{whole}`" if whole == part else f"`{whole}`, which holds `{part}`"
    return RESULT_TYPE.at(
        place,
        f"a model cannot answer with {holds}",
        also=((prompt, "asked by this prompt"),),
        help="a `python` body can make one",
    )


NAME_LIST = register(
    "APWA427",
    "names are expected",
    explanation="""
`model` and `tools` take names of declarations: `model: small`, `model: [small, large]`, `tools: [search]`.
""",
    fix="Write the name without quotes.",
    bad="""
model small { provider: "local" }
task ask(text: str) -> str { model: "small"  prompt: "{{ text }}" }
""",
    good="""
model small { provider: "local" }
task ask(text: str) -> str { model: small  prompt: "{{ text }}" }
""",
)


def not_a_name(value: ast.Expr, setting: str, kind: str) -> Diagnostic:
    """``value`` is no name of a ``kind``."""
    hint = fix = None
    if isinstance(value, ast.StringLiteral) and value.value.isidentifier():
        hint = f"write `{value.value}` without quotes"
        fix = Fix(hint, (Edit(value.span, value.value),), safe=False)
    return NAME_LIST.at(
        value.span,
        f"`{setting}` takes the name of {article(kind)}",
        f"not the name of {article(kind)}",
        help=hint,
        fix=fix,
    )


def repeated_entry(name: Name, setting: str, first: Span) -> Diagnostic:
    """The same name twice in one list."""
    return NAME_LIST.at(
        name.span,
        f"`{name.text}` stands twice in `{setting}`",
        "again here",
        also=((first, "first here"),),
        help="remove one",
    )


ROUTE_ORDER = register(
    "APWA428",
    "a route does not end with the model for all the rest",
    explanation="""
`route` takes the first model whose condition holds. The last one stands without a condition, for every sub-problem
that no condition picks; a model after one without a condition would never be asked.
""",
    fix="Put the model without a condition last.",
    bad="""
model small { provider: "local" }
task ask(text: str) -> str { route: { small when len(text) < 800 }  prompt: "{{ text }}" }
""",
    good="""
model small { provider: "local" }
model large { provider: "local", context: 8192 }
task ask(text: str) -> str { route: { small when len(text) < 800, large }  prompt: "{{ text }}" }
""",
)


def route_open(name: Name) -> Diagnostic:
    """The last model of a route has a condition."""
    return ROUTE_ORDER.at(
        name.span,
        f"no model is left where the condition of `{name.text}` does not hold",
        "the last model, and it has a condition",
        help="add a model without a condition at the end",
    )


def route_ends_early(name: Name) -> Diagnostic:
    """A model without a condition is not the last."""
    return ROUTE_ORDER.at(
        name.span,
        f"the models after `{name.text}` are never asked",
        "has no condition, so it always holds",
        help="put it last, or give it a condition with `when`",
    )


UNPRICED_BUDGET = register(
    "APWA429",
    "a budget in dollars needs prices",
    explanation="""
What a call costs is known from the `price` of its model, in dollars for a million tokens. Without it, a budget in
dollars would never be spent.
""",
    fix="Give the model a `price`, or set the budget in tokens.",
    bad="""
model small { provider: "openai", name: "smollm2" }
task ask(text: str) -> str { model: small  prompt: "{{ text }}"  budget: { dollars: 20 } }
""",
    good="""
model small { provider: "openai", name: "smollm2", price: { input: 0.15, output: 0.6 } }
task ask(text: str) -> str { model: small  prompt: "{{ text }}"  budget: { dollars: 20 } }
""",
)


def unpriced_budget(place: Span, model: str, declared: Span) -> Diagnostic:
    """The budget at ``place`` is in dollars, and ``model`` has no price."""
    return UNPRICED_BUDGET.at(
        place,
        f"what a call of `{model}` costs is not known",
        "a budget in dollars",
        also=((declared, "has no `price`"),),
        help=f"add `price: {{ input: dollars, output: dollars }}` to `{model}`, or set `budget: {{ tokens: n }}`",
    )


NOT_READ = register(
    "APWA439",
    "a model does not read what a prompt shows it",
    explanation="""
A prompt shows the images, sounds and documents that it names. Servers of provider `openai` and models of your own are
sent all of them, those of `anthropic` no sounds; a local model reads text alone, and of documents those that are text.
""",
    fix="Ask a model that reads it, or let a `python` task make text of it first.",
    bad="""
model small { provider: "local" }
task read(scan: image) -> str { model: small  prompt: "What does this say? {{ scan }}" }
""",
    good="""
model eye { provider: "openai", name: "eye" }
task read(scan: image) -> str { model: eye  prompt: "What does this say? {{ scan }}" }
""",
)


def not_read(place: Span, kind: str, model: str, provider: str, declared: Span) -> Diagnostic:
    """The prompt shows at ``place`` what ``model`` cannot be sent."""
    reads = "text alone" if provider == "local" else "no sounds"
    return NOT_READ.at(
        place,
        f"`{model}` cannot be shown {article(kind)}",
        f"this is `{kind}`",
        also=((declared, f"a model of provider `{provider}` reads {reads}"),),
        help="ask a model that reads it; `| string` prints its path",
    )
