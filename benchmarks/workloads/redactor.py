"""A scripted model for ``examples/pii``: it redacts by patterns, misses and mistakes some, and at times talks nonsense.

In: chat completions over HTTP, each with one record. Out: after a fixed time an answer that follows from the record
alone, so that what a run must give is known. ``python -m benchmarks.workloads.redactor --latency-ms 50``.
"""

from __future__ import annotations

import argparse
import json
import re
from zlib import crc32

from benchmarks.server import Manner, run, serve

NONSENSE = 5_000
"""One record in so many gets no valid answer, however often it is asked."""
_MISSED, _MISTAKEN = 50, 80

_FIRST = "Ada|Grace|Edsger|Barbara|Alan|Radia|Donald|Frances|Niklaus|Karen"
_LAST = "Lovelace|Hopper|Dijkstra|Liskov|Turing|Perlman|Knuth|Allen|Wirth|Jones"
PATTERNS = {
    "url": r"https://example\.org/~[a-z]+/\d{4}",
    "email": r"[a-z]+\.\d{3}@example\.org",
    "name": rf"\b(?:{_FIRST}) (?:{_LAST})\b",
    "phone": r"\+44 20 \d{4} \d{4}",
    "street": r"\b\d{1,2} (?:Mill Lane|Station Road|High Street|Church Walk|Harbour View)",
    "employer": r"\b(?:Delta Freight|Harbour Books|Green Grocer|Blue Door) Ltd",
    "city": r"\b(?:Norwich|Galway|Utrecht|Porto|Uppsala|Ghent)\b",
    "iban": r"\bGB\d\d [A-Z]{4} \d{4} \d{4} \d{4} \d\d\b",
    "card": r"\b4\d{3} \d{4} \d{4} \d{4}\b",
    "plate": r"\b[A-Z]{2}\d\d [A-Z]{3}\b",
    "postcode": r"\b[A-Z]{2}\d \d[A-Z]{2}\b",
    "birthday": r"\b19\d\d-\d\d-\d\d\b",
    "age": r"\b\d\d years\b",
    "ssn": r"\b\d{3}-\d\d-\d{4}\b",
    "passport": r"\bP\d{8}\b",
    "licence": r"\bDL-\d{7}\b",
    "vin": r"\bVIN[A-Z]{4}\d{10}\b",
    "account": r"\bACC-\d{8}\b",
    "tax": r"\bUTR \d{10}\b",
    "patient": r"\bMRN-\d{6}\b",
    "insurance": r"\bINS-[A-Z]{2}-\d{6}\b",
    "username": r"(?<![\w.])@[a-z]+\d\d\b",
    "password": r"\bpw:[0-9a-f]{10}\b",
    "key": r"\bsk-[0-9a-f]{20}\b",
    "place": r"\b\d\d\.\d{4}, -\d\.\d{4}\b",
    "ip": r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b",
    "mac": r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b",
}
_ANY = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in PATTERNS.items()))
_MARK = b"Record: "


def redacted(text: str) -> dict[str, object] | None:
    """The answer to a record; None for nonsense."""
    if crc32(text.encode()) % NONSENSE == 0:
        return None
    found: list[dict[str, str]] = []

    def replaced(match: re.Match[str]) -> str:
        kind, value = str(match.lastgroup), match[0]
        number = crc32(f"{text}{match.start()}".encode())
        if number % _MISSED == 0:
            return value
        kind = "name" if number % _MISTAKEN == 0 else kind
        found.append({"kind": kind, "value": value})
        return f"[{kind}]"

    return {"text": _ANY.sub(replaced, text), "found": found}


class Redactor(Manner):
    """Answers requests with what :func:`redacted` gives."""

    def answer(self, request: bytes) -> str:
        """What the model says."""
        at = request.index(_MARK) + len(_MARK)
        answer = redacted(request[at : request.index(b'"', at)].decode())
        return "I would rather talk about the weather." if answer is None else json.dumps(answer)


def main() -> None:
    parser = argparse.ArgumentParser(description="The scripted model of the redaction workload.")
    parser.add_argument("--latency-ms", type=float, default=50)
    run(serve(Redactor(parser.parse_args().latency_ms / 1000)))


if __name__ == "__main__":
    main()
