"""MCP servers on one worker: what they offer to models, what is refused, and what is wrong with arguments."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from apwa_compiler.build import build_plan
from apwa_compiler.plan import Mcp, Plan
from apwa_compiler.plan_json import from_json, to_json
from apwa_lang.check import check
from apwa_lang.syntax.source import Source
from apwa_runtime.bodies.prompt import Asker
from apwa_runtime.bodies.protocol import Call
from apwa_runtime.errors import RunError
from apwa_runtime.models.protocol import ToolCall, Wire
from apwa_runtime.reads import Disk, are_sent
from apwa_runtime.rebase import rebased
from apwa_runtime.tools.protocol import ToolError, ToolSetupError
from apwa_runtime.tools.servers.connection import OPENING
from apwa_runtime.tools.servers.results import result_text
from apwa_runtime.tools.servers.schemas import MOST_NODES, TooLarge, problems, without_references
from apwa_runtime.tools.servers.server import Servers
from apwa_runtime.tools.servers.started import made_of
from apwa_runtime.tools.toolbox import Opened, Toolbox
from tests.support.mcp_server import http_mcp_server

HOSTILE = f"{sys.executable} {Path(__file__).resolve().parents[2] / 'support' / 'hostile_mcp_server.py'}"
PROGRAM = """
record Q {{ id: str @key }}
table qs: Q = [{{ id: "a" }}]
model m {{ provider: "openai" name: "m" base_url: "http://127.0.0.1:9/v1" }}
{tools}
task answer(q: Q) -> str {{ model: m  prompt: "{{{{ q.id }}}}"  tools: [{names}] }}
split each = qs by row
flow main {{ x = map answer over each keep id  save x to "x.jsonl" }}
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with http_mcp_server(tmp_path_factory.mktemp("http"), "sesame") as url:
        yield url


def planned(tools: str, folder: Path, names: str = "t") -> Plan:
    file = folder / "main.apwa"
    checked = check(Source(PROGRAM.format(tools=tools, names=names), file.name, file))
    assert checked.diagnostics == ()
    return from_json(to_json(build_plan(checked.program, None, {})))


def asked(plan: Plan, *calls: tuple[str, str]) -> list[str]:
    """What the tools of an agent answer to calls, one after the other."""

    async def call(tools: Opened, name: str, arguments: str) -> str:
        try:
            text, _ = await tools.call(ToolCall("c", name, arguments))
            return text
        except ToolError as error:
            return f"error: {error}"

    async def all_calls() -> list[str]:
        servers = Servers(plan)
        body: Any = plan.tasks[0].body
        box = Toolbox(plan.tasks[0], body.tools, plan.base, servers)
        try:
            async with box.opened(Call(0, {}, {}), Asker(Wire(), asyncio.sleep)) as tools:
                return [await call(tools, name, arguments) for name, arguments in calls]
        finally:
            await servers.close()
            box.close()

    return asyncio.run(all_calls())


def test_a_server_at_a_url(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_KEY", "sesame")
    plan = planned(f'tool t = mcp "{url}" {{ headers: {{ Authorization: "Bearer sesame" }} }}', tmp_path)
    results = asked(
        plan, ("t_add", '{"a": 2, "b": 40}'), ("t_long", '{"size": 9000000}'), ("t_add", '{"a": 1, "b": 1}')
    )
    assert (results[0], results[2]) == ("42", "2")
    assert results[1].startswith("error: `t_long` failed: ")
    plan = planned(f'tool t = mcp "{url}" {{ api_key: secret("WEB_KEY") }}', tmp_path)
    assert asked(plan, ("t_look", '{"path": "$MCP_KEY"}')) == ["<secret>"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('{ api_key: secret("OTHER") }', "its server cannot be used: it answered 401 Unauthorized"),
        ('{ api_key: secret("NONE") }', "`api_key` needs the environment variable `NONE`, and it is not set"),
        ('{ headers: { "X-Key": env("ODD") } }', "`headers.X-Key`: what `ODD` holds cannot be sent in a header"),
        ('{ api_key: secret("WEB_KEY")  only: ["ad"] }', "its server has no tool `ad`; did you mean `add`?"),
    ],
)
def test_what_a_url_lacks_is_one_line(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, settings: str, said: str
) -> None:
    for name, value in (("WEB_KEY", "sesame"), ("OTHER", "open"), ("ODD", "a\nb")):
        monkeypatch.setenv(name, value)
    with pytest.raises(ToolSetupError) as raised:
        asked(planned(f'tool t = mcp "{url}" {settings}', tmp_path))
    assert str(raised.value) == f"tool `t`: {said}"


