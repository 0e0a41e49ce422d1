"""The words of the grammar: how each is used, and what it is for.

In: nothing. Out: the table that editors show; a test holds it to the words of the grammar.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Keyword(NamedTuple):
    """``syntax`` is the form that the word opens or belongs to, ``doc`` what it means."""

    syntax: str
    doc: str


KEYWORDS: Mapping[str, Keyword] = {
    "import": Keyword('import "path.apwa" as name', "Declarations of another file, under a prefix."),
    "as": Keyword('read "path" as format(options)', "Names the prefix of an import, or the format of what is read."),
    "param": Keyword("param name: type = value", "A value that is given when the program is run."),
    "record": Keyword("record Name { field: type }", "The fields that a row or an answer has."),
    "table": Keyword("table name: Record = source", "Data that does not change."),
    "read": Keyword('read "path"', "The rows of a file, or of all files that a pattern names."),
    "files": Keyword('files "pattern"', "One row for each file that the pattern names."),
    "sql": Keyword('sql "query"', "One SELECT over other tables."),
    "model": Keyword("model name { settings }", "A model at a server or inside the process."),
    "tool": Keyword("tool name(parameters) -> type { settings }", "What a model may call before it answers."),
    "mcp": Keyword('tool name = mcp "command or URL"', "The tools of an MCP server."),
    "task": Keyword("task name(parameters) -> type { settings }", "What is done to one sub-problem."),
    "python": Keyword('python "module:factory"', "Python code of the program's own."),
    "split": Keyword("split name = table by rule", "How a table falls apart into sub-problems."),
    "by": Keyword("split name = table by rule", "Says how a table falls apart, is merged or is ordered."),
    "when": Keyword("{ small when condition, large }", "The condition under which a route takes a model."),
    "flow": Keyword("flow name { statements }", "What is done with tables, in which order their data asks for."),
    "save": Keyword('save table to "path"', "Writes a table in the format of the path's suffix."),
    "to": Keyword('save table to "path"', "Says where a table is saved."),
    "if": Keyword("if (condition) { … } else { … }", "Statements that run where a condition on parameters holds."),
    "else": Keyword("if (condition) { … } else { … }", "Statements that run where the condition does not hold."),
    "repeat": Keyword(
        "repeat max n until (condition) { … }", "Runs statements round after round, until a condition holds."
    ),
    "max": Keyword("repeat max n until (condition) { … }", "How many rounds there are at most."),
    "until": Keyword("repeat max n until (condition) { … }", "What ends the rounds."),
    "map": Keyword("map task over split keep fields", "Calls a task for each sub-problem of a split."),
    "over": Keyword("map task over split", "The split that is mapped, or the table that is reduced."),
    "keep": Keyword("map task over split keep fields", "Fields of the sub-problem that its result keeps."),
    "reduce": Keyword("reduce task over table by tree(8)", "Makes one row of many, by a task or of a field."),
    "group": Keyword("reduce field over table by sum group fields", "Makes one row for each value of the fields."),
    "where": Keyword("table where condition", "The rows for which a condition holds."),
    "select": Keyword("table select { name: expression }", "New rows, made of the fields of each row."),
    "join": Keyword("table join other on fields", "Pairs of rows with equal fields, as one row each."),
    "on": Keyword("table join other on fields", "The fields that are equal in a pair."),
    "sort": Keyword("table sort by fields", "The rows in ascending order; nulls come last."),
    "limit": Keyword("table limit n", "The first rows."),
    "union": Keyword("union(table, other)", "The rows of each table in turn."),
    "after": Keyword("statement after names", "Waits for other statements without taking their data."),
    "test": Keyword('test "name" { statements }', "A check that `apwa test` runs."),
    "mock": Keyword("mock model = answer", "What a model answers in this test."),
    "expect": Keyword("expect condition", "What must hold for the test to pass."),
    "or": Keyword("a or b", "Whether one of two conditions holds."),
    "and": Keyword("a and b", "Whether both conditions hold."),
    "not": Keyword("not a", "Whether a condition does not hold."),
    "in": Keyword("item in list", "Whether a list has an item, or a text a part."),
    "per": Keyword("600 per 1m", "A rate: how often in which time."),
    "true": Keyword("true", "The truth value of what holds."),
    "false": Keyword("false", "The truth value of what does not hold."),
    "null": Keyword("null", "No value, where the type is `T?`."),
}
