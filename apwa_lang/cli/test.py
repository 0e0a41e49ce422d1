"""`apwa test`: run the tests in programs.

In: files or folders. Out: a line for each test and what did not hold, on standard output; with `--junit` a JUnit XML
file. Exit code 1 when a test failed, or a program has errors.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from apwa_lang.cli.check import programs
from apwa_lang.cli.common import (
    InputError,
    color_option,
    load_checked,
    parameter_options,
    print_diagnostics,
    wants_color,
)
from apwa_lang.cli.resuming import which
from apwa_lang.diagnostics.render.columns import printable

if TYPE_CHECKING:
    from apwa_runtime.testing.bench import Problem, Verdict
    from apwa_runtime.testing.recorded import Recorded


@click.command()
@click.argument("paths", nargs=-1, metavar="[FILE|DIR]...")
@click.option("-k", "--name", "wanted", metavar="TEXT", default="", help="Only tests whose name contains TEXT.")
@click.option("--junit", metavar="FILE", type=click.Path(path_type=Path), help="Write the results as JUnit XML.")
@click.option("--workers", type=click.IntRange(min=1), help="Tests that run at a time.")
@click.option("--replay", metavar="RUN", help="Models that are not mocked answer as they did in this run.")
@parameter_options
@color_option
def command(
    paths: tuple[str, ...],
    wanted: str,
    junit: Path | None,
    workers: int | None,
    replay: str | None,
    params: dict[str, object],
) -> None:
    """Run the tests in programs, with their models mocked.

    A folder stands for every .apwa file below it; without arguments it is the current one. Nothing is asked over the
    network unless a body does so.
    """
    begun = time.monotonic()
    files = list(dict.fromkeys(os.path.normpath(file) for path in paths or (".",) for file in programs(path)))
    verdicts: list[tuple[str, Verdict]] = []
    broken: list[str] = []
    for file in files:
        try:
            found = _run(file, wanted, workers or os.cpu_count() or 1, replay, params)
        except click.exceptions.Exit:
            broken.append(file)
            continue
        for verdict in found:
            click.echo(_line(verdict))
            for problem in verdict.problems:
                click.echo("\n".join(_explained(problem)))
        verdicts += [(file, verdict) for verdict in found]
    if junit is not None:
        _write_junit(junit, verdicts, broken)
    failed = sum(bool(verdict.problems) for _, verdict in verdicts)
    click.echo(_summary(len(verdicts) - failed, failed, len(broken), time.monotonic() - begun))
    if wanted and not verdicts and not broken:
        raise InputError(f"no test has `{wanted}` in its name")
    if failed or broken:
        raise click.exceptions.Exit(1)


def _run(file: str, wanted: str, workers: int, replay: str | None, params: dict[str, object]) -> Sequence[Verdict]:
    """The verdicts on the tests of one file, in their order. Raises click's Exit where it has errors."""
    program = load_checked(file).program
    tests = [test for test in program.tests if wanted in test.name]
    if not tests:
        return ()
    from apwa_compiler.build import CompileError, build_tests
    from apwa_runtime.errors import RunError
    from apwa_runtime.testing.bench import Bench

    try:
        bench = Bench(build_tests(program, params), _recorded(file, replay) if replay else None)
    except CompileError as error:
        print_diagnostics(error.diagnostics)
        raise click.exceptions.Exit(error.exit_code) from None
    except RunError as error:
        raise InputError(str(error)) from error
    try:
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(bench.run, tests))
    finally:
        bench.close()


def _recorded(file: str, replay: str) -> Recorded:
    """The answers of a run. Raises a usage error where there is no such run, and InputError where it cannot be read."""
    _, run = which((file, replay), None, True)
    assert run is not None
    from apwa_runtime.errors import RunError
    from apwa_runtime.testing.recorded import Recorded

    try:
        return Recorded(run)
    except RunError as error:
        raise InputError(str(error)) from error


def _line(verdict: Verdict) -> str:
    word, color = ("FAIL", "red") if verdict.problems else ("ok", "green")
    styled = click.style(f"{word:4}", fg=color) if wants_color(sys.stdout) else f"{word:4}"
    return f"{styled}  {verdict.test.name}  ({verdict.seconds:.2f} s)"


def _explained(problem: Problem) -> list[str]:
    line, column = problem.span.source.line_column(problem.span.start)
    place = f"{problem.span.source.path}:{line}:{column}"
    width = max((len(name) for name, _ in problem.values), default=0)
    lines = [
        f"      {place}: {problem.message}",
        *(f"        {name:{width}} = {value}" for name, value in problem.values),
    ]
    return list(map(printable, lines))


def _summary(passed: int, failed: int, broken: int, seconds: float) -> str:
    parts = [f"{passed} passed"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{broken} {'file' if broken == 1 else 'files'} with errors"] if broken else []
    return f"{', '.join(parts)} in {seconds:.2f} s"


def _write_junit(path: Path, verdicts: Sequence[tuple[str, Verdict]], broken: Sequence[str]) -> None:
    """A JUnit XML file, with a suite for each program; those in ``broken`` have errors. Raises InputError."""
    from xml.etree import ElementTree

    root = ElementTree.Element("testsuites")
    for file in dict.fromkeys(file for file, _ in verdicts):
        own = [verdict for other, verdict in verdicts if other == file]
        failed = sum(bool(verdict.problems) for verdict in own)
        seconds = f"{sum(verdict.seconds for verdict in own):.3f}"
        counts = {"tests": str(len(own)), "failures": str(failed), "errors": "0", "time": seconds}
        suite = ElementTree.SubElement(root, "testsuite", {"name": _plain(file), **counts})
        for verdict in own:
            described = {"classname": _plain(file), "name": _plain(verdict.test.name), "time": f"{verdict.seconds:.3f}"}
            case = ElementTree.SubElement(suite, "testcase", described)
            if verdict.problems:
                told = "\n".join(line for problem in verdict.problems for line in _explained(problem))
                failure = ElementTree.SubElement(case, "failure", {"message": _plain(verdict.problems[0].message)})
                failure.text = _plain(told)
    for file in broken:
        counts = {"tests": "1", "failures": "0", "errors": "1", "time": "0.000"}
        suite = ElementTree.SubElement(root, "testsuite", {"name": _plain(file), **counts})
        case = ElementTree.SubElement(suite, "testcase", {"classname": _plain(file), "name": "check", "time": "0.000"})
        ElementTree.SubElement(case, "error", {"message": "the program has errors; see `apwa check`"})
    from apwa_runtime.journal.frames import write_whole

    try:
        write_whole(path, ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n")
    except OSError as error:
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error


def _plain(text: str) -> str:
    """``text`` without the characters that XML cannot hold."""
    return re.sub("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)
