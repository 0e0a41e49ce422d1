"""What makes a Python function give something else each time.

In: a Python body. Out: the first call in the function itself that asks a clock or draws by chance; None where there is
none, or the function cannot be read.
"""

from __future__ import annotations

import ast
import re

from apwa_lang.semantics.program import PythonBody

_CHANCE = re.compile(
    r"(time\.(time|time_ns|monotonic|perf_counter)|(datetime\.)*(datetime|date)\.(now|utcnow|today)"
    r"|(np\.|numpy\.)?random\.\w+|uuid\.uuid[14]|uuid[14]|os\.urandom|secrets\.\w+)"
)


def chance_in(body: PythonBody) -> str | None:
    """The name of the call, such as ``time.time``."""
    module, _, name = body.target.partition(":")
    file = body.base.joinpath(*module.split(".")).with_suffix(".py")
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    function = next((node for node in tree.body if isinstance(node, functions) and node.name == name), None)
    calls = (ast.unparse(node.func) for node in ast.walk(function or ast.Pass()) if isinstance(node, ast.Call))
    return next((call for call in calls if _CHANCE.fullmatch(call)), None)
