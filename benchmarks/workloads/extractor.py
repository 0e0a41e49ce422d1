"""A scripted model for ``examples/documents``: it reads text, PDFs and pictures, and misses and mistakes some of it.

In: chat completions over HTTP, each with one document, as text or as a file. Out: after a fixed time an answer that
follows from what the document says, so that what a run must give is known; to some documents nonsense.
``python -m benchmarks.workloads.extractor --latency-ms 50``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import struct
import sys
import zlib
from base64 import b64decode
from typing import Any

from benchmarks.server import BLANK, Manner, run, serve
from benchmarks.work import ROOT

EXAMPLE = ROOT / "examples" / "documents"
NONSENSE = 500
"""One document in so many gets no valid answer, however often it is asked about."""
_FIELDS = ("store_name", "number", "date", "total", "currency", "vat")
# One field in so many is missed, or mistaken: in text, and in what is seen.
_ERRORS = {"text": (60, 90), "seen": (25, 40)}

Invoice = dict[str, Any]


def example(name: str) -> Any:
    """A module of the example."""
    if str(EXAMPLE) not in sys.path:
        sys.path.insert(0, str(EXAMPLE))
    return importlib.import_module(name)


class Reader:
    """Reads documents of all kinds, without a mistake."""

    def __init__(self) -> None:
        made, drawn = example("make_data"), example("draw")
        self._names = {name.lower(): name for name in (*made.STORES, *made.ITEMS)}
        self._store = re.compile("|".join(made.STORES), re.IGNORECASE)
        self._item = re.compile(rf"({'|'.join(made.ITEMS)})[^0-9]{{1,30}}?(\d+\.\d\d)", re.IGNORECASE)
        months = "|".join(made.MONTHS)
        self._date = re.compile(rf"\d{{1,2}} (?:{months}) \d{{4}}", re.IGNORECASE)
        self._total = re.compile(r"total[^0-9]{1,30}?(\d+\.\d\d)", re.IGNORECASE)
        self._letters = {digits: letter for letter, digits in drawn.LETTERS.items()}
        self._drawn = drawn

    def invoice(self, text: str) -> Invoice:
        """What a document says."""
        (store,), (number,) = self._store.findall(text), re.findall(r"(?<!\d)\d{5}(?!\d)", text)
        (date,), (total,) = self._date.findall(text), self._total.findall(text)
        (currency,), vat = re.findall("EUR|GBP|USD", text), re.findall(r"[A-Z]{2}\d{9}", text)
        return {
            "store_name": self._names[store.lower()],
            "number": int(number),
            "date": date,
            "total": float(total),
            "currency": currency,
            "vat": vat[0] if vat else None,
            "items": [
                {"name": self._names[name.lower()], "price": float(price)} for name, price in self._item.findall(text)
            ],
        }

    def pdf(self, data: bytes) -> str:
        """The lines of a PDF whose page is not compressed."""
        return "\n".join(line.decode("latin-1") for line in re.findall(rb"\((.*?)\) Tj", data))

    def picture(self, data: bytes) -> str:
        """The lines of a picture: every letter is compared with those that are drawn."""
        size = struct.unpack(">II", data[16:24])
        packed = zlib.decompress(data[data.index(b"IDAT") + 4 : data.rindex(b"IEND") - 8])
        stride, dot = (size[0] + 7) // 8 + 1, self._drawn.DOT
        rows = [
            f"{int.from_bytes(packed[row * stride + 1 : (row + 1) * stride]):0{(stride - 1) * 8}b}"[: size[0] : dot]
            for row in range(0, size[1], dot)
        ]
        wide, high = self._drawn.WIDE, self._drawn.HIGH
        return "\n".join(
            "".join(self._letter(rows, down, along) for along in range(wide, len(rows[0]), wide))
            for down in range(high, len(rows) - high, high)
        )

    def _letter(self, rows: list[str], down: int, along: int) -> str:
        white = [row[along : along + 5] for row in rows[down : down + 7]]
        digits = (self._drawn.DIGITS[31 - int(row, 2)] if len(row) == 5 else "0" for row in white)
        return self._letters["".join(digits)]


def answered(invoice: Invoice, way: str) -> Invoice | None:
    """What the model answers about an invoice that comes as ``text`` or is ``seen``; None for nonsense."""
    number = invoice["number"]
    if number % NONSENSE == 0:
        return None
    missed, mistaken = _ERRORS[way]

    def luck(piece: str) -> int:
        chance = zlib.crc32(f"{number} {way} {piece}".encode())
        return 0 if chance % missed == 0 else 1 if chance % mistaken == 0 else 2

    answer: Invoice = {"items": []}
    for name in _FIELDS:
        value = invoice[name]
        answer[name] = (None, _mistake(value), value)[luck(name)]
    for item in invoice["items"]:
        fate = luck(item["name"])
        if fate:
            answer["items"].append(item if fate == 2 else {**item, "price": _mistake(item["price"])})
    return answer


def _mistake(value: Any) -> Any:
    if isinstance(value, str):
        return {"EUR": "USD", "USD": "GBP", "GBP": "EUR"}.get(value, f"{value} Inc")
    return None if value is None else round(value + 1, 2)


class Extractor(Manner):
    """Answers requests with what :func:`answered` gives."""

    def __init__(self, latency: float) -> None:
        super().__init__(latency)
        self._reader = Reader()

    def answer(self, request: bytes) -> str:
        """What the model says."""
        body = json.loads(request[request.index(BLANK) + len(BLANK) :])
        # What follows the first message is about an answer that was no answer.
        content = body["messages"][0]["content"]
        if isinstance(content, str):
            text, way = content, "text"
        else:
            (file,) = (part for part in content if part["type"] != "text")
            text, way = self._seen(file), "seen"
        answer = answered(self._reader.invoice(text), way)
        return "I would rather talk about the weather." if answer is None else json.dumps(answer)

    def _seen(self, part: dict[str, Any]) -> str:
        if part["type"] == "file":
            return self._reader.pdf(_decoded(part["file"]["file_data"]))
        return self._reader.picture(_decoded(part["image_url"]["url"]))


def _decoded(url: str) -> bytes:
    return b64decode(url.partition(";base64,")[2])


def main() -> None:
    parser = argparse.ArgumentParser(description="The scripted model of the extraction workload.")
    parser.add_argument("--latency-ms", type=float, default=50)
    run(serve(Extractor(parser.parse_args().latency_ms / 1000)))


if __name__ == "__main__":
    main()
