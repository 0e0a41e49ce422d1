"""Images, sounds and documents as arguments of prompts, from the row to what the server is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from tests.support.command import Ended, apwa
from tests.support.model_server import Running, model_server

PNG, JPEG, PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"%PDF-1.7\n"
WAV, MP3 = b"RIFF\x10\0\0\0WAVE", b"ID3\x04\0"
FILES = {
    "scans/a.png": PNG + b"a",
    "scans/b.jpg": JPEG + b"b",
    "scans/misnamed.png": JPEG + b"c",
    "papers/one.pdf": PDF + b"one",
    "papers/two.txt": "zwei äpfel".encode(),
    "sounds/one.wav": WAV,
    "sounds/two.mp3": MP3 + b"2",
}
RECORDS = """
record Page { id: str @key  scan: image  more: list[image]  spare: image?  paper: file }
record Answer { says: str }
table pages: Page = read "pages.jsonl"
split each = pages by row
"""
MODELS = {
    "openai": 'model eye { provider: "openai" name: "eye" base_url: env("LLM_URL") }\n',
    "anthropic": 'model eye { provider: "anthropic" name: "eye" base_url: env("LLM_URL") }\n',
}
READ = """
task read(page: Page) -> Answer {
  model: eye
  prompt: "Of {{ page.id }}: {{ page.scan }}, then {{ page.more }}. Also {{ page.paper }}!"
  on_error: quarantine
}
flow main { answers = map read over each keep id  save answers to "answers.jsonl" }
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with model_server() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh(server: Running) -> None:
    server.reset()


def project(folder: Path, program: str, pages: list[Mapping[str, object]], files: Mapping[str, bytes] = FILES) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / "main.apwa").write_text(program)
    usual = {"more": [], "paper": "papers/two.txt"}
    (folder / "pages.jsonl").write_text("".join(json.dumps({**usual, **page}) + "\n" for page in pages))


def run(folder: Path, server: Running, *options: str) -> Ended:
    return apwa("run", "main.apwa", *options, cwd=folder, env={"LLM_URL": server.url})


def answers(folder: Path) -> dict[str, str]:
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    return {row["id"]: row["says"] for row in rows}


def seen(kind: str, data: bytes) -> str:
    """What the server's answers call a file that it was sent."""
    return f"<{kind} {len(data)} bytes {sha256(data).hexdigest()[:8]}>"


@pytest.mark.parametrize("provider", MODELS)
def test_files_are_parts_of_the_message_in_their_places(provider: str, server: Running, tmp_path: Path) -> None:
    pages: list[Mapping[str, object]] = [
        {"id": "a", "scan": "scans/a.png", "spare": "scans/none.png"},
        {"id": "b", "scan": "scans/misnamed.png", "more": ["scans/b.jpg"]},
        {"id": "c", "scan": "scans/b.jpg", "paper": "papers/one.pdf"},
    ]
    project(tmp_path, RECORDS + MODELS[provider] + READ, pages)
    ended = run(tmp_path, server)
    assert ended.code == 0, ended.err
    a, b, c = (
        seen(*found) for found in (("image/png", PNG + b"a"), ("image/jpeg", JPEG + b"c"), ("image/jpeg", JPEG + b"b"))
    )
    assert answers(tmp_path) == {
        "a": f"Of a: {a}, then . Also zwei äpfel!",
        "b": f"Of b: {b}, then {c}. Also zwei äpfel!"[:80],
        "c": f"Of c: {c}, then . Also {seen('application/pdf', PDF + b'one')}!"[:80],
    }
    sent = {
        message["content"][0]["text"]: message
        for request in server.requests()
        for message in request["body"]["messages"]
    }
    kinds = [part["type"] for part in sent["Of c: "]["content"]]
    assert (
        kinds
        == {
            "openai": ["text", "image_url", "text", "file", "text"],
            "anthropic": ["text", "image", "text", "document", "text"],
        }[provider]
    )
    kept = b"".join(path.read_bytes() for path in (tmp_path / ".apwa").rglob("*") if path.is_file())
    assert b"<image/png 9 bytes" in kept
    assert PNG not in kept
    assert b"iVBORw0KGgo" not in kept


