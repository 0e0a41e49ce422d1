"""The options that bind a flow: `--param`, `--params`, `--table`."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from apwa_compiler.plan import FilesSource, LiteralSource, Plan, ReadSource, Scan, Source, Step
from apwa_lang.cli.common import flow_options
from apwa_lang.cli.run import with_tables
from apwa_lang.semantics.types import RecordType


@click.command()
@flow_options
def show(flow: str | None, params: dict[str, object]) -> None:
    click.echo(f"{flow} {params}")


def options(*arguments: str) -> str:
    result = CliRunner().invoke(show, arguments)
    return (
        result.output.strip()
        if result.exit_code == 0
        else f"{result.exit_code} {result.output.strip().splitlines()[-1]}"
    )


def test_parameters_come_from_options_and_files(tmp_path: Path) -> None:
    as_json, as_toml = tmp_path / "p.json", tmp_path / "p.toml"
    as_json.write_text('{"a": 1, "b": ["x"]}')
    as_toml.write_text('a = 2.5\nb = "y"\n')
    assert options() == "None {}"
    assert options("--flow", "main", "--param", "a=x=y", "--param", "b=") == "main {'a': 'x=y', 'b': ''}"
    assert options("--params", str(as_json)) == "None {'a': 1, 'b': ['x']}"
    assert options("--param", "b=z", "--params", str(as_toml)) == "None {'a': 2.5, 'b': 'z'}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--param", "a"), "--param takes NAME=VALUE, not `a`"),
        (("--param", "=a"), "--param takes NAME=VALUE, not `=a`"),
        (("--param", "a=1", "--param", "a=2"), "--param gives `a` twice"),
        (("--params", "none.json"), "cannot read `none.json`: no such file or directory"),
        (("--params", "list.json"), "cannot read `list.json`: it must hold an object of parameter names and values"),
        (("--params", "bad.toml"), "cannot read `bad.toml`:"),
    ],
)
def test_mistakes_are_one_line_and_2(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.json").write_text("[1]")
    Path("bad.toml").write_text("a =")
    assert options(*arguments).startswith(f"2 Error: {message}")


def plan(source: Source) -> Plan:
    record = RecordType("Note", ())
    return Plan("m.apwa", "main", "/program", (), (), (), (Step("notes", Scan(source), (), record),))


def moved(source: Source, path: str) -> Source:
    operation = with_tables(plan(source), {"notes": path}).steps[0].operation
    assert isinstance(operation, Scan)
    return operation.source


def test_a_table_is_read_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    declared = ReadSource("/program/a.csv", "csv", (("delimiter", ";"),))
    assert moved(declared, "b.csv") == ReadSource(str(tmp_path / "b.csv"), "csv", (("delimiter", ";"),))
    assert moved(declared, "b.parquet") == ReadSource(str(tmp_path / "b.parquet"), "parquet")
    assert moved(declared, "b.dat") == ReadSource(str(tmp_path / "b.dat"), "csv", (("delimiter", ";"),))
    assert moved(declared, "s3://bucket/b.jsonl") == ReadSource("s3://bucket/b.jsonl", "jsonl")
    assert moved(LiteralSource(()), "/data/b.json") == ReadSource("/data/b.json", "json")
    assert moved(FilesSource("docs/*.txt", "/program"), "more/*.txt") == FilesSource("more/*.txt", str(tmp_path))


def test_a_table_that_is_not_read_is_bad_usage() -> None:
    with pytest.raises(click.UsageError, match="the flow reads no table `note`; did you mean `notes`"):
        with_tables(plan(LiteralSource(())), {"note": "a.csv"})
    with pytest.raises(click.UsageError, match="must end in one of"):
        with_tables(plan(LiteralSource(())), {"notes": "a.dat"})
