"""The level that is reached, on kernels that have Landlock and on those that do not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from apwa_compiler.plan import Python
from apwa_runtime.isolation import landlock
from apwa_runtime.isolation.level import level

OWN = Python("m:f", "/base")


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    landlock.version.cache_clear()
    yield
    landlock.version.cache_clear()


def pretend(monkeypatch: pytest.MonkeyPatch, version: int) -> None:
    monkeypatch.setattr(landlock, "version", lambda: version)


@pytest.mark.parametrize(
    ("version", "network", "expected"),
    [
        (7, False, "own process, confined by Landlock (ABI 7)"),
        (3, True, "own process, confined by Landlock (ABI 3)"),
        (3, False, "own process, confined by Landlock (ABI 3, which leaves the network open)"),
        (0, False, "own process, not confined: this kernel has no Landlock"),
    ],
)
def test_level(monkeypatch: pytest.MonkeyPatch, version: int, network: bool, expected: str) -> None:
    monkeypatch.delenv(landlock.SWITCH, raising=False)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    pretend(monkeypatch, version)
    assert level(OWN, network=network) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("platform.system", "Darwin", "own process, not confined: Darwin has no Landlock"),
        ("platform.machine", "riscv64", "own process, not confined: Landlock is not used on riscv64"),
    ],
    ids=["system", "machine"],
)
def test_elsewhere_nothing_is_confined(monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str) -> None:
    monkeypatch.delenv(landlock.SWITCH, raising=False)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(name, lambda: value)
    assert landlock.version() == 0
    assert level(OWN, network=False) == expected


def test_the_switch_turns_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(landlock.SWITCH, "off")
    assert landlock.version() == 0


@pytest.mark.parametrize("grounds", ["proved pure", "trusted: it only caches"])
def test_a_shared_process_says_why(grounds: str) -> None:
    assert level(Python("m:f", "/base", "shared", grounds), network=False) == f"shared process ({grounds})"


TRY = """
import os, socket, sys
from apwa_runtime.isolation import landlock
folder, network = sys.argv[1], sys.argv[2] == "network"
landlock.confine(folder, network=network)
def attempt(name, work):
    try:
        work()
        print(name)
    except PermissionError:
        pass
attempt("inside", lambda: open(f"{folder}/x", "w").close())
attempt("device", lambda: open("/dev/null", "w").close())
attempt("read", lambda: open(f"{folder}/../other").close())
attempt("outside", lambda: open(f"{folder}/../other", "w").close())
attempt("truncate", lambda: os.truncate(f"{folder}/../other", 0))
attempt("mkdir", lambda: os.mkdir(f"{folder}/../new"))
attempt("listen", lambda: socket.create_server(("127.0.0.1", 0)).close())
"""


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("network", [True, False], ids=["network", "no-network"])
def test_what_a_confined_process_may_do(tmp_path: Path, network: bool) -> None:
    version = landlock.version()
    (tmp_path / "scratch").mkdir()
    (tmp_path / "other").write_text("kept")
    done = subprocess.run(
        [sys.executable, "-c", TRY, str(tmp_path / "scratch"), "network" if network else ""],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=dict(os.environ),
    )
    expected = ["inside", "device", "read"]
    if version < 3:
        expected.append("truncate")
    if network or version < 4:
        expected.append("listen")
    assert done.stdout.split() == expected
