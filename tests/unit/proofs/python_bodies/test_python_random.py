"""Random bodies are run: none that is called pure changes what a module shares."""

import contextlib
import os
import resource
import signal

import pytest
from bodies import kinds
from random_bodies import module

from apwa_lang.proofs.python import infer

SHARED = {"WRITE_GLOBAL", "STATE", "UNKNOWN", "IMPORT_SIDE"}
CPU_SECONDS = 0.5
BYTES = 2 << 30


def text(value, seen):
    if isinstance(value, int | float | str | None):
        return repr(value)
    if id(value) in seen:
        return f"<{seen[id(value)]}>"
    seen[id(value)] = len(seen)
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{text(held, seen)}" for key, held in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}[{','.join(text(held, seen) for held in value)}]"
    return text(vars(value), seen) if type(value).__name__ == "Box" else type(value).__name__


def shared(names):
    return text([*(names[name] for name in ("G0", "G1", "G2")), names["Box"].shared, names["keep"].__defaults__], {})


def changes(source):
    """Whether calls of the module's `f` change what is shared; in a process of its own, as bodies may not end."""
    child = os.fork()
    if child == 0:
        status = 2
        with contextlib.suppress(BaseException):
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
            resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
            names = {"__name__": "m"}
            exec(source, names)
            before = shared(names)
            for argument in ([[1], [2]], {"a": [1]}, 0):
                with contextlib.suppress(Exception):
                    names["f"](argument)
            status = int(shared(names) != before)
        os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 1


def unsound(folder, seeds):
    """Seeds whose body is called pure and is not, and how many are called pure."""
    wrong, pure = [], 0
    for seed in seeds:
        source = module(seed)
        (folder / "m.py").write_text(source)
        if not kinds(infer("m:f", folder, frozenset())) & SHARED:
            pure += 1
            if changes(source):
                wrong.append(seed)
    return wrong, pure


def test_no_random_body_is_called_pure_wrongly(tmp_path):
    wrong, pure = unsound(tmp_path, range(50))
    assert wrong == []
    assert pure > 10


@pytest.mark.slow
def test_no_random_body_of_many_is_called_pure_wrongly(tmp_path):
    wrong, pure = unsound(tmp_path, range(1000, 1400))
    assert wrong == []
    assert pure > 80
