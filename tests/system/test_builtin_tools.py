"""Tools that come with the language: what they tell a model, and what they keep it from."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from apwa_runtime.isolation import landlock, seccomp
from tests.support.command import Ended, apwa
from tests.support.model_server import model_server

PROGRAM = """
record Question {{ id: str @key  text: str }}
record Sale {{ id: int @key  ward: str  amount: float  day: date  note: str  pin: str @secret }}
record Ward {{ ward: str @key  beds: int }}
record Answer {{ said: str  score: int }}
table questions: Question = read "questions.jsonl"
table sales: Sale = read "sales.jsonl"
table none: Ward = read "none.csv"
table wards: Ward = [ {{ ward: "north", beds: 12 }}, {{ ward: "south", beds: 7 }} ]
model m {{ provider: "openai" name: "m" base_url: "{url}" }}

## Sales by day.
tool ask = query(sales, wards, rows: 2)
tool find = search(sales)
tool nothing = query(none)
tool nowhere = search(none)
tool sum_up = calculate
tool code = python(sales)
tool page = fetch("{host}", "http://elsewhere.invalid/docs/")

task answer(question: Question) -> Answer {{
  model: m
  prompt: "{{{{ question.text }}}}"
  tools: [ask, find, nothing, nowhere, sum_up, code, page]
  timeout: 20s
}}
split each = questions by row
flow main {{ answers = map answer over each keep id  save answers to "answers.jsonl" }}
"""
SALES = [
    {"id": 1, "ward": "north", "amount": 2.5, "day": "2026-01-05", "note": "two warm blankets", "pin": "4711"},
    {"id": 2, "ward": "south", "amount": 4.0, "day": "2026-01-06", "note": "a blanket, warm and blue", "pin": "4712"},
    {"id": 3, "ward": "north", "amount": 1.0, "day": "2026-02-01", "note": "tea", "pin": "4713"},
]

confined = pytest.mark.skipif(not (landlock.version() and seccomp.works()), reason="needs Landlock and seccomp")


def asked(folder: Path, *calls: tuple[str, dict[str, Any]]) -> tuple[Ended, list[str], list[dict[str, Any]]]:
    """How the run ended, what each call told the model, and the requests; each call in a sub-problem of its own."""
    with model_server() as server:
        host = server.url.split("/")[2]
        texts = [f"[told] [call {tool} {json.dumps(given)}]".replace("HOST", host) for tool, given in calls]
        rows = [{"id": f"q{n}", "text": text} for n, text in enumerate(texts)]
        (folder / "main.apwa").write_text(PROGRAM.format(url=server.url, host=host))
        (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (folder / "none.csv").write_text("ward,beds\n")
        (folder / "sales.jsonl").write_text("".join(json.dumps(row) + "\n" for row in SALES))
        ended = apwa("run", "main.apwa", cwd=folder)
        requests = [request["body"] for request in server.requests() if "body" in request]
    told = {}
    for file in folder.glob(".apwa/runs/*/traces/answers.jsonl"):
        for entry in map(json.loads, file.read_text().splitlines()):
            made = [call for step in entry["steps"] for call in step.get("calls", ())]
            told[entry["ordinal"]] = str(made[0].get("result", made[0].get("error")))
    return ended, [told[place] for place in sorted(told)], requests


def test_tables_numbers_and_words(tmp_path: Path) -> None:
    ended, told, requests = asked(
        tmp_path,
        ("ask", {"sql": "select ward, sum(amount) as total, max(day) as last from sales group by ward order by ward"}),
        ("ask", {"sql": "select * from sales order by id"}),
        ("ask", {"sql": "select beds from sales natural join wards where id = 2"}),
        ("find", {"words": "warm BLANKET"}),
        ("sum_up", {"expression": "2 ^ 10 / sqrt(16) + sum([1, 2])"}),
        ("ask", {"sql": "select nothing from sales"}),
        ("sum_up", {"expression": "__import__('os').getcwd()"}),
        ("page", {"url": "http://HOST/v1/models"}),
        ("page", {"url": "http://localhost/v1/models"}),
        ("nothing", {"sql": "select count(*) as n, sum(beds) as beds from none"}),
        ("nowhere", {"words": "north"}),
    )
    assert ended.code == 0, ended.err
    assert json.loads(told[0]) == [
        {"ward": "north", "total": 3.5, "last": "2026-02-01"},
        {"ward": "south", "total": 4.0, "last": "2026-01-06"},
    ]
    *rows, more = json.loads(told[1])
    assert [row["id"] for row in rows] == [1, 2]
    assert more == "there are more than these 2 rows"
    assert json.loads(told[2]) == [{"beds": 7}]
    assert [row["id"] for row in json.loads(told[3])] == [1, 2]
    assert json.loads(told[4]) == 259.0
    assert told[5].startswith("error: ")
    assert "nothing" in told[5]
    assert told[6].startswith("error: ")
    assert json.loads(told[7])["object"] == "list"
    assert "is not allowed" in told[8]
    assert json.loads(told[9]) == [{"n": 0, "beds": None}]
    assert json.loads(told[10]) == []
    tools = {tool["function"]["name"]: tool["function"] for tool in requests[0]["tools"]}
    assert "Sales by day." in tools["ask"]["description"]
    assert "sales(id int, ward str, amount float, day date, note str); wards(" in tools["ask"]["description"]
    everything = json.dumps(requests)
    assert not any(sale["pin"] in everything for sale in SALES)


def test_tables_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name, text in (("one", "first"), ("two", "second")):
        table = f'table notes: Note = [ {{ id: "{text}" }} ]'
        (tmp_path / f"{name}.apwa").write_text(f"record Note {{ id: str @key }}\n{table}\n")
    program = """