@pytest.mark.parametrize(
    ("tools", "said"),
    [
        ('tool t = mcp "no-such-server"', "tool `t`: there is no command `no-such-server` on PATH to start its server"),
        ('tool t = mcp "./gone"', "tool `t`: there is no command `./gone` in {folder} to start its server"),
        ('tool t = mcp "http://127.0.0.1:9/mcp"', "tool `t`: its server cannot be used: ConnectError: All connection"),
        (
            "tool t = mcp \"sh -c 'echo no luck >&2; exit 4'\"",
            "tool `t`: its server cannot be used: its process ended with exit code 4: no luck",
        ),
        (f'tool t = mcp "{HOSTILE}" {{ only: "x" }}', "tool `t`: its server has no tool `x`; it has ask, count, "),
        (
            f'tool t = mcp "{HOSTILE}"\ntool t_count(n: int) -> int {{ python: "m:f" }}',
            "tool `t`: models would have two tools called `t_count`; give one of them another name",
        ),
        (
            f'tool t = mcp "{HOSTILE}" {{ only: "lie" }}\ntool {"u" * 61} = mcp "{HOSTILE}"',
            f"tool `{'u' * 61}`: `leave` would be called `{'u' * 61}_leave` by models, which is longer than 64",
        ),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, tools: str, said: str) -> None:
    (tmp_path / "m.py").write_text("def f(n):\n    return n\n")
    names = ", ".join(line.split()[1].partition("(")[0] for line in tools.splitlines())
    with pytest.raises(ToolSetupError) as raised:
        asked(planned(tools, tmp_path, names))
    assert str(raised.value).startswith(said.replace("{folder}", str(tmp_path)))


def test_without_the_client_it_is_said_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apwa_runtime.tools.servers.server.find_spec", lambda name: None)
    with pytest.raises(ToolSetupError, match=r'pip install "apwa-lang\[mcp\]"'):
        asked(planned(f'tool t = mcp "{HOSTILE}"', tmp_path))


def test_a_plan_in_another_folder_starts_its_servers_there(tmp_path: Path) -> None:
    plan = planned('tool t = mcp "./server" { only: "x"  secrets: "A"  timeout: 5s }', tmp_path)
    body: Any = rebased(plan, "/elsewhere").tasks[0].body
    assert body.tools[0].body == Mcp("./server", "/elsewhere", ("x",), timeout=5.0)
    assert body.tools[0].secrets == ("A",)


def test_a_server_that_never_answers_is_not_waited_for(tmp_path: Path) -> None:
    async def opened_and_closed() -> str:
        plan = planned('tool t = mcp "sleep 600" { shared: true  trust: "it sleeps" }', tmp_path)
        servers = Servers(plan)
        (tool,) = plan.tasks[0].servers()
        listing = asyncio.create_task(servers.of(tool).offers())
        await asyncio.sleep(0)
        await asyncio.wait_for(servers.close(), OPENING / 2)
        with pytest.raises(ToolSetupError) as raised:
            await listing
        return str(raised.value)

    assert asyncio.run(opened_and_closed()) == "tool `t`: its server cannot be used: the run was stopped"


class Blind:
    """A cluster with a worker that sees no disk but its own."""

    def run(self, *_: object) -> dict[str, bool]:
        return {"tcp://far": False}

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {}}


def test_a_command_runs_where_its_folder_is_seen(tmp_path: Path) -> None:
    plan = planned('tool t = mcp "./server"', tmp_path)
    said = f"worker tcp://far does not see the folder {tmp_path}, in which the server of `t` runs"
    with pytest.raises(RunError, match=re.escape(said)):
        are_sent(plan, Blind(), Disk(str(tmp_path), "token"))
    assert are_sent(planned('tool t = mcp "http://a.example/mcp"', tmp_path), Blind(), Disk(str(tmp_path), "token"))


