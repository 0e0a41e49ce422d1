"""What a call of a Python body costs: in one warm process, in a fork for each call, in a fresh interpreter.

``python -m benchmarks.isolation [--calls 500]``

One caller, one slot; a body that returns its argument. ``fork`` is what an unproved body gets, with Landlock and
without; ``fresh`` starts the interpreter and imports the module anew for each call.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from apwa_lang.semantics.types import INT, Field, RecordType
from apwa_runtime.isolation import landlock
from apwa_runtime.isolation.host import PythonHost
from apwa_runtime.isolation.messages import Request, Setup

ITEM = RecordType("Item", (Field("n", INT),))
MODULE = "def same(item):\n    return {'n': item.n}\n"


def call(host: PythonHost, number: int) -> None:
    folder = tempfile.mkdtemp(dir=host.home)
    reply = host.call(Request({"item": {"n": number}}, folder, timeout=30.0))
    assert reply.value == {"n": number}, reply.error
    os.rmdir(folder)  # noqa: PTH106


def warm(setup: Setup, scratch: str, calls: int) -> float:
    host = PythonHost(setup, scratch)
    call(host, 0)
    start = time.perf_counter()
    for number in range(calls):
        call(host, number)
    seconds = time.perf_counter() - start
    host.close()
    return seconds / calls


def fresh(setup: Setup, scratch: str, calls: int) -> float:
    start = time.perf_counter()
    for number in range(calls):
        host = PythonHost(setup, scratch)
        call(host, number)
        host.close()
    return (time.perf_counter() - start) / calls


def main() -> None:
    parser = argparse.ArgumentParser(description="Cost of a call of a Python body.")
    parser.add_argument("--calls", type=int, default=500)
    calls = parser.parse_args().calls
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "same_module.py").write_text(MODULE)

        def setup(own: bool) -> Setup:
            return Setup("same_module:same", folder, (("item", ITEM),), ITEM, own)

        ways: list[tuple[str, Callable[[], float]]] = [
            ("shared, warm", lambda: warm(setup(False), folder, calls)),
            (f"own, fork, Landlock ABI {landlock.version()}", lambda: warm(setup(True), folder, calls)),
            ("own, fresh interpreter", lambda: fresh(setup(True), folder, max(1, calls // 50))),
        ]
        for name, way in ways:
            print(f"{name:30} {way() * 1e3:8.2f} ms a call")
        os.environ[landlock.SWITCH] = "off"
        print(f"{'own, fork, no Landlock':30} {warm(setup(True), folder, calls) * 1e3:8.2f} ms a call")


if __name__ == "__main__":
    main()