def test_a_row_chooses_among_the_files_of_the_program_alone(server: Running, tmp_path: Path) -> None:
    reasons = {
        "../secret.png": "is no visible file below the program's folder, nor one that a table of `files` lists",
        str(tmp_path / "secret.png"): "is no visible file below the program's folder",
        "scans/../../secret.png": "is no visible file below the program's folder",
        ".hidden/x.png": "is no visible file below the program's folder",
        "scans/link.png": "lies behind a link, and is none that a table of `files` lists",
        "linked/secret.png": "lies behind a link",
        "scans/none.png": "does not exist",
        "scans": "is no file",
        "scans/empty.png": "is empty",
        "papers/two.txt": "is not a PNG, JPEG, GIF or WebP image",
        "scans/large.png": "has more than 20 MiB, the most that a prompt may show",
    }
    folder = tmp_path / "program"
    pages: list[Mapping[str, object]] = [{"id": "good", "scan": "scans/a.png"}]
    pages += [{"id": str(number), "scan": path} for number, path in enumerate(reasons)]
    pages.append({"id": "nul", "scan": "scans/\0.png"})
    project(folder, RECORDS + MODELS["openai"] + READ, pages, {**FILES, "scans/empty.png": b"", ".hidden/x.png": PNG})
    (tmp_path / "secret.png").write_bytes(PNG + b"secret")
    (folder / "scans" / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "linked").symlink_to(tmp_path)
    with (folder / "scans" / "large.png").open("wb") as large:
        large.write(PNG)
        large.truncate(20 * 2**20 + 1)
    ended = run(folder, server)
    assert ended.code == 1
    assert list(answers(folder)) == ["good"]
    (table,) = folder.glob(".apwa/runs/*/quarantine/answers.jsonl")
    told = {row["scan"]: row["_reason"] for row in map(json.loads, table.read_text().splitlines())}
    assert {path: why in told[path] for path, why in reasons.items()} == dict.fromkeys(reasons, True), told
    assert "is no visible file" in told["scans/\0.png"]
    assert server.stats()["requests"] == 1


def test_a_picture_that_has_changed_is_asked_about_again(server: Running, tmp_path: Path) -> None:
    program = RECORDS + MODELS["openai"] + READ
    project(tmp_path, program, [{"id": name, "scan": f"scans/{name}"} for name in ("a.png", "b.jpg", "none.png")])
    assert run(tmp_path, server).code == 1
    assert server.stats()["requests"] == 2
    (tmp_path / "scans" / "a.png").write_bytes(PNG + b"new")
    # What was quarantined stays so while its file is missing.
    planned = apwa("plan", "main.apwa", "--resume", cwd=tmp_path, env={"LLM_URL": server.url})
    assert "2 of 3" in planned.out, planned.out
    (tmp_path / "scans" / "none.png").write_bytes(PNG + b"there")
    assert run(tmp_path, server, "--resume").code == 0
    assert server.stats()["requests"] == 4
    assert seen("image/png", PNG + b"new") in answers(tmp_path)["a.png"]
    # Another run finds all of it.
    assert run(tmp_path, server).code == 0
    assert server.stats()["requests"] == 4


LISTED = """
record Answer { says: str }
table scans: File = files "../scans/*.png"
split each = scans by file
task read(doc: File) -> Answer {
  model: eye
  prompt: "{{ doc.path | image }}"
  writes: "out/{{ doc.name }}.json"
}
flow main { answers = map read over each keep name  save answers to "answers.jsonl" }
"""


def test_a_table_of_files_lists_what_may_be_shown(server: Running, tmp_path: Path) -> None:
    folder = tmp_path / "program"
    program = MODELS["openai"] + LISTED
    project(folder, program, [], {})
    project(tmp_path, "", [], {"scans/a.png": PNG + b"a", "scans/b.png": PNG + b"b"})
    ended = run(folder, server)
    assert ended.code == 0, ended.err
    assert "checked" not in ended.out
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]
    assert rows == [{"says": seen("image/png", PNG + name.encode()), "name": f"{name}.png"} for name in ("a", "b")]


