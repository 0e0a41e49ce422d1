"""Random programs with two maps over one table, made from a seed, and all rows of a small universe for them."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from apwa_lang.semantics.types import INT, Field

Row = dict[str, object]

NUMBERS = range(-3, 9)
WORDS = ["a", "b", "A", "ab", "ba", "a-", "-a", "a b", "1", "01", "aa", "b-a"]
FIELDS = {
    "n": ["int", "int @range(0, 6)", "int @range(-2, 2)"],
    "m": ["int", "int @range(0, 4)"],
    "s": ["str", 'str @pattern("[ab]+")', 'str @pattern("[a-z]{1,2}")'],
    "t": ['"a" | "b" | "ab"', "str"],
}
ARGUMENTS = [
    "n", "m", "s", "t", "n + 1", "2 * n", "2 * n + 1", "n % 3", "n // 2", "-n", "n + m", "n * n", "4 - n",
    's + "x"', '"a" + s', "s + t", 's + "-" + t', "lower(s)", "upper(t)", "str(n) + s", 'replace(s, "a", "b")',
    "abs(n)", "key(s)", "len(s)", 'choose(n > 2, "a", s)',
]  # fmt: skip
CONDITIONS = [
    "n > 1", "n <= 1", "n == 2", "n != 2", "n % 2 == 0", "n % 2 == 1", "m < n", "m >= n", 's == "a"', 's != "a"',
    't == "ab"', 't in ["a", "b"]', 'not (s == "a")', "n > 1 and m < 3", 'n > 3 or t == "a"',
    'starts_with(s, "a")', "n + m > 3",
]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A program with two maps over one table, each under its own conditions."""

    text: str

    @classmethod
    def of(cls, seed: int) -> Case:
        rng = random.Random(seed)
        keys = rng.choice([["n"], ["s"], ["n", "s"], ["t", "m"], ["n", "m"]])
        types = {name: rng.choice(kinds) for name, kinds in FIELDS.items()}
        fields = " ".join(f"{name}: {type}{' @key' if name in keys else ''}\n " for name, type in types.items())
        text = f'record R {{\n  {fields}}}\ntable rows: R = read "rows.jsonl"\n'
        flow = ""
        for step in ("x", "y"):
            arguments = rng.sample(ARGUMENTS, rng.choice([1, 1, 2]))
            holes = [_hole(number, one, rng) for number, one in enumerate(arguments)]
            path = rng.choice(["", "a"]) + rng.choice(["-", "", "/", "a"]).join(holes) + rng.choice(["", ".md"])
            types_of = ", ".join(f"p{number}: {_type(one)}" for number, one in enumerate(arguments))
            text += f'task {step}_task({types_of}) -> str {{ return: "" writes: "out/{path}" }}\n'
            table = "rows"
            if rng.random() < 0.6:
                flow += f"  {step}_rows = rows where {rng.choice(CONDITIONS)}\n"
                table = f"{step}_rows"
            flow += f"  split {step}_each = {table} by row\n"
            flow += f"  {step} = map {step}_task({', '.join(arguments)}) over {step}_each\n"
        return cls(f"{text}flow main {{\n{flow}}}\n")


def _type(argument: str) -> str:
    numeric = re.fullmatch(r"-?[nm]|[-+*/%\dnm ]+|abs\(n\)|len\(s\)", argument)
    return "int" if numeric else "str"


def _hole(number: int, argument: str, rng: random.Random) -> str:
    filter = rng.choice(["", "", " | key", "" if _type(argument) == "int" else " | lower"])
    return f"{{{{ p{number}{filter} }}}}"


def universe(field: Field) -> list[object]:
    if field.type == INT:
        low, high = field.minimum, field.maximum
        return [n for n in NUMBERS if (low is None or n >= low) and (high is None or n <= high)]
    values = getattr(field.type, "values", WORDS)
    return [word for word in values if field.pattern is None or re.fullmatch(field.pattern, word)][:4]


def completed(given: Row, fields: Sequence[Field], likely: Row) -> list[Row]:
    """Rows with the given values, and all others of the universe, the likely ones too, where none is given."""
    free = [field for field in fields if field.name not in given]
    values = [[*universe(field), *([likely[field.name]] if field.name in likely else [])] for field in free]
    return [given | dict(zip((f.name for f in free), row, strict=True)) for row in itertools.product(*values)]
