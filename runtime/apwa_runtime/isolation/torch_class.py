"""A torch class: made and loaded once, then called with several sub-problems at a time, without gradients.

In: a ``Setup`` whose target is a class. Out: as for a function of several. Its weights are shared by all calls, so a
call that changes one in place is refused.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import torch

from apwa_runtime.isolation.attribution import Watch
from apwa_runtime.isolation.many import ManyFunction
from apwa_runtime.isolation.messages import Reply, Request, Setup

# How torch says on the CPU that memory is short; it has no class of its own there.
_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")


class TorchClass(ManyFunction):
    """A loaded instance. Raises ImportFailed when it cannot be loaded."""

    prepared = "loaded"

    def __init__(self, setup: Setup, watch: Watch) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        super().__init__(setup, watch)
        self._weights = list(_weights(self._function))
        self._versions = self._now()

    def _made(self, found: Any, name: str) -> Callable[..., Any]:
        if not isinstance(found, type):
            raise TypeError(f"{name} is not a class")
        made: Any = found()
        if hasattr(made, "load"):
            made.load(self.device)
        elif isinstance(made, torch.nn.Module):
            made.to(self.device)
        if not callable(made):
            raise TypeError(f"{name} has no `__call__`")
        for module in _modules(made):
            module.eval().requires_grad_(False)
        return made  # type: ignore[no-any-return]

    def _value(self, request: Request) -> Any:
        with torch.inference_mode():
            value = super()._value(request)
        if self._now() != self._versions:
            self._versions = self._now()
            raise RuntimeError("it changed its weights during a call; they are shared by all calls")
        return value

    def _failed(self, error: BaseException) -> Reply:
        told = super()._failed(error)
        short = isinstance(error, torch.OutOfMemoryError | MemoryError) or (
            isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _NO_MEMORY)
        )
        # The frames of the error hold what filled the memory.
        error.__traceback__ = None
        if short:
            gc.collect()
            torch.cuda.empty_cache()
        return Reply(error=told.error, memory=short)

    def _now(self) -> list[int]:
        return [weight._version for weight in self._weights]


def _modules(made: object) -> list[torch.nn.Module]:
    """The instance itself and the modules that are its attributes."""
    held = vars(made).values() if hasattr(made, "__dict__") else ()
    return [value for value in (made, *held) if isinstance(value, torch.nn.Module)]


def _weights(made: object) -> list[torch.Tensor]:
    held = vars(made).values() if hasattr(made, "__dict__") else ()
    found = [value for value in held if isinstance(value, torch.Tensor)]
    for module in _modules(made):
        found += [*module.parameters(), *module.buffers()]
    return [weight for weight in found if not weight.is_inference()]
