"""Queries in SQL: what they may do, and a database that can do nothing else.

In: the text of a query. Out: why it cannot be used, if so, and its columns. A query is one SELECT over tables it is
handed: it changes nothing, opens nothing, sees no field with a secret, and gives the same rows each time. DuckDB parses
it; the rules here read its syntax tree.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apwa_lang.diagnostics.codes.wording import listed
from apwa_lang.diagnostics.suggest import suggestion
from apwa_lang.semantics.types import ListOf, MapOf, Optional, Primitive, RecordType, Tensor, Type, open_fields

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# All others open something, show the database itself, or run a text as another query.
_TABLE_FUNCTIONS = frozenset(("generate_series", "json_each", "json_tree", "range", "unnest"))
_CLOCK = frozenset(
    (
        *("age", "ago", "current_date", "current_localtime", "current_localtimestamp", "current_time"),
        *("current_timestamp", "get_current_time", "get_current_timestamp", "localtime", "localtimestamp", "now"),
        *("pg_postmaster_start_time", "today", "transaction_timestamp", "txid_current"),
    )
)
_CHANCE = frozenset(("gen_random_uuid", "random", "setseed", "uuid", "uuidv4", "uuidv7"))
_INSIDE = frozenset(
    (
        *("current_connection_id", "current_query", "current_query_id", "current_setting", "current_transaction_id"),
        *("currval", "error", "getvariable", "nextval", "pg_sleep", "setval", "sleep_ms", "stats", "vector_type"),
        *("version", "write_log"),
    )
)

_UNSTEADY = {
    **dict.fromkeys(_CLOCK, "asks the clock, and a query gives the same rows each time"),
    **dict.fromkeys(_CHANCE, "is chance, and a query gives the same rows each time"),
    **dict.fromkeys(_INSIDE, "cannot be used: it is about the database itself"),
}
_PRIMITIVES = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "bytes": "BLOB",
    "date": "DATE",
    "duration": "INTERVAL",
}
ONE_SELECT = "only one SELECT can be run"


def database(memory: str = "512MiB", spill: Path | None = None) -> DuckDBPyConnection:
    """An empty database that reaches neither files nor the network, and whose settings are final.

    It works in one thread, so that equal queries over equal rows give equal rows. What needs more than ``memory`` goes
    to files below ``spill``, or fails without one. Raises ImportError where DuckDB is not installed.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": memory})
    connection.execute(f"SET temp_directory = '{_quoted(str(spill or ''))}'")
    for setting in (
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "python_enable_replacements = false",
        "TimeZone = 'UTC'",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def columns(query: str, tables: Mapping[str, RecordType], known: Collection[str] = ()) -> list[str]:
    """What a query over tables of these rows gives; the names of all tables that are ``known`` are for messages.

    Raises ImportError where DuckDB is not installed, ValueError, with one line, for a query that cannot be used.
    """
    import duckdb

    connection = database()
    for name, record in tables.items():
        fields = ", ".join(f"{_name(field.name)} {_sql_type(field.type)}" for field in open_fields(record))
        connection.execute(f"CREATE TABLE {_name(name)} ({fields or '_ INTEGER'})")
    problem = refusal(connection, query, known)
    if problem is not None:
        raise ValueError(problem)
    try:
        found = list(connection.sql(query).columns)
    except duckdb.Error as error:
        raise ValueError(one_line(error)) from None
    problem = repetition(found)
    if problem is not None:
        raise ValueError(problem)
    return found


def repetition(columns: Iterable[str]) -> str | None:
    """What is wrong where two columns have one name."""
    names = list(map(str.lower, columns))
    twice = next((name for name in names if names.count(name) > 1), None)
    return twice and f"two columns are named `{twice}`: give one another name with `as`"


def one_line(error: Exception) -> str:
    """What DuckDB says, without its drawing of the query and its lists of functions."""
    told = str(error).partition("\n\nLINE ")[0].partition("Candidate functions:")[0]
    return " ".join(told.split()).replace(": :", ":")


def refusal(connection: DuckDBPyConnection, query: str, known: Collection[str] = ()) -> str | None:
    """Why ``query`` cannot be used, as a clause; None where it can, as far as its words tell."""
    [(text,)] = connection.execute("SELECT json_serialize_sql(?)", [query]).fetchall()
    tree = json.loads(text)
    if tree["error"]:
        problem = str(tree.get("error_message", "it cannot be read"))
        return ONE_SELECT if problem.startswith("Only SELECT") else problem
    if len(tree["statements"]) != 1:
        return ONE_SELECT
    nodes = list(_nodes(tree["statements"][0]))
    tables = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
    own = {node["key"].lower() for node in nodes if {"key", "value"} <= node.keys()}
    problems = (_problem(node) or _unknown(node, own, tables, known or tables) for node in nodes)
    return next(filter(None, problems), None)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for item in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(item)


def _unknown(node: dict[str, Any], own: Collection[str], tables: Collection[str], known: Collection[str]) -> str | None:
    """What is wrong where a name is neither one of the ``tables`` nor the query's ``own``."""
    match node:
        case {"type": "BASE_TABLE", "qualified_name": {"path": [*path, name]}}:
            if path or (name not in tables and name.lower() not in own):
                shown = ".".join((*path, name))
                return ": ".join(filter(None, (f"there is no table `{shown}`", suggestion(name, known) or _all(known))))
    return None


def _all(names: Collection[str]) -> str:
    return f"there is {listed(names)}" if names else ""


def _problem(node: dict[str, Any]) -> str | None:
    if node.get("sample"):
        return "a sample is drawn by chance: use `limit`, or a condition"
    match node:
        case {"type": "SHOW_REF"}:
            return ONE_SELECT
        case {"type": "TABLE_FUNCTION", "function": {"function_name": str(name)}}:
            if name.lower() not in _TABLE_FUNCTIONS:
                return f"`{name}` cannot be read from: a query reads tables of the program only"
        case {"type": "FUNCTION", "function_name": str(name)} if name.lower() in _UNSTEADY:
            return f"`{name}` {_UNSTEADY[name.lower()]}"
        case {"type": "COLUMN_REF", "column_names": [str(name)]} if name.lower() in _CLOCK:
            return f"`{name}` {_UNSTEADY[name.lower()]}"
    return None


def _sql_type(type: Type) -> str:
    """The type of a column. What Arrow holds as text, as it does times and JSON, is text here too."""
    match type:
        case Primitive(name):
            return _PRIMITIVES.get(name, "VARCHAR")
        case Optional(inner):
            return _sql_type(inner)
        case ListOf(item):
            return f"{_sql_type(item)}[]"
        case MapOf(value):
            return f"MAP(VARCHAR, {_sql_type(value)})"
        case RecordType(fields=fields) if fields:
            return f"STRUCT({', '.join(f'{_name(field.name)} {_sql_type(field.type)}' for field in fields)})"
        case Tensor(_, shape):
            return "DOUBLE" + "[]" * len(shape)
        case _:
            return "VARCHAR"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return text.replace("'", "''")
