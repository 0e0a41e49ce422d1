"""Every example runs as its reader would run it, from a copy elsewhere."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from tests.support.command import Ended, apwa
from tests.support.model_server import model_server

EXAMPLES = Path(__file__).parents[2] / "examples"


def copied(example: str, tmp_path: Path) -> Path:
    folder = tmp_path / example
    return Path(shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns("out", ".apwa")))


def run(example: str, tmp_path: Path, *arguments: str, env: dict[str, str] | None = None) -> tuple[Path, Ended]:
    folder = copied(example, tmp_path)
    return folder, apwa("run", f"{example}.apwa", *arguments, cwd=folder, env=env)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_checks_clean(example: str, tmp_path: Path) -> None:
    checked = apwa("check", f"{example}.apwa", cwd=EXAMPLES / example)
    assert (checked.code, "no problems" in checked.out + checked.err) == (0, True), checked.out + checked.err


def test_the_tests_of_examples_pass(tmp_path: Path) -> None:
    ended = apwa("test", str(EXAMPLES), cwd=tmp_path)
    assert (ended.code, "failed" in ended.out) == (0, False), ended.out
    assert "redacts an e-mail address" in ended.out


def test_hello(tmp_path: Path) -> None:
    folder, ended = run("hello", tmp_path)
    assert ended.code == 0, ended.err
    assert lines(folder / "out/greetings.jsonl") == [
        {"value": "Hello, Ada!", "name": "Ada"},
        {"value": "Hello, Grace!", "name": "Grace"},
        {"value": "Hello, Edsger!", "name": "Edsger"},
    ]


def test_wordcount_counts_every_word(tmp_path: Path) -> None:
    folder, ended = run("wordcount", tmp_path)
    assert ended.code == 0, ended.err
    (whole,) = json.loads((folder / "out/words.json").read_text())
    with (folder / "out/lengths.csv").open() as stream:
        lengths = list(csv.DictReader(stream))
    assert [int(row["chapter"]) for row in lengths] == list(range(1, 25))
    assert whole["words"] == sum(int(row["words"]) for row in lengths)
    assert whole["top"][0]["word"] == "the"


def test_files_writes_a_card_for_each(tmp_path: Path) -> None:
    folder, ended = run("files", tmp_path)
    assert ended.code == 0, ended.err
    names = sorted(path.name for path in (folder / "data").iterdir())
    cards = sorted((folder / "out/cards").iterdir())
    assert len(cards) == len(names)
    assert [card.read_text().splitlines()[0] for card in cards] == [f"# {name}" for name in names]


def test_research_maps_what_the_plan_lists(tmp_path: Path) -> None:
    with model_server() as server:
        folder, ended = run("research", tmp_path, env={"LLM_URL": server.url, "LLM_KEY": "k"})
        asked = [request["body"]["messages"][-1]["content"] for request in server.requests()]
    assert ended.code == 0, ended.err
    findings = lines(folder / "out/findings.jsonl")
    assert len(findings) > 1
    (report,) = json.loads((folder / "out/report.json").read_text())
    assert set(report) == {"title", "body", "open"}
    assert len(asked) == len(findings) + 2
    assert all(str(finding["answer"]) in asked[-1] for finding in findings)


def test_redact_against_a_server(tmp_path: Path) -> None:
    with model_server() as server:
        folder, ended = run("redact", tmp_path, env={"LLM_URL": server.url, "LLM_KEY": "k"})
        assert ended.code == 0, ended.err
        clean = parquet.read_table(folder / "out/clean.parquet").to_pylist()
        notes = lines(folder / "data/notes.jsonl")
        assert [row["id"] for row in clean] == [row["id"] for row in notes]
        assert [row["ward"] for row in lines(folder / "out/wards.jsonl")] == ["3", "4", "5"]
        assert len(lines(folder / "out/week.jsonl")) == 1


def test_the_workloads_come_to_what_their_scripted_models_must_give() -> None:
    sizes = ("--records", "200", "--play", "60", "--latency-ms", "5")
    command = (sys.executable, "-m", "benchmarks.workloads", *sizes)
    done = subprocess.run(command, cwd=EXAMPLES.parent, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.count("precision 0.9")) == (0, 1), done.stdout + done.stderr
    kept = r"scenes: (\d+) of \1 marks kept, acts: (\d+) of \2 marks kept, story: (\d+) of \3 marks kept"
    assert re.search(kept, done.stdout), done.stdout


def test_a_mark_that_is_lost_is_told(tmp_path: Path) -> None:
    folder = copied("play", tmp_path)
    (folder / "out").mkdir()
    for level in ("scenes", "acts", "story"):
        (folder / f"out/{level}.jsonl").write_text("")
    done = subprocess.run([sys.executable, "check.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "story: 0 of 3 marks kept" in done.stdout) == (1, True), done.stdout


def test_documents_of_all_kinds_are_read_and_marked() -> None:
    command = (sys.executable, "-m", "benchmarks.workloads.extraction", "--documents", "28", "--latency-ms", "5")
    done = subprocess.run(command, cwd=EXAMPLES.parent, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.count("precision")) == (0, 8), done.stdout + done.stderr


def test_extract_on_the_embedded_model(tmp_path: Path) -> None:
    folder = copied("extract", tmp_path)
    documents = (folder / "data/documents.jsonl").read_text().splitlines(keepends=True)
    (folder / "data/documents.jsonl").write_text("".join(documents[:3]))
    ended = apwa("run", "extract.apwa", cwd=folder)
    rows = lines(folder / "out/invoices.jsonl")
    quarantined = list((folder / ".apwa/runs").glob("*/quarantine/invoices.jsonl"))
    left = [row for path in quarantined for row in lines(path)]
    assert len(rows) + len(left) == len(lines(folder / "data/documents.jsonl"))
    assert ended.code == (1 if left else 0), ended.err
    assert all(isinstance(row["total"], float) for row in rows)
    assert sum(int(str(row["right"])) for row in rows) >= 3 * len(rows), rows


@pytest.mark.slow
def test_digest_on_the_embedded_model(tmp_path: Path) -> None:
    folder, ended = run("digest", tmp_path, "--param", "chapters=1")
    assert ended.code == 0, ended.err
    passages = lines(folder / "out/passages.jsonl")
    assert [(row["chapter"], row["index"]) for row in passages] == [(1, index) for index in range(len(passages))]
    (whole,) = lines(folder / "out/digest.jsonl")
    assert str(whole["summary"]).strip()


def test_embed_finds_the_passage_that_a_question_is_about(tmp_path: Path) -> None:
    folder = copied("embed", tmp_path)
    (chapter, *_) = lines(folder / "data/persuasion.jsonl")
    (folder / "data/persuasion.jsonl").write_text(json.dumps({**chapter, "text": str(chapter["text"])[:4_000]}) + "\n")
    ended = apwa("run", "embed.apwa", cwd=folder, env={"HF_HUB_OFFLINE": "1"})
    assert ended.code == 0, ended.err
    passages = parquet.read_table(folder / "out/passages.parquet").to_pylist()
    assert [passage["index"] for passage in passages] == list(range(len(passages)))
    assert all(abs(sum(number**2 for number in passage["vector"]) - 1) < 1e-4 for passage in passages)
    shown = subprocess.run([sys.executable, "show.py"], cwd=folder, capture_output=True, text=True, check=True).stdout
    nearest = shown.partition("Which book is Sir Walter fond of?")[2].split("\n")[1]
    assert "never took up any book but the Baronetage" in nearest
