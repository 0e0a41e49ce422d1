"""Ordinary functions that share nothing are found to have no effect."""

import copy
import warnings
from types import FunctionType, ModuleType, SimpleNamespace

import pytest
from bodies import analyse, kinds, table

PURE = r"""
=== a fresh list: [1, 2] ;; [3]
def f(x):
    out = []
    for y in x: out.append(y * 2)
    return out
=== a copy of a global: 5 ;; 6
G = [1, 2]
def f(x):
    y = G[:]
    y.append(x)
    return y
=== list() of a global: 5 ;; 6
G = [1, 2]
def f(x):
    y = list(G)
    y.append(x)
    return y
=== a name bound anew: 5 ;; 6
G = [1, 2]
def f(x):
    y = G
    y = list(y)
    y.append(x)
    return y
=== a display of a global: 5 ;; 6
DEFAULTS = {"a": 1}
def f(x):
    d = {**DEFAULTS, "b": x}
    d["c"] = 1
    return d
=== a merged dict: 5 ;; 6
DEFAULTS = {"a": 1}
def f(x):
    d = DEFAULTS | {"b": x}
    d["c"] = 1
    return d
=== deepcopy: 5 ;; 6
import copy
DEFAULTS = {"a": []}
def f(x):
    d = copy.deepcopy(DEFAULTS)
    d["a"].append(x)
    return d
=== a constant table: 'a' ;; 'b'
TABLE = {"a": [1, 2], "b": [3]}
def f(x): return sum(TABLE.get(x, [])) + len(TABLE)
=== a table filled by the module: 2 ;; 3
SQUARES = {}
for i in range(10):
    SQUARES[i] = i * i
def f(x): return SQUARES[x]
=== strings: N(text='Some words, here.', title='t') ;; N(text='', title='u')
def f(note):
    words = [w.strip(".,").lower() for w in note.text.split() if w.isalpha()]
    return " ".join(sorted(set(words), key=str.lower)) + f"{len(words):>5}" + "%s" % note.title
=== regular expressions: N(text='write to a@b.c') ;; N(text='nobody')
import re
MAIL = re.compile(r"[^@ ]+@[^ ]+")
def f(note):
    found = MAIL.findall(note.text)
    text = MAIL.sub(lambda m: "[" + m.group(0)[:1].upper() + "]", note.text)
    return {"text": text, "found": found, "first": re.search("t", text).start() if found else None}
=== json: '{"b": [{"c": 2}]}' ;; '{"b": []}'
import json
def f(x):
    data = json.loads(x)
    data["a"] = [y for y in data["b"] if y["c"] > 1]
    data["b"].append(3)
    return json.dumps(data, sort_keys=True)
=== dates: N(taken='2024-01-05') ;; N(taken='1999-12-31T10:00')
from datetime import datetime, timedelta, date
def f(x):
    start = datetime.fromisoformat(x.taken)
    days = [(start + timedelta(days=n)).date().isoformat() for n in range(3)]
    return {"days": days, "age": (start.date() - date(2000, 1, 1)).days, "week": start.isocalendar()[1]}
=== counters and groups: [N(ward='a', text='x'), N(ward='b', text='y')] ;; [N(ward='c', text='z')]
from collections import Counter, defaultdict, OrderedDict, deque
from itertools import groupby
def f(rows):
    groups = defaultdict(list)
    for row in rows:
        groups[row.ward].append(row.text)
    counts = Counter(row.ward for row in rows)
    counts.update(["a"])
    order = deque(sorted(groups))
    order.rotate(1)
    by = {k: list(g) for k, g in groupby(sorted(rows, key=lambda r: r.ward), key=lambda r: r.ward)}
    return {"n": counts.most_common(3), "g": {k: len(v) for k, v in groups.items()}, "o": list(order), "b": len(by)}
=== numbers: [1.5, 2] ;; [3]
import math, statistics
from decimal import Decimal, ROUND_HALF_UP
def f(xs):
    total = Decimal("0")
    for x in xs:
        total += Decimal(str(x)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return {"m": statistics.mean(xs), "s": math.sqrt(sum(x * x for x in xs)), "t": str(total)}
=== a seeded generator: 1 ;; 2
import random
def f(x):
    rng = random.Random(x)
    xs = list(range(10))
    rng.shuffle(xs)
    return xs, rng.random()
=== a seeded numpy generator:
import numpy as np
def f(x):
    rng = np.random.default_rng(0)
    a = rng.normal(size=3)
    a[0] = 1
    return (a * 2 + 1).sum().tolist()
=== a data class: 'a' ;; 'b'
from dataclasses import dataclass, field
@dataclass
class Box:
    name: str
    items: list = field(default_factory=list)
    def put(self, x):
        self.items.append(x)
        return self
def f(x): return Box(x).put(1).put(2).items
=== a frozen data class: 1 ;; 2
from dataclasses import dataclass, replace, asdict
@dataclass(frozen=True)
class Point:
    x: int
    y: int = 0
    def moved(self, dx): return replace(self, x=self.x + dx)
def f(x): return asdict(Point(x).moved(2))
=== a class of one's own: 1 ;; 2
class Stack:
    def __init__(self, items=()): self.items = list(items)
    def push(self, x): self.items.append(x)
    def __len__(self): return len(self.items)
    def __iter__(self): return iter(self.items)
    @property
    def top(self): return self.items[-1]
def f(x):
    s = Stack([1])
    s.push(x)
    return [len(s), list(s), s.top]
=== a hierarchy: N(kind='s', size=2) ;; N(kind='c', size=1)
from abc import ABC, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self): ...
    def double(self): return 2 * self.area()
class Square(Shape):
    def __init__(self, a):
        super().__init__()
        self.a = a
    def area(self): return self.a ** 2
class Circle(Shape):
    def __init__(self, r): self.r = r
    def area(self): return 3.14 * self.r ** 2
KINDS = {"s": Square, "c": Circle}
def f(x): return KINDS[x.kind](x.size).double()
=== an enumeration: 'red' ;; 'blue'
from enum import Enum
class Color(Enum):
    RED = "red"
    BLUE = "blue"
    @property
    def short(self): return self.value[0]
def f(x): return Color(x).short + "".join(c.name for c in Color) + Color["RED"].value
=== a named tuple: 1 ;; 2
from typing import NamedTuple
from collections import namedtuple
class P(NamedTuple):
    x: int
    y: int = 0
Q = namedtuple("Q", "a b")
def f(v):
    p = P(v)._replace(y=2)
    a, b = Q(1, v)
    return p.x + p.y + a + b
=== an HTML parser: '<p>a<br id="1">b</p>' ;; '<b>c'
from html.parser import HTMLParser
class Text(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []
    def handle_data(self, data): self.parts.append(data.strip())
    def handle_starttag(self, tag, attrs):
        if tag == "br": self.parts.append(dict(attrs).get("id", ""))
def f(x):
    p = Text()
    p.feed(x)
    p.close()
    return "".join(p.parts)
=== XML: '<a><item id="1">x</item></a>' ;; '<a/>'
import xml.etree.ElementTree as ET
def f(x):
    root = ET.fromstring(x)
    return [(e.tag, e.get("id"), (e.text or "").strip()) for e in root.iter("item")]
=== csv in memory: 'a,b\n1,2\n' ;; 'a\n'
import csv, io
def f(x):
    rows = list(csv.DictReader(io.StringIO(x)))
    out = io.StringIO()
    w = csv.writer(out)
    w.writerow(["a"])
    for r in rows: w.writerow([r["a"].strip()])
    return out.getvalue()
=== recursion: [[1], [[2]]] ;; 3
def depth(x): return 1 + max((depth(y) for y in x), default=0) if isinstance(x, list) else 0
def f(x): return depth(x)
=== mutual recursion: 4 ;; 3
def even(n): return True if n == 0 else odd(n - 1)
def odd(n): return False if n == 0 else even(n - 1)
def f(x): return even(x)
=== generators: [1, 3, 6] ;; []
def pairs(xs):
    last = None
    for x in xs:
        if last is not None: yield last, x
        last = x
def f(xs): return [b - a for a, b in pairs(xs)]
=== a context manager: 'x' ;; 'y'
from contextlib import contextmanager, suppress
@contextmanager
def part(xs):
    xs.append("(")
    yield xs
    xs.append(")")
def f(x):
    out = []
    with part(out) as o, suppress(ValueError): o.append(x)
    return "".join(out)
=== a decorator: ' x ' ;; 'y'
from functools import wraps, partial, reduce
def trimmed(fn):
    @wraps(fn)
    def inner(*args, **kwargs): return fn(*args, **kwargs).strip()
    return inner
@trimmed
def say(x, end=""): return x + end
say_dot = partial(say, end=".")
def f(x): return reduce(lambda a, b: a + b, [say_dot(x), say(x)], "")
=== a closure: 1 ;; 2
def f(x):
    n = 0
    def inc():
        nonlocal n
        n += 1
        return n
    return [inc(), inc()]
=== errors: '' ;; 'a'
class Bad(ValueError):
    def __init__(self, what):
        super().__init__(what)
        self.what = what
def check(x):
    if not x: raise Bad("empty")
    return int(x)
def f(x):
    try: return check(x)
    except Bad as e: return str(e)
    except (ValueError, TypeError) as e: return str(e) + repr(e)
    finally: x = None
=== match: {'kind': 'a', 'items': [1, 2]} ;; ' S '
def f(x):
    match x:
        case {"kind": "a", "items": [first, *rest]}: return [first, len(rest)]
        case [a, b]: return a + b
        case str(s) if s.strip(): return s.lower()
        case _: return None
=== hashing: N(text='a') ;; N(text='b')
import hashlib, base64, uuid
def f(x):
    h = hashlib.sha256()
    h.update(x.text.encode())
    return h.hexdigest(), base64.b64encode(h.digest()).decode(), str(uuid.uuid5(uuid.NAMESPACE_URL, x.text))
=== heap and bisect: [N(n=2, id='a'), N(n=1, id='b')] ;; [N(n=1, id='c'), N(n=0, id='d')]
import heapq, bisect
def f(xs):
    heap = []
    for x in xs: heapq.heappush(heap, (x.n, x.id))
    out = [heapq.heappop(heap) for _ in range(2)]
    order = []
    bisect.insort(order, out[0])
    return order
=== a path as text: 'a/b.txt' ;; 'c'
from pathlib import Path
import os.path
def f(x): return Path(x).stem + os.path.basename(x) + Path(x).with_suffix(".md").name
=== print: 1 ;; 2
import sys
def f(x):
    print(x)
    sys.stdout.write("a")
    print("b", file=sys.stderr)
=== type checking and main: 1 ;; 2
from typing import TYPE_CHECKING, cast
if TYPE_CHECKING:
    import nosuchpackage
def f(x: "nosuchpackage.T") -> int: return cast(int, x)
if __name__ == "__main__":
    open("/etc/x", "w").write("a")
=== a logger that is only made: 1 ;; 2
import logging
LOG = logging.getLogger(__name__)
def f(x): return x
=== pydantic: N(name='abcd') ;; N(name='x')
from pydantic import BaseModel, field_validator, Field
class Item(BaseModel):
    name: str
    tags: list[str] = Field(default_factory=list)
    @field_validator("name")
    @classmethod
    def short(cls, v): return v[:3]
def f(x):
    item = Item(name=x.name)
    item.tags.append("a")
    return item.model_dump()
=== total_ordering: [2, 1] ;; [3]
from functools import total_ordering
@total_ordering
class V:
    def __init__(self, n): self.n = n
    def __eq__(self, o): return self.n == o.n
    def __lt__(self, o): return self.n < o.n
def f(xs): return [v.n for v in sorted(V(x) for x in xs)]
=== operators of one's own: 1 ;; 2
class Vec:
    def __init__(self, x): self.x = x
    def __add__(self, o): return Vec(self.x + o.x)
    def __mul__(self, k): return Vec(self.x * k)
    def __repr__(self): return f"Vec({self.x})"
def f(x): return repr(Vec(x) + Vec(1) * 2)
=== itemgetter and attrgetter: [Row(a=1, b=2)] ;; []
from operator import itemgetter, attrgetter
def f(rows): return [r["a"] for r in sorted(rows, key=itemgetter("a"))] + [attrgetter("b")(r) for r in rows]
=== a table of lambdas: N(op='+', a=1, b=2) ;; N(op='-', a=1, b=2)
OPS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b}
def f(x): return OPS[x.op](x.a, x.b)
=== nested loops: [[0, 0], [0, 0]] ;; [[0]]
def f(grid):
    seen = set()
    queue = [(0, 0)]
    while queue:
        i, j = queue.pop(0)
        if (i, j) in seen: continue
        seen.add((i, j))
        for di, dj in ((0, 1), (1, 0)):
            if i + di < len(grid) and j + dj < len(grid[0]): queue.append((i + di, j + dj))
    return len(seen)
=== a local class: 1 ;; 2
def f(x):
    class Acc:
        total = 0
    Acc.total += x
    return Acc.total
=== arguments are changed only locally: [' a '] ;; []
def tidy(row):
    row = dict(row)
    row["a"] = row["a"].strip()
    return row
def f(x): return [tidy({"a": v}) for v in x]
=== string tools: 'a &amp; b' ;; 'c'
import string, textwrap, unicodedata, html, difflib
TABLE = str.maketrans("", "", string.punctuation)
def f(x):
    y = unicodedata.normalize("NFKD", html.unescape(x)).translate(TABLE)
    ratio = difflib.SequenceMatcher(None, x, y).ratio()
    return textwrap.fill(textwrap.dedent(y), 20), ratio, string.Template("$a").substitute(a=y)
=== urls: 'http://A.org/?a=1' ;; 'x'
from urllib.parse import urlparse, parse_qs, urlencode
def f(x):
    u = urlparse(x)
    return u.netloc.lower(), parse_qs(u.query).get("a", [""])[0], urlencode({"a": u.hostname})
=== nothing is left out of chunks: [1, 2, 3, 4] ;; []
import itertools
def f(xs):
    it = iter(xs)
    return [list(c) for c in iter(lambda: list(itertools.islice(it, 3)), [])]
"""

