"""Findings about built-in tools, and tasks as tools: APWA437, APWA438 and APWA445.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from collections.abc import Iterable

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.diagnostics.suggest import respelling, suggestion
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

_NOTES = """
record Note { id: str @key, text: str }
table notes: Note = read "notes.jsonl"
"""

UNKNOWN_BUILTIN = register(
    "APWA437",
    "unknown built-in tool",
    explanation="""
`tool name = …` gives an agent one of the tools that come with the language: `query(table, …)` answers SQL,
`search(table, …)` finds rows by words, `calculate` works out an expression, `python(table, …)` runs code, `shell`
runs commands, `fetch("host", …)` reads a page, and `skills("folder", …)` gives instructions that are needed at times
only. A tool of your own is a Python function: `tool name(a: str) -> str { python: "…" }`.
""",
    fix="Use one of these, or declare a tool with a Python function.",
    bad=_NOTES + "tool ask = sql_query(notes)",
    good=_NOTES + "tool ask = query(notes)",
)


def unknown_builtin(name: Name, known: Iterable[str]) -> Diagnostic:
    """No built-in tool is called ``name``."""
    tools = tuple(known)
    return UNKNOWN_BUILTIN.at(
        name.span,
        f"there is no built-in tool `{name.text}`",
        help=suggestion(name.text, tools) or "built-in tools are " + listed(tools),
        fix=respelling(name.span, name.text, tools),
    )


BUILTIN_ARGUMENTS = register(
    "APWA438",
    "a built-in tool has the wrong arguments",
    explanation="""
`query`, `search` and `python` name the tables that they may read; `fetch` names hosts, such as `"api.example.com"`,
or URLs below which it may ask; `skills` names folders with a `SKILL.md`. `rows: n` is how many rows `query` and
`search` tell of.
""",
    fix="Write the tool in the form that the message shows.",
    bad=_NOTES + "tool ask = query",
    good=_NOTES + "tool ask = query(notes, rows: 20)",
)


def builtin_arguments(place: Span, tool: str, problem: str, form: str) -> Diagnostic:
    """``problem`` says what is wrong, ``form`` how the tool is written."""
    return BUILTIN_ARGUMENTS.at(place, f"`{tool}` {problem}", help=f"write `{form}`")


def unreadable_skill(place: Span, folder: str, why: str) -> Diagnostic:
    """The texts of a skill cannot be taken into a plan."""
    return BUILTIN_ARGUMENTS.at(
        place, f"`skills` cannot read `{folder}`: {why}", help="name a folder with a `SKILL.md`"
    )


NOT_A_TOOL = register(
    "APWA445",
    "a task that cannot be a tool",
    explanation="""
An agent may have tasks among its `tools`: its model then asks theirs. All that such a call is given, the model writes,
and it happens within the sub-problem of the agent. So it is a task by `prompt` that neither shows files nor has
`reads`, `writes`, `resources` or a `budget` of its own, and that does not reach itself again through its tools. It may
have tools in its turn. A Python function is given as a tool: `tool name(a: str) -> str { python: "…" }`.
""",
    fix="Declare a tool with a function, or leave out of the task what the message names.",
    bad="""
model llm { provider: "openai", name: "m" }
task shout(text: str) -> str { return: upper(text) }
task answer(question: str) -> str { model: llm  prompt: "{{ question }}"  tools: [shout] }
""",
    good="""
model llm { provider: "openai", name: "m" }
task shorten(text: str) -> str { model: llm  prompt: "Shorten: {{ text }}" }
task answer(question: str) -> str { model: llm  prompt: "{{ question }}"  tools: [shorten] }
""",
)


def not_a_tool(name: Name, why: str, declared: Span) -> Diagnostic:
    """The task ``name`` is named as a tool, and ``why`` it is none."""
    return NOT_A_TOOL.at(
        name.span, f"the task `{name.text}` cannot be a tool: {why}", "named as a tool", also=((declared, "the task"),)
    )
