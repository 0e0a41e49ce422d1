"""The process around a server: what it passes on, what it bounds, and that it leaves nothing behind."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from apwa_runtime.isolation import landlock
from apwa_runtime.isolation.supervisor import MOST_MESSAGE, Limits, command

SYSTEM = ("/usr", "/lib", "/lib64", "/bin")
PATIENCE = 60.0


def start(script: str, folder: Path, limits: Limits | None = None) -> subprocess.Popen[bytes]:
    words = command(limits, ["/bin/sh", "-c", script])
    return subprocess.Popen(words, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize(
    ("script", "given", "output", "said"),
    [
        ("cat; echo done", b"asked\n", b"asked\ndone\n", "its process ended with exit code 0"),
        (
            "echo told; echo first >&2; echo last >&2; exit 3",
            b"",
            b"told\n",
            "its process ended with exit code 3: last",
        ),
        (
            "echo 'Error: no key' >&2; echo 'Node.js v20' >&2",
            b"",
            b"",
            "its process ended with exit code 0: Error: no key",
        ),
        ("kill -9 $$", b"", b"", "its process was killed by SIGKILL"),
        ("exec ./gone", b"", b"", "its process ended with exit code 127: "),
        ("exec cat /dev/zero", b"", None, f"it sent a message of more than {MOST_MESSAGE >> 20} MiB"),
        ("sleep 600", b"", b"", "it was ended"),
        ("exec yes >&2", b"", b"", "it was ended"),
    ],
)
def test_what_it_passes_on_and_how_it_ends(
    tmp_path: Path, script: str, given: bytes, output: bytes | None, said: str
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('a module of the user in place of ours')")
    got, errors = start(script, tmp_path).communicate(given, timeout=PATIENCE)
    assert errors.decode().startswith(said)
    assert errors.decode().count("\n") == 1
    if output is None:
        assert MOST_MESSAGE <= len(got) < 2 * MOST_MESSAGE
    else:
        assert got == output


@pytest.mark.skipif(landlock.version() == 0, reason="this kernel has no Landlock")
def test_a_confined_server_has_its_scratch_folder_only(tmp_path: Path) -> None:
    (tmp_path / "shown").write_text("shown\n")
    (tmp_path / "other").write_text("other\n")
    script = (
        "cat shown; cat other || echo no; echo x > here || echo no; echo y > $TMPDIR/y && cat $TMPDIR/y; echo $TMPDIR"
    )
    limits = Limits(False, (*SYSTEM, str(tmp_path / "shown")))
    output, _ = start(script, tmp_path, limits).communicate(timeout=PATIENCE)
    *told, scratch = output.decode().splitlines()
    assert told == ["shown", "no", "no", "y"]
    assert not (tmp_path / "here").exists()
    assert not Path(scratch).exists()


@pytest.mark.parametrize("how", ["terminate", "close", "itself"])
def test_nothing_outlives_it(tmp_path: Path, how: str) -> None:
    wait = "exit 0" if how == "itself" else "sleep 600"
    process = start(f"setsid sleep 601 > /dev/null & echo $!; {wait}", tmp_path)
    assert process.stdout is not None and process.stdin is not None
    left = Path("/proc", process.stdout.readline().decode().strip())
    if how == "terminate":
        process.terminate()
    elif how == "close":
        process.stdin.close()
    process.wait(PATIENCE)
    until = time.monotonic() + PATIENCE
    while left.exists() and "Z" not in (left / "stat").read_text().rpartition(")")[2].split()[0]:
        assert time.monotonic() < until
        time.sleep(0.02)
