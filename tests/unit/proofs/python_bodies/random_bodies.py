"""Random modules full of aliases, to see whether a body that is called pure ever changes what is shared."""

import random

HEAD = """
import copy, functools, itertools, collections
G0 = [[1], [2], {"a": [3]}]
G1 = {"a": [1], "b": {"a": [2]}}
class Box:
    shared = []
    def __init__(self, items): self.items = items
    def put(self, value):
        self.items.append(value)
        return self
    def get(self): return self.items
    def __iter__(self): return iter(self.items)
    def __getitem__(self, key): return self.items[key]
    def __add__(self, other): return Box([self.items, other])
    def __iadd__(self, other):
        self.items.append(other)
        return self
    @property
    def first(self): return self.items[0]
G2 = Box([[5], [6]])
def keep(value, into=[]):
    return into
def each(values):
    for value in values: yield value
def wrap(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs): return fn(*args, **kwargs)
    return inner
"""

EXPRESSIONS = """
$ | $ | $ | [$, $] | {"a": $, "b": $} | ($, $) | list($) | dict($) | $[:] | $[0] | $[1] | $["a"] | $.get("a")
$.get("z", $) | [y for y in $] | {k: v for k, v in $.items()} | sorted($, key=id) | max($, key=id)
next(iter($)) | $ or $ | ($ if x else $) | copy.copy($) | copy.deepcopy($) | list(zip($, $))
list(enumerate($)) | list(reversed($)) | list(map(list, $)) | list(filter(None, $)) | Box($) | $.items | $.get()
$.first | $.put($) | keep($) | keep($, $) | list(each($)) | next(each($)) | $ + $ | $ * 2 | $.copy() | h0($, $)
h1($, $) | h0(*[$, $]) | h1(q=$, p=$) | h0(**{"p": $, "q": $}) | functools.partial(h1, $)($) | wrap(h0)($, $)
[*$, $] | {**$, "z": $} | functools.reduce(lambda p, q: p, $) | list(itertools.chain($, $))
collections.deque($) | collections.ChainMap($, $) | dict(a=$, b=$) | [v for v in $ if v] | sum([$, $], [])
dict.fromkeys("ab", $) | list($.values()) | $.pop() | $.setdefault("q", $) | (y := $) | (lambda: $)() | $.shared
Box.shared | collections.OrderedDict(a=$) | getattr($, "items") | itertools.repeat($).__next__()
list(each([$]))[0] | $.__getitem__(0)
"""

STATEMENTS = """
% = @ | % = @ | % = @ | %, % = @, @ | %, *% = @ | $.append(@) | $[0].append(@) | $["a"].append(@) | $["z"] = @
$[0] = @ | $ += [@] | $.extend(@) | $.update(z=@) | $.insert(0, @) | $.sort(key=id) | $.clear() | del $[0]
$.put(@) | $.items = @ | $.items.append(@) | $[:] = @ | $ OR {"n": 1} | setattr($, "items", @) | $.items += [@]
$[0] += [@] | list.append($, @) | h0($, @) | h1($, @) | @ | $.shared.append(@) | Box.put($, @) | $.popitem()
$.reverse() | [y.append(1) for y in $] | list(map($.append, @)) | h2()
"""

_expressions = [part.strip() for line in EXPRESSIONS.strip().split("\n") for part in line.split(" | ")]
_statements = [part.strip() for line in STATEMENTS.strip().split("\n") for part in line.split(" | ")]


def module(seed):
    """The source of a random module with functions `f`, `h0`, `h1` and `h2`."""
    rng = random.Random(seed)
    parts = [HEAD]
    quiet = rng.random() < 0.7
    for name, parameters in (("h0", "p, q"), ("h1", "p, q=G0"), ("h2", ""), ("f", "x")):
        variables = [*"abc", *filter(None, parameters.replace("=G0", "").split(", "))]
        visible = variables if quiet and name != "f" else [*variables, "G0", "G1", "G2"]
        body = _block(rng, variables, visible, 0, quiet and name == "f")
        start = [f"    {variable} = []" for variable in "abc"]
        parts.append("\n".join([f"def {name}({parameters}):", *start, *body, f"    return {rng.choice(visible)}"]))
    return "\n".join(parts) + "\n"


def _block(rng, variables, visible, depth, careful):
    lines = []
    pad = "    " * (depth + 1)
    for _ in range(rng.randint(1, 4)):
        kind = rng.random()
        if depth < 2 and kind < 0.3:
            head = rng.choice(["if x:", "for @ in $:", "try:", "while len($) < 2:", "with_"]).replace(
                "x", rng.choice(variables)
            )
            inner = _block(rng, variables, visible, depth + 1, careful)
            if head == "with_" or head == "try:":
                tail = rng.choice(["except Exception as e:", "finally:"])
                lines += [f"{pad}try:", *inner, f"{pad}{tail}", *_block(rng, variables, visible, depth + 1, careful)]
            else:
                head = head.replace("@", rng.choice(variables)).replace("$", rng.choice(visible))
                lines += [pad + head, *inner, *([f"{pad}    break"] if head.startswith("while") else [])]
        else:
            text = _filled(rng, rng.choice(_statements), variables, visible, careful)
            lines += [f"{pad}try: {text}", f"{pad}except Exception: pass"]
    return lines


def _filled(rng, text, variables, visible, careful):
    text = text.replace(" OR ", " |= ")
    if careful:
        text = text.replace("$", rng.choice("abc"), 1)
    while "@" in text:
        text = text.replace("@", rng.choice(_expressions), 1)
    while "%" in text:
        text = text.replace("%", rng.choice("abc"), 1)
    while "$" in text:
        text = text.replace("$", rng.choice(visible), 1)
    return text
