"""Programs of torch, shell and batched python bodies, as a person runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from apwa_runtime.isolation import landlock
from tests.support.command import apwa

PROGRAM = """
record Doc { id: int @key  text: str }
record Vector { text: str  vector: tensor[f32, 4] }

table docs: Doc = read "docs.jsonl"

task embed(text: str, id: int) -> Vector { torch: "bodies:Embed" batch: 8 retry: 0 }
task page(doc: Doc) -> int {
  shell: \"\"\"
    printf '%s\\n' {{ doc.text }} > "$page"
    wc -c < "$page"
  \"\"\"
  writes: { page: "out/{{ doc.id }}.txt" }
}
task shout(doc: Doc) -> str { python: "bodies:shout" batch: 4 }

split each = docs by row

flow main {
  vectors = map embed(text, id) over each keep id
  pages = map page over each keep id
  shouts = map shout over each keep id
  save vectors to "vectors.parquet"
  save pages to "pages.jsonl"
  save shouts to "shouts.jsonl"
}
"""
MODULE = """
import torch

class Embed:
    def load(self, device):
        self.weights = torch.eye(4, device=device)

    def __call__(self, texts, ids):
        vectors = torch.tensor([[float(id)] * 4 for id in ids]) @ self.weights
        return [{"text": text, "vector": vector} for text, vector in zip(texts, vectors)]

def shout(docs):
    return [doc.text.upper() for doc in docs]
"""
TEXTS = ("plain", "it's; rm -rf /", "$(touch pwned)", 'new\nline "quoted"', "*", "é")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "main.apwa").write_text(PROGRAM)
    (tmp_path / "bodies.py").write_text(MODULE)
    lines = (json.dumps({"id": id, "text": text}) for id, text in enumerate(TEXTS))
    (tmp_path / "docs.jsonl").write_text("".join(line + "\n" for line in lines))
    return tmp_path


def rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def results(folder: Path) -> tuple[object, object, object, list[str]]:
    pages = [(folder / f"out/{id}.txt").read_text() for id in range(len(TEXTS))]
    vectors = parquet.read_table(folder / "vectors.parquet").to_pylist()
    return vectors, rows(folder / "pages.jsonl"), rows(folder / "shouts.jsonl"), pages


def test_run_and_compiled_program(project: Path) -> None:
    ended = apwa("run", "main.apwa", "--progress", "none", cwd=project)
    assert ended.code == 0, ended.out + ended.err
    vectors, pages, shouts, written = results(project)
    assert vectors == [{"text": text, "vector": [float(id)] * 4, "id": id} for id, text in enumerate(TEXTS)]
    assert pages == [{"value": len(text.encode()) + 1, "id": id} for id, text in enumerate(TEXTS)]
    assert shouts == [{"value": text.upper(), "id": id} for id, text in enumerate(TEXTS)]
    assert written == [f"{text}\n" for text in TEXTS]
    (kept,) = (project / ".apwa/runs").iterdir()
    levels = {
        body["function"]: list(body["levels"]) for body in json.loads((kept / "backing.json").read_text())["bodies"]
    }
    confined = [level for level in levels["shell"] if level.startswith("own process, confined")]
    assert levels["bodies:Embed"][0].startswith("one process for all calls of a worker (proved pure) on c")
    assert levels["bodies:shout"] == ["shared process (proved pure)"]
    assert bool(confined) == bool(landlock.version())

    compiled = apwa("compile", "main.apwa", "--to", "python", "--output", "program.py", cwd=project)
    assert compiled.code == 0, compiled.err
    before = results(project)
    for name in ("vectors.parquet", "pages.jsonl", "shouts.jsonl", "main.apwa"):
        (project / name).unlink()
    shutil.rmtree(project / "out")
    run = subprocess.run([sys.executable, "program.py"], cwd=project, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert results(project) == before


def test_without_torch_the_run_says_what_to_install(project: Path) -> None:
    (project / "without").mkdir()
    (project / "without/sitecustomize.py").write_text("import sys\nsys.modules['torch'] = None\n")
    path = ":".join([str(project / "without"), *filter(None, [os.environ.get("PYTHONPATH")])])
    ended = apwa("run", "main.apwa", "--progress", "none", cwd=project, env={"PYTHONPATH": path})
    assert (ended.code, "Traceback" in ended.err) == (2, False)
    assert 'torch bodies need torch, which is not installed here: pip install "apwa-lang[torch]"' in ended.err


def test_the_plan_shows_them(project: Path) -> None:
    planned = apwa("plan", "main.apwa", cwd=project)
    assert planned.code == 0, planned.err
    for kind in ("torch", "shell", "python"):
        assert kind in planned.out
