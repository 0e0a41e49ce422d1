"""What every model provider is: something that answers one request.

In: a rendered prompt and the JSON schema of the answer. Out: the answer's text with its token counts, or one of the
typed errors below. Providers know nothing of tasks, rows or validation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from apwa_runtime.media import Media, Part, joined

if TYPE_CHECKING:
    from apwa_runtime.models.admission import Admission


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model asks for: the tool ``name`` with ``arguments``, JSON text, under an ``id`` of its own."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model is told of it; ``parameters`` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation; ``role`` is ``system``, ``user``, ``assistant`` or ``tool``.

    An assistant's may make ``calls``; a tool's is the result of the call ``answers``. Where a user's shows files,
    ``parts`` are they and the texts between them, in order; ``content`` is the text alone.
    """

    role: str
    content: str
    calls: tuple[ToolCall, ...] = ()
    answers: ToolCall | None = None
    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, role: str, parts: Iterable[Part]) -> Message:
        """A message of texts, and of files if there are any."""
        found = joined(parts)
        text = "".join(part for part in found if isinstance(part, str))
        return cls(role, text, parts=found if any(isinstance(part, Media) for part in found) else ())


@dataclass(slots=True, eq=False)
class Wire:
    """The requests of one asker: ``sent`` from the moment one goes out until its answer is there.

    Where ``held``, no further one is to go out, and the asker is cancelled if none is on its way.
    """

    sent: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. ``schema`` is a JSON schema that the answer must satisfy, None for plain text; seconds for times.

    With ``tools`` the answer may be calls of them. The client keeps ``wire`` up to date, where there is one. A text is
    held to ``grammar``, in GBNF, by models in this process only.
    """

    messages: tuple[Message, ...]
    schema: dict[str, object] | None = None
    schema_name: str = "answer"
    timeout: float | None = None
    wire: Wire | None = None
    tools: tuple[ToolSpec, ...] = ()
    grammar: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Token counts are 0 where the provider gives none.

    ``seconds`` is how long the call itself took, without the wait for a free slot. Where the model makes ``calls`` of
    tools, ``text`` is what it says beside them. Raises TransientError where a text could not be written down.
    """

    text: str
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    calls: tuple[ToolCall, ...] = ()

    def __post_init__(self) -> None:
        said = (self.text, *(part for call in self.calls for part in (call.id, call.name, call.arguments)))
        try:
            for text in said:
                text.encode()
        except UnicodeEncodeError:
            raise TransientError("the answer holds half of a surrogate pair, which is no character") from None


class ModelError(Exception):
    """A call that failed; the text is fit for people and free of secrets."""


class TransientError(ModelError):
    """Worth asking again. ``retry_after`` in seconds where the server named a time."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EndpointFailure(TransientError):  # noqa: N818 - a failure of the server, where an error is one of a call
    """The server cannot be reached, drops connections or fails: what one call meets is likely to meet the next."""


class PermanentError(ModelError):
    """Asking again will not help (bad key, unknown model, request refused)."""


class CutOffError(ModelError):
    """The answer was longer than the model may write; a shorter one may be had by asking for it."""


class ModelSetupError(PermanentError):
    """The model as declared cannot be used: a variable is not set, a setting is unknown or makes no sense."""


class ModelClient(Protocol):
    """One endpoint or local model, used from one event loop.

    ``concurrency`` is how many requests it takes at a time. ``admission``, where there is one, is asked before each
    request goes out.
    """

    concurrency: int
    admission: Admission | None

    @property
    def is_down(self) -> bool:
        """Whether a request would surely fail now."""
        ...

    async def complete(self, request: Request) -> Answer:
        """Answer one request. Raises TransientError or PermanentError."""
        ...

    async def close(self) -> None:
        """Release connections and memory."""
        ...
