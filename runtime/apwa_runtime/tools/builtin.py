"""Built-in tools: functions of this package, called as those of a user are, with what the program gives them.

In: a tool of the plan. Out: how it is run, and what a model is told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apwa_compiler.plan import Builtin, Tool
from apwa_lang.semantics.program import WORKING
from apwa_lang.semantics.types import RecordType
from apwa_runtime.isolation import landlock, seccomp
from apwa_runtime.isolation.messages import Setup
from apwa_runtime.isolation.readable import readable
from apwa_runtime.tools.builtins.skills import described

_TOLD = {
    "query": "Answers one SELECT in the SQL of DuckDB over these tables, {rows} rows at most: {tables}.",
    "search": "Finds the rows of {names} in which the words occur, the {rows} best first.",
    "calculate": (
        "Works out an arithmetic expression, in the syntax of Python: numbers, lists, comparisons, `sqrt`, `log`, "
        "`sin`, `mean`, `sum`, `round` and the like."
    ),
    "python": "Runs Python code and gives what it prints and the value of its last expression.{lists}{files}",
    "shell": "Runs a command with /bin/sh and gives what it prints. There is no network.{files}",
    "skills": "Tells how something is to be done. Ask for one of these where it fits the work:{skills}",
    "fetch": "Reads a page, by GET. It may ask {places} and nothing else.",
}


def setup_of(tool: Tool, builtin: Builtin, base: str, root: str | None) -> Setup:
    """How the tool is run; ``base`` is the folder of the program, which it does not see.

    Folders of sub-problems lie below ``root``.
    """
    folders = {str(Path(part).parent) for table in builtin.tables for part in table.parts}
    return Setup(
        f"apwa_runtime.tools.builtins.{builtin.kind}:{builtin.kind}",
        base,
        tool.parameters,
        tool.result,
        own=True,
        network=bool(tool.network),
        readable=(*readable(base, ()), *sorted(folders)),
        sealed=not tool.network,
        root=root if builtin.kind in WORKING else None,
    )


def given_of(builtin: Builtin) -> dict[str, Any]:
    """What the function is called with besides what the model says."""
    given: dict[str, Any] = {}
    if builtin.tables or builtin.kind == "python":
        given["tables"] = {table.name: table.parts for table in builtin.tables}
    if builtin.rows:
        given["rows"] = builtin.rows
    if builtin.texts:
        given["texts"] = dict(builtin.texts)
    if builtin.places:
        given["places"] = builtin.places
    return given


def told_of(tool: Tool, builtin: Builtin, reads: Sequence[str], writes: Sequence[str]) -> str:
    """What a model is told of the tool: what it does, and what its author says.

    The task ``reads`` and ``writes`` files by these names.
    """
    names = ", ".join(f"`{table.name}`" for table in builtin.tables)
    tables = "; ".join(f"{table.name}({_columns(table.record)})" for table in builtin.tables)
    lists = f" It has {tables}, each a list of dicts." if tables else ""
    places = ", ".join(builtin.places)
    files = _files(builtin, reads, writes)
    skills = "".join(f"\n- {name}: {description}" for name, description in described(dict(builtin.texts)))
    does = _TOLD[builtin.kind].format(
        rows=builtin.rows, names=names, tables=tables, lists=lists, places=places, skills=skills, files=files
    )
    return f"{does} {tool.description}".strip()


def lacking_for(builtin: Builtin) -> str | None:
    """Why this machine cannot run the tool, or None."""
    if builtin.kind in WORKING and not (landlock.version() and seccomp.works()):
        return f"a tool `{builtin.kind}` runs what a model writes, which asks for Linux with Landlock and seccomp"
    return None


def _files(builtin: Builtin, reads: Sequence[str], writes: Sequence[str]) -> str:
    """What is said of the folder and of the files by name."""
    shown = "${}" if builtin.kind == "shell" else "{}"
    named = (
        (reads, "holds the path of a file to work on"),
        (writes, "the path at which you leave a file before you answer"),
    )
    said = "".join(f" `{shown.format(name)}` {what}." for names, what in named for name in names)
    return f" It works in a folder that stays until you answer.{said}"


def _columns(record: RecordType) -> str:
    return ", ".join(f"{field.name} {field.type}" for field in record.fields)
