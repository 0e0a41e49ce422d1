"""Where a path leads: constants, and places surely inside the sub-problem's scratch folder.

In: the abstract paths that a call is given. Out: those that it gives back, and what to say of a file's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from apwa_lang.proofs.python.values import NOTHING, Imm, Value, imm, join

PATH = "pathlib.Path"
_DEEP = 3


@dataclass(frozen=True, slots=True)
class Place:
    """``detail`` is a constant path. Those that are ``private`` and constant are so by the working directory alone."""

    detail: str | None
    private: bool


def places(value: Value) -> list[Place]:
    """Where each path of ``value`` leads."""
    return sorted({_place(obj) for obj in value if not _nothing(obj)}, key=repr) or [Place(None, False)]


def _nothing(obj: object) -> bool:
    return isinstance(obj, Imm) and obj.type == "None"


def _place(obj: object) -> Place:
    if not isinstance(obj, Imm) or obj.type not in ("str", PATH):
        return Place(None, False)
    if obj.depth is not None:
        return Place(None, True)
    if obj.text is None:
        return Place(None, False)
    inside = _plain(obj.text) and not obj.text.startswith("~")
    return Place(obj.text, inside)


def _plain(text: str) -> bool:
    """Whether ``text`` leads down, not up or to the root."""
    return not text.startswith(("/", "\\")) and ".." not in text.replace("\\", "/").split("/") and "\0" not in text


def typed(value: Value, type: str) -> Value:
    """The same paths as strings or as path objects."""
    return join(*(_typed(obj, type) for obj in value)) if value else imm(type)


def _typed(obj: object, type: str) -> Value:
    if isinstance(obj, Imm) and obj.type in ("str", PATH):
        return imm(type, obj.text, obj.depth)
    return imm(type)


def joined(left: Value, right: Value, type: str) -> Value:
    """``left / right``."""
    return join(*(_join(a, b, type) for a in left for b in right)) if left and right else imm(type)


def _join(left: object, right: object, type: str) -> Value:
    if not isinstance(left, Imm) or not isinstance(right, Imm) or right.text is None:
        return imm(type)
    if right.text.startswith("/"):
        return imm(type, right.text)
    if left.depth is not None and _plain(right.text):
        return imm(type, None, min(_DEEP, left.depth + len(PurePosixPath(right.text).parts)))
    if left.text is not None:
        return imm(type, str(PurePosixPath(left.text, right.text)))
    return imm(type)


def _below(text: str) -> bool:
    return text.startswith("/") and not text.endswith((".", "/")) and _plain(text.lstrip("/"))


def parent(value: Value, type: str) -> Value:
    """The folders that the paths of ``value`` lie in."""
    found = NOTHING
    for obj in value:
        if isinstance(obj, Imm) and obj.depth:
            found |= imm(type, None, obj.depth - 1)
        elif isinstance(obj, Imm) and obj.text is not None and _plain(obj.text) and obj.text not in ("", "."):
            found |= imm(type, str(PurePosixPath(obj.text).parent))
        else:
            found |= imm(type)
    return found or imm(type)


def child(value: Value, type: str) -> Value:
    """Something in the folders of ``value``, its name unknown but a name."""
    found = NOTHING
    for obj in value:
        deep = isinstance(obj, Imm) and obj.depth is not None
        found |= imm(type, None, min(_DEEP, obj.depth + 1) if deep else None)  # type: ignore[attr-defined]
    return found or imm(type)


def renamed(value: Value, name: Value, type: str) -> Value:
    """The paths of ``value`` with another last part, or another end of it."""
    safe = all(isinstance(obj, Imm) and obj.text is not None and "/" not in obj.text for obj in name)
    found = NOTHING
    for obj in value:
        found |= imm(type, None, obj.depth if safe and isinstance(obj, Imm) and obj.depth else None)
    return found or imm(type)


def appended(left: Value, right: Value) -> Value:
    """``left + right`` for strings: a constant, a place in the scratch folder, or any string."""
    found = NOTHING
    for a in left:
        for b in right:
            if not isinstance(a, Imm) or not isinstance(b, Imm) or a.type != "str" or b.type != "str":
                found |= imm("str")
            elif a.text is not None and b.text is not None and len(a.text) + len(b.text) < 400:
                found |= imm("str", a.text + b.text)
            elif a.depth and b.text is not None and "/" not in b.text:
                found |= imm("str", None, a.depth)
            elif a.depth is not None and b.text is not None and _below(b.text):
                found |= imm("str", None, min(_DEEP, a.depth + 1))
            elif a.text == "" and b.depth is not None:
                found |= imm("str", None, b.depth)
            else:
                found |= imm("str")
    return found or imm("str")
