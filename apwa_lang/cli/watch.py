"""`apwa check --watch`: check again whenever something that the findings depend on changes.

In: what to do, and which files it has looked at. Out: nothing; Ctrl-C ends it. Files are asked for their times, which
works on every file system.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from apwa_lang.cli.common import wants_color
from apwa_lang.diagnostics.tally import numbered

_PAUSE = 0.25
"""Seconds between two looks."""

State = dict[Path, tuple[int, int]]


def watch(look: Callable[[], Iterable[Path]], act: Callable[[], None]) -> None:
    """Call ``act`` now and after each change of the files that ``look`` gives; ends by KeyboardInterrupt only."""
    while True:
        before = _state(look())
        if wants_color(sys.stdout):
            click.clear()
        act()
        seen = _state(look())
        click.echo(f"watching {numbered(len(seen), 'file')}; Ctrl-C ends", err=True)
        if before.items() <= seen.items():
            _wait(look, seen)


def _wait(look: Callable[[], Iterable[Path]], seen: State) -> None:
    """Return when files are other than ``seen``, and have been left alone for a moment."""
    while (now := _state(look())) == seen:
        time.sleep(_PAUSE)
    while True:
        time.sleep(_PAUSE)
        later = _state(look())
        if later == now:
            return
        now = later


def _state(files: Iterable[Path]) -> State:
    found: State = {}
    for file in files:
        try:
            stat = file.stat()
        except OSError:
            continue
        found[file] = (stat.st_mtime_ns, stat.st_size)
    return found
