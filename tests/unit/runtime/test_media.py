"""Files in prompts: what a file is by its bytes, where templates show it, and what each provider is sent."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from apwa_compiler.build import build_plan
from apwa_compiler.plan import Prompt
from apwa_lang.check import check
from apwa_lang.syntax.source import Source
from apwa_runtime.bodies.prompt import PromptBody
from apwa_runtime.bodies.protocol import Call, Done, Failed, Outcome, always
from apwa_runtime.event_loop import EventLoopThread
from apwa_runtime.media import MAX_BYTES, Media, MediaError, Part, ShownPath, content
from apwa_runtime.models.anthropic import Messages
from apwa_runtime.models.local import LocalClient
from apwa_runtime.models.protocol import Message, PermanentError, Request, ToolSpec
from apwa_runtime.models.structured import Bodies
from apwa_runtime.prompts import compile_prompt
from apwa_runtime.shown_files import ProgramFiles
from apwa_runtime.testing.mocks import Mock

PNG = b"\x89PNG\r\n\x1a\n"
IMAGE = Media("image", "image/png", PNG)
PDF = Media("pdf", "application/pdf", b"%PDF-1.7")
SOUND = Media("audio", "audio/mpeg", b"ID3\x04\0")
SHOWN = Request((Message.of("user", ["See ", IMAGE, PDF, " now."]),))


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("image", PNG + b"rest", "image/png"),
        ("image", b"\xff\xd8\xff\xdb", "image/jpeg"),
        ("image", b"GIF89a", "image/gif"),
        ("image", b"RIFF\n\0\0\0WEBPVP8 ", "image/webp"),
        ("audio", b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        ("audio", b"\xff\xfb\x90\0", "audio/mpeg"),
        ("file", b"%PDF-1.4", "application/pdf"),
        ("file", PNG, "image/png"),
        ("file", b"ID3 is an algorithm", "ID3 is an algorithm"),
        ("file", b"\xef\xbb\xbf<a>\xc3\xa4</a>", "<a>ä</a>"),
        ("file", "UTF-16".encode("utf-16"), None),
        ("file", b"text\0", None),
        ("image", b"%PDF-1.4", None),
        ("image", b"<svg/>", None),
        ("audio", PNG, None),
        ("image", b"", None),
        ("file", b" " * (MAX_BYTES + 1), None),
    ],
)
def test_bytes_say_what_a_file_is(kind: str, data: bytes, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(MediaError, match=r"^`x` (is not |is empty|has more than 20 MiB)"):
            content(kind, data, "`x`")
        return
    found = content(kind, data, "`x`")
    assert (found if isinstance(found, str) else found.type) == expected


NAMES: dict[str, Any] = {
    "p": {"scan": "a.png", "more": ["b.png", "c.png"], "none": [], "text": "t\0", "rows": [{"x": "d"}]}
}


@pytest.mark.parametrize(
    ("template", "pieces"),
    [
        ("no files, {{ p.text }}", ["no files, t\0"]),
        ("{{ p.scan | image }}", ["", "image:a.png", ""]),
        ("A {{ p.more | image }} B", ["A ", "image:b.png", "", "image:c.png", " B"]),
        ("{{ p.none | image }}{{ p.text }}", ["t\0"]),
        ("{% for r in p.rows %}{{ r.x | file }}{{ p.text }}{% endfor %}", ["", "file:d", "t\0"]),
        ("{% set s = p.scan | audio %}{{ s }}", ["", "audio:a.png", ""]),
        ("{{ p.scan | image | string }} {{ p.scan | file | basename }}", ["a.png a.png"]),
        ("{{ 'x.png' | image }}", ["", "image:x.png", ""]),
    ],
)
def test_a_prompt_shows_files_where_it_names_them(template: str, pieces: list[str]) -> None:
    found = compile_prompt(template)(NAMES)
    assert [f"{one.kind}:{one}" if isinstance(one, ShownPath) else one for one in found] == pieces


def test_texts_that_meet_become_one_part() -> None:
    parts: list[Part] = ["a", "", "b", IMAGE, "", "c"]
    message = Message.of("user", parts)
    assert (message.content, message.parts) == ("abc", ("ab", IMAGE, "c"))
    assert Message.of("user", ["a", "b"]) == Message("user", "ab")


def data_url(media: Media) -> str:
    return f"data:{media.type};base64,{b64encode(media.data).decode()}"


@pytest.mark.parametrize("tools", [(), (ToolSpec("look", "Looks.", {"type": "object"}),)], ids=["plain", "tools"])
def test_the_chat_api_is_sent_parts(tools: tuple[ToolSpec, ...]) -> None:
    request = Request((*SHOWN.messages, Message.of("user", [SOUND])), tools=tools)
    body = json.loads(Bodies({"model": "m"}, "schema").encode(request))
    assert [message["content"] for message in body["messages"]] == [
        [
            {"type": "text", "text": "See "},
            {"type": "image_url", "image_url": {"url": data_url(IMAGE)}},
            {"type": "file", "file": {"filename": "file.pdf", "file_data": data_url(PDF)}},
            {"type": "text", "text": " now."},
        ],
        [{"type": "input_audio", "input_audio": {"data": b64encode(SOUND.data).decode(), "format": "mp3"}}],
    ]


def test_the_messages_api_is_sent_blocks_and_no_sounds() -> None:
    body = json.loads(Messages({"model": "m"}).encode(SHOWN))
    sources = [(block["type"], block.get("source", {}).get("media_type")) for block in body["messages"][0]["content"]]
    assert sources == [("text", None), ("image", "image/png"), ("document", "application/pdf"), ("text", None)]
    assert body["messages"][0]["content"][1]["source"]["data"] == b64encode(PNG).decode()
    with pytest.raises(PermanentError, match="cannot be shown recordings"):
        Messages({}).encode(Request((Message.of("user", [SOUND]),)))


def test_a_local_model_says_that_it_reads_text_alone(tmp_path: Path) -> None:
    weights = tmp_path / "m.gguf"
    weights.write_bytes(b"GGUF")

    async def work() -> None:
        await LocalClient(weights).complete(SHOWN)

    with pytest.raises(PermanentError, match="a local model reads text alone"):
        asyncio.run(work())


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("a/b.png", True),
        ("../in/x.png", True),
        ("../in/deep/x.png", False),
        ("../in/.x.png", False),
        ("../in/x.jpg", False),
        ("../all/x", True),
        ("../all/deep/x", True),
        ("../all/.deep/x", False),
        ("../in/../in/x.png", True),
        ("./a.png", False),
        ("a/../b.png", False),
        ("~/a.png", True),
        ("a\\..\\b", True),
        ("/p/a.png", False),
    ],
)
def test_what_a_path_out_of_data_may_name(path: str, allowed: bool) -> None:
    files = ProgramFiles("/p", ["/in/*.png", "/all/**"])
    if allowed:
        assert files.place(path).startswith(("/p/", "/in/", "/all/"))
    else:
        with pytest.raises(MediaError, match="no visible file below"):
            files.place(path)


@pytest.mark.parametrize("path", ["a\n.png", "\ud800", "x" * 1_001, ""], ids=["control", "surrogate", "long", "empty"])
def test_what_cannot_be_told_is_not_told(path: str) -> None:
    with pytest.raises(MediaError, match=r"^a path of [0-9,]+ characters is no visible file"):
        ProgramFiles("/p").place(path)


PROGRAM = """
record Page { scan: image }
model eye { provider: "openai" name: "eye" base_url: "http://127.0.0.1:9/v1" }
table pages: Page = [{ scan: "a.png" }]
task read(page: Page) -> str { model: eye  prompt: "{{ page.scan }}" }
split each = pages by row
flow main { x = map read over each }
"""


def test_a_file_that_changes_before_the_turn_of_its_call_fails_it(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    task = build_plan(check(Source(PROGRAM, "main.apwa")).program, None, {}).task("read")
    assert isinstance(task.body, Prompt)
    loop = EventLoopThread()
    body = PromptBody(task, task.body, {"eye": Mock("eye", {"eye": "seen"}, wrapped=False)}, loop, None, str(tmp_path))
    names = {"page": {"scan": "a.png"}}
    digests = [(), (sha256(PNG).hexdigest(),), ("of another",)]
    ended: list[Outcome] = []
    for digest in digests:
        call = Call(0, names, names, None, digest)
        body.run([call], lambda call, value: value, lambda call, outcome: ended.append(outcome), always)
    loop.close()
    assert [one.value if isinstance(one, Done) else type(one) for one in ended] == ["seen", "seen", Failed]
    assert isinstance(ended[2], Failed) and "was changed while the sub-problem waited" in ended[2].reason
