"""Whether rows with given values can pass the conditions that they must have passed.

In: a pair of accesses and the values that a witness gives to some fields of either row. Out: whether the other fields
can be given values so that every ``where`` on the way holds. False where that is not found out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from itertools import islice, product

from apwa_lang.proofs.accesses import Access
from apwa_lang.proofs.bindings import field_at
from apwa_lang.proofs.conditions import Condition, constants, paths, renamed
from apwa_lang.proofs.evaluate import NotKnownError, value_of
from apwa_lang.proofs.lineage import PARAMS, Rows
from apwa_lang.proofs.pairs import Pair
from apwa_lang.proofs.values import is_value, samples, typed
from apwa_lang.semantics.core import Core, Var
from apwa_lang.semantics.types import Field, Optional

_MOST_TRIES = 3_000
_MOST_VALUES = 12

Known = Mapping[str, str | None]


def possible(pair: Pair, left: Known, right: Known, params: Known) -> bool:
    """Whether rows with these values, by the names that their sub-problems have for them, can both be there."""
    same = _one_row(pair, left, right)
    asked = _Question({f"{PARAMS}.{name}": text for name, text in params.items()})
    asked.add(pair.left, left, "row" if same else "left")
    asked.add(pair.right, right, "row" if same else "right")
    return asked.satisfiable()


def both_taken(pair: Pair) -> bool:
    """Whether parameters can be given values with which both steps of a pair run. False where that is not found out."""
    guards = () if pair.separate else (*pair.left.step.guards, *pair.right.step.guards)
    asked = _Question({})
    params = pair.left.binding.program.params
    for guard in guards:
        asked.conditions.append((guard.condition, guard.expected))
        known = ((name, params.get(name)) for name in paths(guard.condition))
        asked.fields.update((name, Field(name, param.type)) for name, param in known if param is not None)
    return asked.satisfiable()


def _one_row(pair: Pair, left: Known, right: Known) -> bool:
    """Whether both are about one row of their common base."""
    one, other = pair.left.scope.source, pair.right.scope.source
    if pair.separate or one is None or other is None or one.base != other.base:
        return False
    values = {base: text for name, text in left.items() if (base := one.base_of(name)) is not None}
    others = {base: text for name, text in right.items() if (base := other.base_of(name)) is not None}
    return any(
        all(name in values and name in others and values[name] == others[name] for name in fields)
        for fields in one.identities
    )


@dataclass
class _Question:
    """Conditions over fields, some of which have a value. Each row has a prefix of its own for its fields."""

    values: dict[str, object]
    fields: dict[str, Field] = dataclass_field(default_factory=dict)
    conditions: list[Condition] = dataclass_field(default_factory=list)
    _agree: bool = True

    def add(self, access: Access, row: Known, prefix: str) -> None:
        """Take in a row and the conditions on it."""
        source = access.scope.source
        if source is None:
            return
        for name, text in row.items():
            base, field = source.base_of(name), access.scope.field(name)
            if base is not None and field is not None:
                value = typed(field.type, text)
                self._agree = self._agree and self.values.setdefault(f"{prefix}.{base}", value) == value
        for core, expected in source.conditions:
            self.conditions.append((_below(core, prefix), expected))
            self.fields.update(_fields(access, source, paths(core), prefix))

    def satisfiable(self) -> bool:
        """Whether values for the other fields were found with which every condition holds."""
        if not self._agree:
            return False
        unknown = [name for name in self.fields if name not in self.values]
        compared = [found for core, _ in self.conditions for found in constants(core)]
        choices = [_values(self.fields[name], [value for path, value in compared if path == name]) for name in unknown]
        tries = islice(product(*choices), _MOST_TRIES)
        return any(self._hold({**self.values, **dict(zip(unknown, choice, strict=True))}) for choice in tries)

    def _hold(self, values: Mapping[str, object]) -> bool:
        try:
            return all(bool(value_of(core, values)) is expected for core, expected in self.conditions)
        except NotKnownError:
            return False


def _below(core: Core, prefix: str) -> Core:
    return renamed(core, lambda name: Var(name if name == PARAMS else f"{prefix}.{name}"))


def _fields(access: Access, source: Rows, names: Iterable[str], prefix: str) -> Iterator[tuple[str, Field]]:
    for name in names:
        root, _, rest = name.partition(".")
        if root == PARAMS:
            param = access.binding.program.params.get(rest)
            if param is not None:
                yield name, Field(rest, param.type)
        elif source.record is not None and (field := field_at(source.record, name)) is not None:
            yield f"{prefix}.{name}", field


def _values(field: Field, compared: list[object]) -> list[object]:
    """Values of a field that conditions are likely to tell apart."""
    near: list[object] = []
    for value in compared:
        near.append(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            near.extend((value - 1, value + 1))
    texts = [*(_text(value) for value in near), *samples(field, 4)]
    inner = field.type.inner if isinstance(field.type, Optional) else field.type
    found = [typed(inner, text) for text in dict.fromkeys(texts) if is_value(field, text)]
    if isinstance(field.type, Optional):
        found.append(None)
    return found[:_MOST_VALUES]


def _text(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