import "one.apwa" as one
import "two.apwa" as two
model m {{ provider: "openai" name: "m" base_url: "{url}" }}
record Q {{ text: str @key }}
table questions: Q = read "questions.jsonl"
tool first = query(one.notes)
tool second = query(two.notes)
task answer(q: Q) -> str {{ model: m  prompt: "{{{{ q.text }}}}"  tools: [first, second] }}
task same(id: str) -> one.Note {{ return: {{ id: id }} }}
split each = questions by row
split all_notes = one.notes by row
flow main {{
  notes = map same(id) over all_notes
  said = map answer over each
  save said to "said.jsonl"
}}
"""
    call = "select id from notes"
    with model_server() as server:
        (tmp_path / "main.apwa").write_text(program.format(url=server.url))
        texts = [f"[told] [call {tool} {json.dumps({'sql': call})}]" for tool in ("first", "second")]
        (tmp_path / "questions.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        ended = apwa("run", "main.apwa", cwd=tmp_path)
    assert ended.code == 0, ended.err
    said = [json.loads(line)["value"] for line in (tmp_path / "said.jsonl").read_text().splitlines()]
    assert ["first" in said[0], "second" in said[1]] == [True, True]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('sales.jsonl')",
        "select * from '/etc/passwd'",
        "copy sales to 'out.csv'",
        "attach 'x.db' as x",
        "install httpfs",
        "set enable_external_access = true",
        "delete from sales",
        "select pin from sales",
        "select 1; select 2",
    ],
)
def test_sql_reaches_its_tables_only(tmp_path: Path, sql: str) -> None:
    pytest.importorskip("duckdb")
    from apwa_runtime.tables.sql import SqlError
    from apwa_runtime.tools.builtins.query import query

    part = tmp_path / "part.arrow"
    _written(part)
    with pytest.raises(SqlError):
        query(sql, {"sales": [str(part)]}, 10)


def _written(part: Path) -> None:
    import pyarrow as pa

    table = pa.table({"id": [1, 2], "note": ["a", "b"]})
    with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


EVERY_ENVIRONMENT = """
found = []
for number in range(1, int(open("/proc/sys/kernel/pid_max").read())):
    try:
        found += [number] if b"S4711" in open(f"/proc/{number}/environ", "rb").read() else []
    except OSError:
        pass
