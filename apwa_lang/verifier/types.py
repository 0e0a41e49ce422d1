"""Types of values and the columns that hold them.

In: nothing. Out: what declarations are read into, and what is asked of a column's texts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Type:
    """A type by its kind: a primitive's name, or another.

    ``choice`` is one of ``values``, ``optional`` null or ``inner``, ``list`` and ``map`` of ``inner``, ``record`` has
    ``columns``, ``unknown`` is not worked out here; values of other kinds name no file.
    """

    kind: str
    values: tuple[str, ...] = ()
    inner: Type | None = None
    columns: tuple[Column, ...] = ()

    @property
    def present(self) -> Type:
        """The type of the values other than null."""
        return self.inner if self.kind == "optional" and self.inner is not None else self

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)

    def at(self, path: tuple[str, ...]) -> Column | None:
        """The column at the end of a path of columns, or None."""
        found: Column | None = None
        here: Type = self
        for name in path:
            found = here.column(name) if here.kind == "record" else None
            if found is None:
                return None
            here = found.type
        return found


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a record, with what its values are declared to be. ``low`` and ``high`` are inclusive."""

    name: str
    type: Type
    key: bool = False
    unique: bool = False
    pattern: str | None = None
    low: float | None = None
    high: float | None = None


PRIMITIVES = frozenset(
    {
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "date",
        "datetime",
        "duration",
        "uuid",
        "json",
        "file",
        "image",
        "audio",
    }
)
STR = Type("str")
INT = Type("int")
UNKNOWN = Type("unknown")


def record(*columns: Column) -> Type:
    """The record of these columns."""
    return Type("record", columns=columns)


FILE_RECORD = record(Column("path", STR, key=True), Column("name", STR), Column("size", INT), Column("sha256", STR))

_DISTINCT = frozenset({"str", "file", "image", "audio", "int", "bool", "date", "datetime", "uuid", "choice"})


def distinct(type: Type) -> bool:
    """Whether two values of a type never print alike."""
    return type.kind in _DISTINCT
