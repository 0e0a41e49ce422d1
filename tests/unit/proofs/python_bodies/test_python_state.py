"""Kinds of effects of single functions: what is shared between calls, and what only looks like it."""

import pytest
from bodies import analyse, kinds, table

STATE = """
=== append to a global: WRITE_GLOBAL
CACHE = []
def f(x): CACHE.append(x)
=== item of a global: WRITE_GLOBAL
CACHE = {}
def f(x): CACHE[x] = 1
=== delete an item of a global: WRITE_GLOBAL
CACHE = {}
def f(x): del CACHE[x]
=== setdefault on a global: WRITE_GLOBAL
CACHE = {}
def f(x): return CACHE.setdefault(x, [])
=== global statement: WRITE_GLOBAL
N = 0
def f(x):
    global N
    N = x
=== count in a global: WRITE_GLOBAL
N = 0
def f(x):
    global N
    N += 1
    return N
=== in-place addition to a global list: WRITE_GLOBAL
XS = []
def f(x):
    ys = XS
    ys += [x]
=== alias of a global: WRITE_GLOBAL
G = []
def f(x):
    y = G
    y.append(x)
=== alias through a branch: WRITE_GLOBAL
G = []
def f(x):
    y = [] if x else G
    y.append(x)
=== element of a global: WRITE_GLOBAL
G = [[], []]
def f(x):
    for y in G:
        y.append(x)
=== nested value of a global: WRITE_GLOBAL
G = {"k": {}}
def f(x):
    d = G["k"]
    d["z"] = x
=== slice shares the elements: WRITE_GLOBAL
G = [[1]]
def f(x):
    y = G[:]
    y[0].append(x)
=== list() shares the elements: WRITE_GLOBAL
G = [[1]]
def f(x):
    for y in list(G):
        y.append(x)
=== dict() shares the values: WRITE_GLOBAL
G = {"a": []}
def f(x):
    d = dict(G)
    d["a"].append(x)
=== a display shares the values: WRITE_GLOBAL
G = {"a": []}
def f(x):
    d = {**G}
    d["a"].append(x)
=== copy.copy is shallow: WRITE_GLOBAL UNKNOWN
import copy
G = {"a": []}
def f(x):
    copy.copy(G)["a"].append(x)
=== through a fresh list: WRITE_GLOBAL
G = []
def f(x):
    box = []
    box.append(G)
    box[0].append(x)
=== through a fresh dict: WRITE_GLOBAL
G = []
def f(x):
    box = {"g": G}
    box["g"].append(x)
=== through a tuple: WRITE_GLOBAL
G = []
def f(x):
    _, g = 1, G
    g.append(x)
=== through a sorted list: WRITE_GLOBAL
G = [[2], [1]]
def f(x):
    sorted(G)[0].append(x)
=== through zip: WRITE_GLOBAL
G = [[2], [1]]
def f(x):
    for a, b in zip(G, x):
        a.append(b)
=== through enumerate: WRITE_GLOBAL
G = [[2], [1]]
def f(x):
    for i, a in enumerate(G):
        a.append(i)
=== through items: WRITE_GLOBAL
G = {"a": []}
def f(x):
    for k, v in G.items():
        v.append(k)
=== through get: WRITE_GLOBAL
G = {"a": []}
def f(x):
    G.get(x, []).append(x)
=== through max: WRITE_GLOBAL
G = [[1], [2]]
def f(x):
    max(G, key=len).append(x)
=== through a comprehension: WRITE_GLOBAL
G = [[1], [2]]
def f(x):
    [g.append(x) for g in G]
=== through a generator: WRITE_GLOBAL
G = [[1], [2]]
def each():
    yield from G
def f(x):
    for g in each():
        g.append(x)
=== through a chain: WRITE_GLOBAL
from itertools import chain
G = [[1], [2]]
def f(x):
    for g in chain(G, [[3]]):
        g.append(x)
=== through reduce: WRITE_GLOBAL
from functools import reduce
G = [1]
def f(x):
    return reduce(lambda a, b: a.append(b) or a, x, G)
=== through map: WRITE_GLOBAL
G = []
def f(x):
    return list(map(G.append, x))
=== a sort key: WRITE_GLOBAL
SEEN = []
def key(x):
    SEEN.append(x)
    return x
def f(xs): return sorted(xs, key=key)
=== a callback of re.sub: WRITE_GLOBAL
import re
SEEN = []
def put(match):
    SEEN.append(match.group())
    return ""
def f(x): return re.sub("a", put, x)
=== a method kept in a variable: WRITE_GLOBAL
G = []
ADD = G.append
def f(x): ADD(x)
=== getattr with a constant: WRITE_GLOBAL
G = []
def f(x): getattr(G, "append")(x)
=== through a partial: WRITE_GLOBAL
from functools import partial
G = []
def put(target, x): target.append(x)
PUT = partial(put, G)
def f(x): PUT(x)
=== match captures: WRITE_GLOBAL
G = {"a": [1]}
def f(x):
    match G:
        case {"a": items}:
            items.append(x)
=== walrus: WRITE_GLOBAL
G = []
def f(x):
    if (y := G) is not None:
        y.append(x)
=== star args: WRITE_GLOBAL
G = []
def put(*args): args[0].append(args[1])
def f(x): put(*[G, x])
=== keyword args: WRITE_GLOBAL
G = []
def put(**kw): kw["target"].append(1)
def f(x): put(target=G)
=== returned and then changed: WRITE_GLOBAL
G = []
def get(): return G
def f(x): get().append(x)
=== given to a helper that changes it: WRITE_GLOBAL
G = []
def put(xs, x): xs.append(x)
def f(x): put(G, x)
=== stored by one helper, changed through another: WRITE_GLOBAL
G = []
def fill(box): box.append(G)
def f(x):
    box = []
    fill(box)
    box[0].append(x)
=== object of the module: WRITE_GLOBAL
class Store:
    def __init__(self): self.cache = {}
    def put(self, k): self.cache[k] = 1
STORE = Store()
def f(x): STORE.put(x)
=== attribute of an object of the module: WRITE_GLOBAL
class Store:
    def __init__(self): self.n = 0
    def inc(self): self.n += 1
STORE = Store()
def f(x): STORE.inc()
=== operator method of an object of the module: WRITE_GLOBAL
class Tally:
    def __init__(self): self.n = 0
    def __add__(self, other):
        self.n += 1
        return self
T = Tally()
def f(x): return T + x
=== getitem of an object of the module: WRITE_GLOBAL
class Tally:
    def __init__(self): self.hits = []
    def __getitem__(self, k):
        self.hits.append(k)
        return k
T = Tally()
def f(x): return T[x]
=== call of an object of the module: WRITE_GLOBAL
class Tally:
    def __init__(self): self.n = 0
    def __call__(self, x): self.n += 1
T = Tally()
def f(x): return T(x)
=== with an object of the module: WRITE_GLOBAL
class Tally:
    def __init__(self): self.n = 0
    def __enter__(self): self.n += 1
    def __exit__(self, *a): pass
T = Tally()
def f(x):
    with T: return x
=== formatted object of the module: WRITE_GLOBAL
class Tally:
    def __init__(self): self.n = 0
    def __str__(self):
        self.n += 1
        return "t"
T = Tally()
def f(x): return f"{T}"
=== property of an object of the module: WRITE_GLOBAL
class Tally:
    def __init__(self): self.n = 0
    @property
    def next(self):
        self.n += 1
        return self.n
T = Tally()
def f(x): return T.next
=== setattr with a constant: WRITE_GLOBAL
class Tally: pass
T = Tally()
def f(x): setattr(T, "a", x)
=== class attribute: STATE
class C:
    n = 0
def f(x): C.n += 1
=== class attribute by an instance method: STATE
class C:
    items = []
    def put(self, x): self.items.append(x)
def f(x): C().put(x)
=== class attribute by a class method: STATE
class C:
    n = 0
    @classmethod
    def inc(cls): cls.n += 1
def f(x): C.inc()
=== class attribute by type(self): STATE
class C:
    n = 0
    def inc(self): type(self).n = 1
def f(x): C().inc()
=== class attribute by __class__: STATE UNKNOWN
class C:
    n = 0
    def inc(self): self.__class__.n = 1
def f(x): C().inc()
=== singleton by __new__: STATE
class C:
    one = None
    def __new__(cls):
        if cls.one is None:
            cls.one = super().__new__(cls)
        return cls.one
def f(x): return C()
=== mutable default: STATE
def f(x, seen=[]):
    seen.append(x)
=== mutable default of a helper: STATE
def g(x, seen={}):
    seen[x] = 1
def f(x): g(x)
=== global as a default: WRITE_GLOBAL
G = []
def g(x, a=G): a.append(x)
def f(x): g(x)
=== closure with nonlocal: STATE
def make():
    n = 0
    def count(x):
        nonlocal n
        n += 1
        return n
    return count
f = make()
=== closure over a list: STATE
def make():
    xs = []
    def put(x): xs.append(x)
    return put
f = make()
=== lru_cache: STATE
from functools import lru_cache
@lru_cache
def g(x): return x
def f(x): return g(x)
=== lru_cache with a size: STATE
from functools import lru_cache
@lru_cache(maxsize=8)
def f(x): return x
=== cache on a method: STATE
import functools
class C:
    @functools.cache
    def g(self, x): return x
def f(x): return C().g(x)
=== cached_property of an object of the module: WRITE_GLOBAL
from functools import cached_property
class C:
    @cached_property
    def g(self): return 1
ONE = C()
def f(x): return ONE.g
=== a memo by hand: WRITE_GLOBAL
MEMO = {}
def f(x):
    if x in MEMO: return MEMO[x]
    MEMO[x] = x * 2
    return MEMO[x]
=== a decorator that counts: WRITE_GLOBAL
from functools import wraps
CALLS = []
def logged(fn):
    @wraps(fn)
    def inner(*args, **kwargs):
        CALLS.append(1)
        return fn(*args, **kwargs)
    return inner
@logged
def f(x): return x
=== attribute of a function: STATE
def g(): pass
def f(x): g.calls = x
=== next of a global count: STATE
import itertools
COUNTER = itertools.count()
def f(x): return next(COUNTER)
=== next of a global iterator: STATE
IDS = iter([1, 2, 3])
def f(x): return next(IDS)
=== loop over a global generator: STATE
def gen(): yield 1
IDS = gen()
def f(x):
    for i in IDS: return i
=== zip with a global count: STATE
import itertools
COUNTER = itertools.count()
def f(xs): return list(zip(xs, COUNTER))
=== reading what another function changes: READ_GLOBAL
LIMIT = 3
def set_limit(n):
    global LIMIT
    LIMIT = n
def f(x): return x[:LIMIT]
=== reading a list that another function changes: READ_GLOBAL
SEEN = []
def add(x): SEEN.append(x)
def f(x): return x in SEEN
=== a table filled by a decorator of the module: READ_GLOBAL
HANDLERS = {}
def handler(name):
    def register(fn):
        HANDLERS[name] = fn
        return fn
    return register
@handler("a")
def on_a(x): return x + "a"
def f(x): return HANDLERS["a"](x)
=== defaultdict fills itself: WRITE_GLOBAL
from collections import defaultdict
D = defaultdict(list)
def f(x): return D[x]
=== module random: RANDOM STATE
import random
def f(x): return random.random()
=== random choice by another name: RANDOM STATE
from random import choice
def f(xs): return choice(xs)
=== a global generator: STATE
import random
RNG = random.Random(0)
def f(x): return RNG.random()
=== seed: STATE
import random
def f(x): random.seed(x)
=== numpy module generator: RANDOM STATE
import numpy as np
def f(x): return np.random.rand(3)
=== numpy global generator: STATE
import numpy as np
RNG = np.random.default_rng(0)
def f(x): return RNG.normal()
=== numpy view of a global: WRITE_GLOBAL
import numpy as np
A = np.zeros(3)
def f(x):
    part = A[1:]
    part[0] = 1
=== numpy out argument: WRITE_GLOBAL
import numpy as np
A = np.zeros(3)
def f(x): np.add(1, 2, out=A)
=== numpy error settings: STATE
import numpy as np
def f(x): np.seterr(all="ignore")
=== torch seed: STATE
import torch
def f(x): torch.manual_seed(0)
=== logging: STATE
import logging
LOG = logging.getLogger(__name__)
def f(x): LOG.info("x")
=== logging configuration: STATE
import logging
def f(x): logging.basicConfig(level=10)
=== warnings filters: STATE
import warnings
def f(x): warnings.filterwarnings("ignore")
=== locale: STATE
import locale
def f(x): locale.setlocale(locale.LC_ALL, "")
=== socket time limit: STATE
import socket
def f(x): socket.setdefaulttimeout(3)
=== signal: STATE
import signal
def f(x): signal.signal(signal.SIGINT, lambda *a: None)
=== decimal context: STATE
import decimal
def f(x): decimal.getcontext().prec = 4
=== csv dialect: STATE UNKNOWN
import csv
def f(x): csv.register_dialect("d", delimiter=";")
=== sys.path: STATE
import sys
def f(x): sys.path.append("lib")
=== sys.modules: STATE
import sys
def f(x): sys.modules["a"] = None
=== monkey-patching a library: STATE
import json
def f(x): json.dumps = lambda v: "x"
=== recursion limit: STATE
import sys
def f(x): sys.setrecursionlimit(10)
=== environment read: ENV
import os
def f(x): return os.environ["HOME"]
=== environment get: ENV
import os
def f(x): return os.getenv("HOME")
=== environment write: ENV STATE
import os
def f(x): os.environ["A"] = x
=== environment test: ENV
import os
def f(x): return "A" in os.environ
=== working directory: CWD
import os
def f(x): os.chdir(x)
=== uuid4: RANDOM
import uuid
def f(x): return str(uuid.uuid4())
=== secrets: RANDOM
import secrets
def f(x): return secrets.token_hex()
=== urandom: RANDOM
import os
def f(x): return os.urandom(4)
=== time: TIME
import time
def f(x): return time.time()
=== now: TIME
from datetime import datetime
def f(x): return datetime.now().isoformat()
=== process: PROC
import subprocess
def f(x): subprocess.run(["ls"], check=True)
=== system: PROC
import os
def f(x): os.system("ls")
=== pool of processes: PROC
from concurrent.futures import ProcessPoolExecutor
def f(x): ProcessPoolExecutor()
=== thread: THREAD WRITE_GLOBAL
import threading
G = []
def work(): G.append(1)
def f(x): threading.Thread(target=work)
=== pickle: UNKNOWN
import pickle
def f(x): return pickle.loads(x)
=== eval: UNKNOWN
def f(x): return eval(x)
=== getattr without a constant: UNKNOWN
class C: pass
C1 = C()
def f(x): return getattr(C1, x)
=== import without a constant: UNKNOWN
import importlib
def f(x): return importlib.import_module(x)
=== globals: UNKNOWN
def f(x): globals()["a"] = x
=== ctypes: UNKNOWN
import ctypes
def f(x): ctypes.CDLL("libc.so.6")
=== an unknown package: UNKNOWN
import nosuchpackage
def f(x): return x
=== an unknown function of a known package: UNKNOWN
import pandas as pd
def f(x): return pd.DataFrame(x)
=== an unknown decorator: IMPORT_SIDE UNKNOWN
import pandas
@pandas.whatever
def f(x): return x
=== a metaclass: IMPORT_SIDE UNKNOWN
class M(type): pass
class C(metaclass=M): pass
def f(x): return C()
=== __del__: UNKNOWN
class C:
    def __del__(self): pass
def f(x): C()
=== a coroutine: UNKNOWN
async def f(x): return x
=== an argument that is called: UNKNOWN
def f(x): return x.nosuchmethod()
=== frames: UNKNOWN
import inspect
def f(x): return inspect.currentframe()
=== standard input: UNKNOWN
def f(x): return input()
=== an unknown name: UNKNOWN
def f(x): return nothing_of_that_name(x)
=== weak references: UNKNOWN
import weakref
class C: pass
def f(x): weakref.finalize(C(), print)
=== a name of a library module hidden: UNKNOWN
from m import f as g
import email_local
def f(x): return email_local.missing(x)
"""

ARGUMENTS = """
=== argument: MUTATES_ARG
def f(rows): rows.append(1)
=== part of an argument: MUTATES_ARG
def f(note): note.tags.append("x")
=== attribute of an argument: MUTATES_ARG
def f(note): note.text = "x"
=== in-place addition to an argument: MUTATES_ARG
def f(rows): rows += [1]
=== sort of an argument: MUTATES_ARG
def f(rows): rows.sort()
"""


@pytest.mark.parametrize(("source", "expected"), [pytest.param(*rest, id=name) for name, *rest in table(STATE)])
def test_kinds(tmp_path, source, expected):
    assert kinds(analyse(tmp_path, source, email_local="x = 1")) - {"MUTATES_ARG"} == set(expected.split()) - {
        "MUTATES_ARG"
    }


@pytest.mark.parametrize(("source", "expected"), [pytest.param(*rest, id=name) for name, *rest in table(ARGUMENTS)])
def test_a_change_of_an_argument_is_reported_as_such(tmp_path, source, expected):
    assert kinds(analyse(tmp_path, source)) == set(expected.split())