found
"""


@confined
def test_code_runs_confined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside.txt"
    tries = {
        "len(sales), sum(row['amount'] for row in sales), sorted(sales[0])": "(3, 7.5, ",
        "print('one')\nprint('two')\n1 / 0": "one\ntwo\nline 3: ZeroDivisionError",
        "open('own.txt', 'w').write('x'); open('own.txt').read()": "x",
        f"open({str(outside)!r}, 'w')": "PermissionError",
        f"open({str(tmp_path / 'sales.jsonl')!r}).read()": "PermissionError",
        "import glob; glob.glob('/tmp/**/sales.jsonl', recursive=True)": "[]",
        "import socket; socket.socket()": "PermissionError",
        "import os; os.kill(os.getppid(), 9)": "PermissionError",
        "import os; os.chmod('/etc/hostname', 0o777)": "PermissionError",
        "len(bytearray(8 * 2**30))": "MemoryError",
        "print('x' * 10**7)": "xxx",
        "import os; [name for name in os.environ if 'SECRET' in name]": "[]",
        EVERY_ENVIRONMENT: "[]",
        "import os; len(os.listdir('/proc/self')) > 3, len(os.sched_getaffinity(0)) > 0": "(True, True)",
        "import sys; sys.exit(3)": "(the code printed nothing)",
    }
    monkeypatch.setenv("OTHER_SECRET", "S4711")
    ended, told, _ = asked(tmp_path, *(("code", {"code": code}) for code in tries))
    assert ended.code == 0, ended.err
    for (code, wanted), got in zip(tries.items(), told, strict=True):
        assert wanted in got, code
        assert len(got) < 100_000
    assert not outside.exists()


@confined
def test_an_agent_works_in_a_folder_of_its_own(tmp_path: Path) -> None:
    program = """
record Sample {{ id: str @key  text: str }}
table samples: Sample = read "samples.jsonl"
model m {{ provider: "openai" name: "m" base_url: "{url}" }}
tool bash = shell
tool code = python
task count(sample: Sample) -> str {{
  model: m
  prompt: "{{{{ sample.text }}}}"
  tools: [bash, code]
  reads: {{ contigs: "data/{{{{ sample.id }}}}.fa" }}
  writes: {{ stats: "out/{{{{ sample.id }}}}.tsv" }}
  retry: 0
}}
split each = samples by row
flow main {{ said = map count over each keep id  save said to "said.jsonl" }}
"""
    read = "open('note').read(), open(stats).read(), contigs.rsplit('/')[-1]"
    calls: dict[str, tuple[tuple[str, dict[str, str]], ...]] = {
        "a": (("bash", {"command": "grep -c '>' $contigs > $stats; echo left > note"}), ("code", {"code": read})),
        "b": (("bash", {"command": "wc -l < $contigs > $stats; sleep 300 & ls; exit 3"}),),
        "c": (("bash", {"command": "cat ../*/note ../../*/*/note; ln -s /etc/hostname $stats; yes"}),),
        "d": (),
    }
    rows = []
    for name, made in calls.items():
        told = " ".join(f"[call {tool} {json.dumps(given)}]" for tool, given in made)
        rows.append({"id": name, "text": f"[told] {told}"})
    with model_server() as server:
        (tmp_path / "main.apwa").write_text(program.format(url=server.url))
        (tmp_path / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (tmp_path / "data").mkdir()
        for name in calls:
            (tmp_path / f"data/{name}.fa").write_text(">one\nACGT\n>two\nAC\n")
        ended = apwa("run", "main.apwa", cwd=tmp_path)
        first = server.requests()[0]["body"]
    assert ended.code == 1
    said = {row["id"]: row["value"] for row in map(json.loads, (tmp_path / "said.jsonl").read_text().splitlines())}
    assert sorted(said) == ["a", "b"]
    assert said["a"].rstrip().endswith("('left\\n', '2\\n', 'a.fa')")
    assert said["b"].rstrip().endswith("in\nstats\n\n(the command ended with exit code 3)")
    assert (tmp_path / "out/a.tsv").read_text() == "2\n"
    assert (tmp_path / "out/b.tsv").read_text().strip() == "4"
    assert ended.err.count("there is no file `stats` yet") == 2
    assert "`$contigs` holds the path of a file to work on" in json.dumps(first["tools"])
    assert not list(Path(tempfile.gettempdir()).glob("apwa-agents-*/*/note"))


def test_pages_of_allowed_hosts_only(tmp_path: Path) -> None:
    from apwa_runtime.tools.builtins.fetch import fetch

    with pages() as host:
        assert fetch(f"http://{host}/page", [host]) == "A title\nOne paragraph & more.\nAnother."
        assert "One paragraph" in fetch(f"http://{host}/page", [f"http://{host}/"])
        for url in (
            f"http://{host}/away",
            "http://elsewhere.invalid/page",
            f"http://{host}.elsewhere.invalid/page",
            f"http://{host}@elsewhere.invalid/page",
            f"ftp://{host}/page",
            "file:///etc/passwd",
        ):
            with pytest.raises(ValueError, match=r"not allowed|is no http"):
                fetch(url, [host])
        for url in (f"http://{host}/page", f"http://{host}/docs/../page", f"http://{host}/docs/%2e%2e/page"):
            with pytest.raises(ValueError, match=r"not allowed|not plain"):
                fetch(url, [f"http://{host}/docs/"])
        with pytest.raises(ValueError, match="404"):
            fetch(f"http://{host}/nothing", [host])


def test_a_test_plays_a_query(tmp_path: Path) -> None:
    mock = '[{ tool: "ask", arguments: { sql: "select count(*) as n from sales" } }, { said: "3", score: 1 }]'
    test = f"""
