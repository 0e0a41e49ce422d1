"""Ways to reach a shared object that do not look like it: none of these is ever called pure."""

import pytest
from bodies import analyse, kinds, table

HIDDEN = """
=== unpack with a star:
G=[[1]]
def f(x):
    (a,*b),c = (1,G),2
    b[0].append(1)
=== through __getattribute__:
G=[]
class A:
    def __init__(self, x): self.x=x
class B(A):
    def get(self): return super().__getattribute__("x")
def f(x): B(G).get().append(1)
=== through the arguments of an error:
G=[]
def f(x):
    try: raise ValueError(G)
    except ValueError as e: e.args[0].append(1)
=== through an attribute of an error:
G=[]
class E(Exception):
    def __init__(self, p): self.p=p
def g(): raise E(G)
def f(x):
    try: g()
    except E as e: e.p.append(1)
=== through the first value of a generator:
G=[]
def gen():
    y = yield G
    y.append(1)
def f(x):
    g=gen(); next(g).append(2)
=== an explicit special method:
G={}
def f(x):
    G.__setitem__(x, 1)
=== a lambda with a keyword:
G=[]
def f(x):
    (lambda a, *b, **c: c["z"].append(1))(1, z=G)
=== through a descriptor:
G=[]
class D:
    def __get__(self, o, t): return G
class C: d=D()
def f(x): C().d.append(1)
=== through __getattr__:
G=[]
class C:
    def __getattr__(self, n): return G
def f(x): C().anything.append(1)
=== through __enter__:
G=[]
class C:
    def __enter__(self): return G
    def __exit__(self,*a): return None
def f(x):
    with C() as g: g.append(1)
=== through a data class:
from dataclasses import dataclass
G=[]
@dataclass
class C:
    x: list
def f(x): C(x=G).x.append(1)
=== through a named tuple:
from typing import NamedTuple
G=[]
class C(NamedTuple):
    x: list
def f(x):
    y,=C(G)
    y.append(1)
=== through namedtuple:
from collections import namedtuple
G=[]
C=namedtuple("C",["x","y"])
def f(x): C(1,G)[1].append(1)
=== through a heap:
import heapq
G=[]
def f(x):
    h=[]
    heapq.heappush(h,(1,G))
    heapq.heappop(h)[1].append(1)
=== through operator.setitem:
import operator
G=[]
def f(x):
    b={}
    operator.setitem(b,"a",G)
    b["a"].append(1)
=== through a namespace:
from types import SimpleNamespace
G=[]
def f(x): SimpleNamespace(a=G).a.append(1)
=== through groupby:
from itertools import *
G=[[1]]
def f(x):
    for k,g in groupby(G):
        for y in g: y.append(1)
=== assigned in finally before a break:
G=[[1]]
def f(x):
    while True:
        try:
            break
        finally:
            y = G
    y.append(1)
=== a registered overload:
from functools import singledispatch
G=[]
@singledispatch
def show(x): return x
@show.register
def _(x: int): G.append(x)
def f(x): return show(x)
=== in __class_getitem__:
G=[]
class C:
    def __class_getitem__(cls, k): G.append(k)
def f(x): C[x]
=== in __init_subclass__:
G=[]
class Base:
    def __init_subclass__(cls): G.append(cls)
def f(x):
    class S(Base): pass
=== in __bool__:
G=[]
class C:
    def __bool__(self):
        G.append(1); return True
def f(x):
    return 1 if C() else 2
=== in __eq__:
G=[]
class C:
    def __eq__(self,o): G.append(1)
def f(x): return C() in [1,2]
=== in __hash__:
G=[]
class C:
    def __hash__(self): G.append(1); return 1
def f(x): return {C(): 1}
=== in __iter__:
G=[]
class C:
    def __iter__(self): G.append(1); return iter([])
def f(x): a,b = C()
=== in __len__:
G=[]
class C:
    def __len__(self): G.append(1); return 1
def f(x):
    while C(): pass
=== in __lt__:
G=[]
class C:
    def __lt__(self,o): G.append(1); return True
def f(x): return max([C(),C()])
=== in __format__:
G=[]
class C:
    def __format__(self,s): G.append(1); return ""
def f(x): return "{}".format(C())
=== in a property that format reads:
G=[]
class C:
    @property
    def p(self): G.append(1); return ""
def f(x): return "{0.p}".format(C())
=== in a JSON encoder:
import json
G=[]
class E(json.JSONEncoder):
    def default(self,o): G.append(1); return 1
def f(x): return json.dumps(x, cls=E)
=== in a visitor of trees:
import ast
G=[]
class V(ast.NodeVisitor):
    def visit_Name(self,n): G.append(n)
def f(x): V().visit(ast.parse(x))
=== in a parser's handler:
from html.parser import HTMLParser
G=[]
class P(HTMLParser):
    def handle_data(self,d): G.append(d)
def f(x): P().feed(x)
=== in a thread's run:
import threading
G=[]
class P(threading.Thread):
    def run(self): G.append(1)
def f(x): P().start()
=== value of an enumeration:
from enum import Enum
class C(Enum):
    A=[1]
def f(x): C.A.value.append(1)
=== entered by an exit stack:
from contextlib import ExitStack, contextmanager
G=[]
@contextmanager
def cm():
    yield G
def f(x):
    with ExitStack() as s: s.enter_context(cm()).append(1)
=== in a replacement function:
import re
G=[]
P=re.compile("a")
def f(x): P.sub(lambda m: G.append(1) or "", x)
=== attribute of the function itself:
def f(x):
    f.count = 1
=== default of a static method:
class M:
    x=[]
    @staticmethod
    def add(v, to=x): to.append(v)
def f(x): M.add(x)
=== table of a library:
import mimetypes
def f(x): mimetypes.types_map[".x"]="a"
=== deleted global:
G=[]
def f(x):
    global G
    del G
=== write through a memory view:
G=bytearray(3)
def f(x): memoryview(G)[0]=1
=== keyword arguments that are changed:
G=[]
def f(x, **kw):
    kw["a"]=G
    h(**kw)
def h(a=None, **r): a.append(1)
=== keyword arguments that get a new name:
G=[]
def f(x):
    kw=dict(a=G)
    kw["b"]=kw["a"]
    h(**kw)
def h(a=None, b=None): b.append(1)
=== through a shallow copy of an object:
import copy
G=[]
class C:
    def __init__(s): s.x=G
def f(x): copy.copy(C()).x.append(1)
=== a logger that is switched off:
import logging
def f(x): logging.getLogger("a").disabled = True
=== in-place on a reshaped array:
import numpy as np
A=np.zeros(3)
def f(x):
    B=A.reshape(3,1); B+=1
=== rows of an array:
import numpy as np
A=np.zeros(3)
def f(x):
    for r in A: r[0]=1
=== a cached property that gives a global:
import functools
G=[]
class C:
    @functools.cached_property
    def g(self): return G
def f(x): C().g.append(1)
=== a class decorator that attaches a global:
G=[]
def deco(cls):
    cls.x = G
    return cls
@deco
class C: pass
def f(x): C().x.append(1)
=== a default that gives a global:
G=[]
def f(x, h=lambda: G): h().append(1)
=== a loop target inside a global:
G=[[]]
def f(x):
    for G[0][:] in [x]: pass
=== a loop target of a global dict:
G={}
def f(x):
    for G["a"] in x: pass
=== a with target of a global dict:
G={}
def f(x):
    with open("a") as G["a"]: pass
=== an item among several targets:
G={}
def f(x):
    G["a"], b = x
=== a default of a mapped lambda:
G=[]
def f(x): return [*map(lambda v, g=G: g.append(v), x)]
=== the rest of a mapping pattern:
G={"a":[]}
def f(x):
    match G:
        case {**rest}: rest["a"].append(1)
=== a class pattern:
class P:
    items: list = []
G=P()
def f(x):
    match G:
        case P(items=i): i.append(1)
=== a chain of assignments:
G=[[]]
def f(x):
    a = b = G[0]
    b += [1]
=== the result of and:
G=[]
def f(x):
    y = x and G
    y.append(1)
=== the result of a generator:
G=[]
def g():
    return (yield from h())
def h():
    yield 1
    return G
def f(x):
    def k():
        r = yield from h()
        r.append(1)
    list(k())
=== a comparison made a key:
from functools import cmp_to_key
G = [[1], [2]]
def f(x): return sorted(G, key=cmp_to_key(lambda a, b: a.append(1) or 0))
=== deep in what json writes:
import json
class C:
    def __init__(self): self.n = 0
ONE = C()
def put(o): o.n += 1
def f(x): return json.dumps({"a": {"b": [ONE]}}, default=put)
=== the fourth of mapped lists:
G = [[1]]
def put(a, b, c, d): d.append(a)
def f(x): return list(map(put, x, x, x, G))
=== a file of the user's:
import json
G = []
class Sink:
    def write(self, text): G.append(text)
def f(x): json.dump(x, Sink())
=== print into a file of the user's:
G = []
class Sink:
    def write(self, text): G.append(text)
def f(x): print(x, file=Sink())
=== a mapping of the user's as keyword arguments:
G = []
class M:
    def keys(self): return ["a"]
    def __getitem__(self, k): return G
def g(a=None): a.append(1)
def f(x): g(**M())
=== a mapping of the user's as a dict:
G = []
class M:
    def keys(self): return ["a"]
    def __getitem__(self, k): return G
def f(x): dict(M())["a"].append(1)
=== values of an abstract mapping:
from collections.abc import Mapping
G = []
class M(Mapping):
    def __getitem__(self, k): return G
    def __iter__(self): return iter(["a"])
    def __len__(self): return 1
def f(x):
    for v in M().values(): v.append(1)
=== get of an abstract mapping:
from collections.abc import Mapping
G = []
class M(Mapping):
    def __getitem__(self, k): return G
    def __iter__(self): return iter(["a"])
    def __len__(self): return 1
def f(x): M().get("a").append(1)
=== a merge in place:
G = []
def f(x):
    d = {}
    d |= {"a": G}
    d["a"].append(1)
=== a merge of pairs in place:
G = []
def f(x):
    d = {}
    d |= [("a", G)]
    d["a"].append(1)
=== the type of an argument called:
G = []
def f(x): type(x)([G])[0].append(1)
=== a missing member of an enumeration:
from enum import Enum
G = []
class C(Enum):
    A = 1
    @classmethod
    def _missing_(cls, v): G.append(v)
def f(x): return C(x)
=== starred arguments of a starmap:
from itertools import starmap
G = [[1]]
def put(a, b, c=G): c.append(a)
def f(x): return list(starmap(put, [(1, 2)]))
=== a merge in place into a chain of mappings:
from collections import ChainMap
G = {}
def f(x):
    m = ChainMap(G, x)
    m |= {"n": 1}
=== a tree around an element:
import xml.etree.ElementTree as ET
G = ET.fromstring("<a/>")
def f(x): ET.ElementTree(G).getroot().set("a", x)
=== keyword-only through a partial:
from functools import partial
G = []
def put(x, *, to): to.append(x)
def f(x): list(map(partial(put, to=G), x))
"""


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source, _ in table(HIDDEN)])
def test_a_hidden_change_is_found(tmp_path, source):
    assert kinds(analyse(tmp_path, source)) & {"WRITE_GLOBAL", "STATE", "UNKNOWN"}
