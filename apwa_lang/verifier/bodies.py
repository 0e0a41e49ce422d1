"""What the bodies of tasks and tools have in common between calls.

In: a task or a tool. Out: what its calls may share: the models that a prompt asks, the state that code keeps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Span
from apwa_lang.verifier.declarations import Routine
from apwa_lang.verifier.problem import CannotVerifyError
from apwa_lang.verifier.splits import dotted


@dataclass(frozen=True, slots=True)
class Body:
    """A body. ``text`` is what it runs or asks, ``language`` one of prompt, python, shell, server, builtin and split.

    The module of a Python function lies below ``folder``; ``together`` when one call takes several sub-problems, or
    they share a server. A server may be ``remote``; ``trust`` is the reason that stands beside it.
    """

    language: str
    text: str
    span: Span
    models: tuple[str, ...] = ()
    folder: Path = Path()
    together: bool = False
    remote: bool = False
    trust: str | None = None

    @property
    def kind(self) -> str:
        """The kind of effect that it is."""
        return "model" if self.language == "prompt" else "state"


def body_of(routine: Routine) -> Body | None:
    """The body of a task or tool; None for an expression, which shares nothing."""
    settings = routine.settings
    given = [name for name in ("prompt", "python", "torch", "shell", "return") if name in settings]
    if isinstance(routine.node, ast.Tool):
        place = routine.node.name.span
        if "python" in given:
            return _python(routine, settings["python"].value, place)
        return _server(routine, place) if routine.node.builtin is None else Body("builtin", routine.name, place)
    if len(given) != 1:
        raise CannotVerifyError(f"`{routine.name}` has no body, or several")
    value = settings[given[0]].value
    match given[0]:
        case "return":
            return None
        case "prompt":
            models = tuple(_models(routine))
            return Body("prompt", ", ".join(models), value.span, models)
        case "shell":
            return Body("shell", "shell", value.span)
        case _:
            return _python(routine, value, value.span)


def _server(routine: Routine, place: Span) -> Body:
    assert isinstance(routine.node, ast.Tool)
    if routine.node.mcp is None:
        raise CannotVerifyError(f"what `{routine.name}` runs cannot be read")
    shared, trust = (setting.value if (setting := routine.settings.get(name)) else None for name in ("shared", "trust"))
    if not isinstance(shared, ast.BoolLiteral | None) or not isinstance(trust, ast.StringLiteral | None):
        raise CannotVerifyError(f"the server of `{routine.name}` cannot be read")
    together = shared is not None and shared.value
    reason = trust.value if trust is not None else None
    return Body("server", routine.name, place, together=together, remote=is_remote(routine.node.mcp), trust=reason)


def is_remote(address: ast.StringLiteral) -> bool:
    """Whether the address of a server is a URL, not a command."""
    return address.value.startswith(("http://", "https://"))


def _python(routine: Routine, value: ast.Expr, span: Span) -> Body:
    if not isinstance(value, ast.StringLiteral):
        raise CannotVerifyError(f"the function of `{routine.name}` cannot be read")
    together = bool({"batch", "torch"} & set(routine.settings))
    return Body("python", value.value, span, (), routine.module.file.parent, together)


def _models(routine: Routine) -> Iterator[str]:
    setting = routine.settings.get("route") or routine.settings.get("model")
    if setting is None:
        raise CannotVerifyError(f"the models of `{routine.name}` cannot be read")
    match setting.value:
        case ast.Route(arms=arms):
            named = [arm.target.text for arm in arms]
        case ast.ListLiteral(items=items):
            named = [dotted(one) or "" for one in items]
        case other:
            named = [dotted(other) or ""]
    for name in named:
        whole = routine.module.whole(name, ast.Model)
        if whole is None:
            raise CannotVerifyError(f"the models of `{routine.name}` cannot be read")
        yield whole
