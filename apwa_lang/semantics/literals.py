"""Texts that stand for values of other types.

In: a text and the type that is wanted. Out: the constant in JSON-able form: dates and times in ISO-8601, bytes in
base64.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import date, datetime

from apwa_lang.semantics.durations import from_iso, to_iso
from apwa_lang.semantics.types import AUDIO, BYTES, DATE, DATETIME, DURATION, FILE, IMAGE, UUID, Type

# Types that a text literal may stand for, with an example for the message.
EXAMPLES: dict[Type, str] = {
    DATE: "2026-01-31",
    DATETIME: "2026-01-31T12:00:00Z",
    DURATION: "PT30S",
    UUID: "123e4567-e89b-12d3-a456-426614174000",
    BYTES: "aGVsbG8=",
}
PATHS: tuple[Type, ...] = (FILE, IMAGE, AUDIO)


def text_constant(text: str, type: Type) -> str:
    """The JSON-able form of the value of ``type`` that ``text`` says. Raises ValueError when it says none."""
    if type == DATE:
        return date.fromisoformat(text).isoformat()
    if type == DATETIME:
        return datetime.fromisoformat(text).isoformat()
    if type == DURATION:
        return to_iso(from_iso(text))
    if type == UUID:
        return str(uuid.UUID(text))
    if type == BYTES:
        try:
            base64.b64decode(text, validate=True)
        except binascii.Error as error:
            raise ValueError(str(error)) from None
    return text