test "counts" {{
  mock m = {mock}
  got = answer(Question {{ id: "q", text: "how many?" }})
  expect got.said == "3"
}}
"""
    (tmp_path / "main.apwa").write_text(PROGRAM.format(url="http://127.0.0.1:1/v1", host="api.example.com") + test)
    (tmp_path / "sales.jsonl").write_text("".join(json.dumps(row) + "\n" for row in SALES))
    (tmp_path / "none.csv").write_text("ward,beds\n")
    tested = apwa("test", "main.apwa", cwd=tmp_path)
    assert tested.code == 0, tested.out + tested.err
    (tmp_path / "sales.jsonl").unlink()
    tested = apwa("test", "main.apwa", cwd=tmp_path)
    assert tested.code == 2
    assert "table `sales`" in tested.err


SKILL = """---
name: sequence-report
description: How results of an assembly are reported.
---

# Reports

Begin with [SEQ-REPORT v1].
"""


def test_skills_are_told_of_at_once_and_read_when_asked_for(tmp_path: Path) -> None:
    program = """
model m {{ provider: "openai" name: "m" base_url: "{url}" }}
tool how = skills("skills/report")
task say(text: str) -> str {{ model: m  prompt: "{{{{ text }}}}"  tools: [how] }}
record Q {{ text: str @key }}
table questions: Q = read "questions.jsonl"
split each = questions by row
flow main {{ said = map say(text) over each  save said to "said.jsonl" }}
"""
    calls = [{"skill": "sequence-report"}, {"skill": "report/terms.txt"}, {"skill": "../main.apwa"}]
    texts = [f"[told] [call how {json.dumps(call)}]" for call in calls]
    with model_server() as server:
        (tmp_path / "main.apwa").write_text(program.format(url=server.url))
        (tmp_path / "questions.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        missing = apwa("check", "main.apwa", cwd=tmp_path)
        (tmp_path / "skills/report").mkdir(parents=True)
        (tmp_path / "skills/report/SKILL.md").write_text(SKILL)
        (tmp_path / "skills/report/terms.txt").write_text("N50: a length\n")
        ended = apwa("run", "main.apwa", cwd=tmp_path)
        first = server.requests()[0]["body"]
    assert "finds no `skills/report/SKILL.md`" in missing.out
    assert ended.code == 0, ended.err
    assert "- sequence-report: How results of an assembly are reported." in json.dumps(first["tools"])
    said = [json.loads(line)["value"] for line in (tmp_path / "said.jsonl").read_text().splitlines()]
    assert "Begin with [SEQ-REPORT v1]." in said[0]
    assert "report/terms.txt" in said[0]
    assert said[1].endswith("N50: a length\n")
    assert "there is no skill" in said[2]


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://elsewhere.invalid/page")
            self.end_headers()
        elif self.path == "/page":
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            page = (
                "<head><title>no</title></head><h1>A  title</h1><script>no</script><p>One <b>paragraph</b> &amp; more."
            )
            self.wfile.write(f"{page}<p>Another.".encode())
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def pages() -> Iterator[str]:
    """A server of pages; its host and port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_claims_name_the_built_in_tools(tmp_path: Path) -> None:
    (tmp_path / "main.apwa").write_text(PROGRAM.format(url="http://127.0.0.1:1/v1", host="api.example.com"))
    proved = apwa("prove", "main.apwa", cwd=tmp_path)
    assert proved.code == 0, proved.err
    assert "each call of the built-in tool runs in a process of its own" in proved.out
    verified = apwa("prove", "--verify", "main.proof.json", cwd=tmp_path)
    assert verified.code == 0, verified.out + verified.err