DRAWN = """
task draw(page: Page) -> str { return: page.id  writes: "scans/{{ page.id }}" }
flow main {
  answers = map read over each keep id
  drawn = map draw over each
  save answers to "answers.jsonl"
}
"""


def test_a_picture_that_another_task_writes_is_told_at_launch(server: Running, tmp_path: Path) -> None:
    program = RECORDS + MODELS["openai"] + READ.partition("flow")[0] + DRAWN
    pages: list[Mapping[str, object]] = [
        {"id": "x.png", "scan": "scans/b.jpg"},
        {"id": "a.png", "scan": "scans/b.jpg", "more": ["scans/misnamed.png", "scans/a.png"]},
    ]
    project(tmp_path, program, pages)
    checked = apwa("check", "main.apwa", cwd=tmp_path)
    assert checked.code == 0, checked.out
    ended = run(tmp_path, server)
    assert (ended.code, server.stats()["requests"]) == (1, 0)
    assert "`read` and `draw` meet in one path, and nothing orders them" in ended.err
    assert ended.err.count("scans/a.png") == 2, ended.err
    (tmp_path / "main.apwa").write_text(program.replace("map draw over each", "map draw over each after answers"))
    assert run(tmp_path, server).code == 0


def test_secret_paths_are_told_to_nobody(server: Running, tmp_path: Path) -> None:
    program = (RECORDS + MODELS["openai"] + READ).replace("scan: image", "scan: image @secret")
    project(tmp_path, program, [{"id": "a", "scan": "scans/a.png"}, {"id": "b", "scan": "scans/of-ada-lovelace.png"}])
    ended = run(tmp_path, server)
    assert ended.code == 1
    assert "<secret>` does not exist" in ended.err
    kept = "".join(path.read_text(errors="replace") for path in (tmp_path / ".apwa").rglob("*.json*") if path.is_file())
    assert "ada-lovelace" not in kept + ended.out + ended.err
    assert answers(tmp_path).keys() == {"a"}


def test_a_model_of_ones_own_is_given_the_parts(tmp_path: Path, server: Running) -> None:
    own = 'model eye { provider: python "own:make" }\n'
    project(
        tmp_path,
        RECORDS + own + READ,
        [{"id": "a", "scan": "scans/a.png", "paper": "papers/one.pdf"}],
    )
    (tmp_path / "own.py").write_text(
        "def make():\n"
        "    def ask(messages, schema):\n"
        "        (message,) = messages\n"
        "        parts = message['content']\n"
        "        return {'says': str([(p['type'], p.get('media_type'), len(p.get('data', b''))) for p in parts])}\n"
        "    return ask\n"
    )
    ended = run(tmp_path, server)
    assert ended.code == 0, ended.err
    parts = [("text", None, 0), ("image", "image/png", 9), ("text", None, 0), ("pdf", "application/pdf", 12)]
    assert answers(tmp_path) == {"a": str([*parts, ("text", None, 0)])}


def test_plan_and_test_look_at_files_too(server: Running, tmp_path: Path) -> None:
    program = (
        RECORDS
        + MODELS["openai"]
        + READ
        + (
            'test "reads a page" { mock eye = { says: "so" }\n  page: Page = read "page.json"\n'
            '  got = read(page)\n  expect got.says == "so" }\n'
            'test "a page that is not there" { mock eye = { says: "so" }\n  page: Page = read "gone.json"\n'
            '  got = read(page)\n  expect got.says == "so" }\n'
        )
    )
    project(tmp_path, program, [{"id": "a", "scan": "scans/a.png", "paper": "papers/one.pdf"}])
    page = json.loads((tmp_path / "pages.jsonl").read_text())
    (tmp_path / "page.json").write_text(json.dumps(page))
    (tmp_path / "gone.json").write_text(json.dumps({**page, "scan": "scans/gone.png"}))
    planned = apwa("plan", "main.apwa", cwd=tmp_path, env={"LLM_URL": server.url})
    assert "model eye: input tokens about 4,0" in planned.out, planned.out
    tested = apwa("test", "main.apwa", cwd=tmp_path)
    assert (tested.code, "1 passed" in tested.out) == (1, True), tested.out
    assert "`read` gave no result: `scans/gone.png` does not exist" in tested.out