SAMPLES = table(PURE)


class Row(dict):
    @property
    def b(self):
        return self["b"]


def snapshot(value, seen):
    """Everything that can be reached from `value`, as text; an object met again is told by its number."""
    if isinstance(value, int | float | str | bytes | None):
        return repr(value)
    if id(value) in seen:
        return f"<{seen[id(value)]}>"
    seen[id(value)] = len(seen)
    parts = [value.__defaults__] if isinstance(value, FunctionType) else []
    if isinstance(value, FunctionType):
        parts += [cell.cell_contents for cell in value.__closure__ or ()]
    elif isinstance(value, dict):
        parts += [*value, *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        parts += [*value]
    elif isinstance(value, type):
        parts += [held for name, held in vars(value).items() if not name.startswith("_")]
    elif not isinstance(value, ModuleType):
        parts += [vars(value)] if hasattr(value, "__dict__") else []
    return f"{type(value).__name__}({', '.join(snapshot(part, seen) for part in parts)})"


def own(namespace):
    return snapshot({name: value for name, value in namespace.items() if not name.startswith("__")}, {})


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source, _ in SAMPLES])
def test_pure(tmp_path, source):
    found = analyse(tmp_path, source)
    assert kinds(found) - {"MUTATES_ARG"} == set(), [effect.reason for effect in found.effects]


RUN = [pytest.param(*rest, id=name) for name, *rest in SAMPLES if rest[1]]


@pytest.mark.parametrize(("source", "inputs"), RUN)
def test_what_is_pure_changes_nothing_and_does_not_see_the_order_of_calls(source, inputs):
    """The analysis is held to what Python does: the samples are run, in both orders."""
    first, second = (eval(text, {"N": SimpleNamespace, "Row": Row}) for text in inputs.split(" ;; "))
    answers = []
    for order in ((first, second), (second, first)):
        namespace = {"__name__": "sample"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(source, "sample", "exec"), namespace)
        before = own(namespace)
        told = [snapshot(namespace["f"](copy.deepcopy(value)), {}) for value in order]
        assert own(namespace) == before
        answers.append(told)
    assert answers[0] == answers[1][::-1]


def test_most_samples_are_run():
    assert len(RUN) >= 40
