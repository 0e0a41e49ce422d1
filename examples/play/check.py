"""Look which marks of the play have come through: ``python check.py`` after a run.

Prints for each level how many marks its summaries should have kept, and how many they have; exits with 1 where one is
lost.
"""

import json
import re
from pathlib import Path

MARK = re.compile(r"mark for the (scene|act|play): the \w+ bears the number \d+-\d+-\d+")
LEVELS = (
    ("scenes", ("act", "scene"), ("scene", "act", "play")),
    ("acts", ("act",), ("act", "play")),
    ("story", (), ("play",)),
)


def rows(path):
    with Path(path).open() as stream:
        yield from map(json.loads, stream)


def kept():
    """By level: the marks that should be there, and those that are."""
    found = {}
    for level, key, ranks in LEVELS:
        planted = {}
        for row in rows("data/play.jsonl"):
            marks = {mark[0] for mark in MARK.finditer(row["text"]) if mark[1] in ranks}
            planted.setdefault(tuple(row[name] for name in key), set()).update(marks)
        summaries = {tuple(row[name] for name in key): row["summary"] for row in rows(f"out/{level}.jsonl")}
        there = sum(mark in summaries.get(place, "") for place, marks in planted.items() for mark in marks)
        found[level] = (sum(map(len, planted.values())), there)
    return found


if __name__ == "__main__":
    levels = kept()
    for level, (planted, there) in levels.items():
        print(f"{level}: {there:,} of {planted:,} marks kept")
    raise SystemExit(any(there < planted for planted, there in levels.values()))
