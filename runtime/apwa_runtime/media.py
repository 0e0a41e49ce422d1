"""Files in prompts: the paths that templates show, and their contents as models are sent them.

In: the bytes of a file and the kind that its type says. Out: a picture, a sound or a PDF with its media type, known by
its first bytes, or the text of a text file. A file that is none of these is refused.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from apwa_runtime.evaluation import EvaluationError

MAX_BYTES = 20 * 2**20
"""The most that a file in a prompt may hold."""

_TOKENS = {"image": 1_000, "audio": 1_000, "pdf": 3_000}
_ALLOWED = {"image": ("image",), "audio": ("audio",), "file": ("image", "audio", "pdf")}
_WANTED = {
    "image": "a PNG, JPEG, GIF or WebP image",
    "audio": "a WAV or MP3 recording",
    "file": "a PDF, a text in UTF-8, an image or a recording",
}
_MAGIC: tuple[tuple[str, str, re.Pattern[bytes]], ...] = (
    ("image", "image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image", "image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image", "image/gif", re.compile(rb"GIF8[79]a")),
    ("image", "image/webp", re.compile(rb"RIFF.{4}WEBP", re.DOTALL)),
    ("audio", "audio/wav", re.compile(rb"RIFF.{4}WAVE", re.DOTALL)),
    ("audio", "audio/mpeg", re.compile(rb"ID3[\x02-\x04]\x00|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")),
    ("pdf", "application/pdf", re.compile(rb"%PDF-")),
)


class MediaError(EvaluationError):
    """A file that a prompt cannot show; the text is fit for people."""


class ShownPath(str):
    """The path of a file that a template shows; ``kind`` is ``image``, ``audio`` or ``file``. It prints as the path."""

    kind: str

    @classmethod
    def of(cls, path: str, kind: str) -> ShownPath:
        """The path as one that is shown."""
        made = cls(path)
        made.kind = kind
        return made


@dataclass(frozen=True, slots=True)
class Media:
    """What a prompt shows: ``kind`` is ``image``, ``audio`` or ``pdf``, ``type`` its media type."""

    kind: str
    type: str
    data: bytes

    @property
    def base64(self) -> str:
        """The bytes as servers take them."""
        return b64encode(self.data).decode()


Part = str | Media


def content(kind: str, data: bytes, name: str) -> Part:
    """What is sent of the file called ``name``. Raises MediaError for one that is not of the ``kind`` of its type."""
    if not data:
        raise MediaError(f"{name} is empty")
    if len(data) > MAX_BYTES:
        raise MediaError(f"{name} has more than {MAX_BYTES // 2**20} MiB, the most that a prompt may show")
    for found, type, magic in _MAGIC:
        if magic.match(data) and found in _ALLOWED[kind]:
            return Media(found, type, data)
    if kind == "file" and b"\0" not in data:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    raise MediaError(f"{name} is not {_WANTED[kind]}")


def joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """The parts with neighbouring texts in one, without empty ones."""
    return tuple(_joined(parts))


def files_tokens(parts: Iterable[Part]) -> int:
    """The tokens that the files among the parts are reckoned to be, whatever is in them."""
    return sum(_TOKENS[part.kind] for part in parts if not isinstance(part, str))


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        if text := "".join(texts):
            yield text
        texts.clear()
        yield part
    if text := "".join(texts):
        yield text