def test_a_command_reads_what_it_is_made_of(tmp_path: Path) -> None:
    for name in ("servers/files.py", "data/a.txt", "conf.json", "tool.js", "venv/bin/python", "venv/lib/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "venv/bin/python").chmod(0o755)
    words = ["venv/bin/python", "servers/files.py", "tool.js", "data", "data/a.txt", "conf.json", "/srv", "--all", "."]
    found = set(made_of(words, str(tmp_path)))
    below = {str(Path(path).relative_to(tmp_path)) for path in found if path.startswith(str(tmp_path))}
    assert {"servers", "tool.js", "venv", "node_modules"} <= below
    assert not below & {".", "data", "data/a.txt", "conf.json", "--all"}
    assert "/srv" not in found


POINT = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}
SCHEMA = {
    "type": "object",
    "properties": {
        "n": {"type": ["number", "null"]},
        "points": {"type": "array", "items": POINT},
        "how": {"enum": ["fast", "slow"]},
        "free": {"anyOf": [{"type": "integer"}], "pattern": "(a+)+b"},
    },
    "required": ["how"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"how": "fast", "n": 1.5, "points": [{"x": 1, "more": 2}], "free": "a" * 60}, []),
        ({"how": "slow", "n": None}, []),
        ({}, ["how is missing"]),
        ({"how": "best"}, ["how: expected one of 'fast', 'slow'"]),
        ({"how": "fast", "n": "1"}, ["n: expected number or null"]),
        ({"how": "fast", "n": True}, ["n: expected number or null"]),
        (
            {"how": "fast", "points": [{"x": 1.0}, {"x": 1.5}, {}]},
            ["points[1].x: expected integer", "points[2].x is missing"],
        ),
        ({"how": "fast", "points": [{"x": float("inf")}]}, ["points[0].x: expected integer"]),
        ({"how": "fast", "other": 1}, ["there is no other"]),
        ([], ["they: expected object"]),
    ],
)
def test_what_is_surely_wrong_with_arguments(value: Any, said: list[str]) -> None:
    assert list(problems(value, SCHEMA)) == said


def test_references_are_filled_in() -> None:
    schema = {
        "$ref": "#/$defs/Tree",
        "$defs": {
            "Tree": {"type": "object", "properties": {"left": {"$ref": "#/$defs/Tree"}, "at": {"$ref": "#/$defs/At"}}}
        },
        "title": "T",
    }
    schema["$defs"]["At"] = POINT  # type: ignore[index]
    assert without_references(schema) == {
        "type": "object",
        "properties": {"left": {}, "at": POINT},
        "title": "T",
    }
    assert without_references({"properties": {"x": {"$ref": "http://127.0.0.1:9/schema"}}}) == {"properties": {"x": {}}}


def test_a_schema_that_grows_without_end_is_refused() -> None:
    names = [f"d{number}" for number in range(30)]
    defs: dict[str, Any] = {name: {"allOf": [{"$ref": f"#/$defs/{other}"}] * 2} for name, other in pairwise(names)}
    with pytest.raises(TooLarge):
        without_references({"$ref": "#/$defs/d0", "$defs": {**defs, "d29": {}}})
    with pytest.raises(TooLarge):
        without_references({"enum": list(range(MOST_NODES))})


@pytest.mark.parametrize(
    ("blocks", "value", "text"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], None, "a\nb"),
        ([{"type": "text", "text": "3"}], {"result": 3}, "3"),
        ([{"type": "text", "text": "ant"}], {"result": "ant"}, "ant"),
        ([{"type": "text", "text": '{"x": 1}'}], {"x": 1}, '{"x": 1}'),
        ([{"type": "text", "text": "1 row"}], {"rows": [1]}, '1 row\n{"rows":[1]}'),
        ([], {"rows": [1]}, '{"rows":[1]}'),
        ([{"type": "image", "data": "aGk=", "mimeType": "image/png"}], None, "(image/png, which is not shown)"),
        (
            [
                {"type": "resource_link", "uri": "file:///a", "name": "a"},
                {"type": "resource", "resource": {"uri": "file:///b", "text": "told"}},
            ],
            None,
            "(a resource, file:///a)\ntold",
        ),
    ],
)
def test_results_are_told_as_text(blocks: list[dict[str, Any]], value: Any, text: str) -> None:
    from mcp.types import CallToolResult

    result = CallToolResult.model_validate({"content": blocks, "structuredContent": value})
    assert result_text(result) == text
