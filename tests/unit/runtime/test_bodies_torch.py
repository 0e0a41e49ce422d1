"""Torch bodies: loaded once, several sub-problems in a call, and what one of them does costs that one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from apwa_compiler.plan import Policy, Torch
from apwa_lang.semantics.types import INT, STR, Field, RecordType, Tensor
from apwa_runtime.bodies.protocol import Done, Outcome
from apwa_runtime.bodies.torch import TorchBody
from apwa_runtime.values.arrow import from_batch, to_batch
from tests.unit.runtime.hosted_bodies import NUMBERED, ONCE, effects, made, outcomes, reasons, texts, values

MODULE = """
import os, time
from pathlib import Path
import torch

ON_CUDA = torch.OutOfMemoryError("CUDA out of memory")
ON_THE_CPU = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4000 bytes")

class Echo:
    def load(self, device):
        self.device = device
        with open(Path(__file__).parent / "loads", "a") as log:
            log.write(f"{device}\\n")

    def __call__(self, texts):
        return [f"{text}/{len(texts)}" for text in texts]

class Never(Echo):
    def load(self, device):
        super().load(device)
        raise OSError("no weights here")

class Short(Echo):
    def __call__(self, texts):
        with open(Path(__file__).parent / "sizes", "a") as log:
            log.write(f"{len(texts)}\\n")
        if len(texts) > 3:
            raise ON_CUDA if len(texts) > 4 else ON_THE_CPU
        return super().__call__(texts)

class Picky(Echo):
    def __call__(self, texts):
        for text in texts:
            match text:
                case "raise":
                    raise ValueError("this one is bad")
                case "exit":
                    os._exit(3)
                case "sleep":
                    time.sleep(60)
                case "fewer":
                    return texts[1:]
        return [7 if text == "number" else text for text in texts]

class Files(Echo):
    def __call__(self, texts, numbers, page, cfg):
        for text, path, read in zip(texts, page, cfg, strict=True):
            Path(path).write_text(f"{text} {Path(read).read_text()}")
        return [f"{text}{number}" for text, number in zip(texts, numbers, strict=True)]

class Layers(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(2, 3)
        self.dropout = torch.nn.Dropout(0.5)
    def forward(self, numbers):
        assert torch.is_inference_mode_enabled() and not self.training
        if 13 in numbers:
            self.layer.weight.add_(1)
        return self.dropout(torch.ones(len(numbers), 3))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "classes.py").write_text(MODULE)
    return tmp_path


def torch_body(project: Path, name: str, **given: Any) -> TorchBody:
    body = made(project, Torch(f"classes:{name}", str(project)), **given)
    assert isinstance(body, TorchBody)
    return body


def written(project: Path, name: str) -> list[str]:
    return (project / name).read_text().split()


def test_a_class_is_loaded_once_for_all_threads_and_batches(project: Path) -> None:
    body = torch_body(project, "Echo", batch=4)
    found: dict[str, list[Outcome]] = {}

    def run(name: str) -> None:
        found[name] = outcomes(body, texts(*(f"{name}{number}" for number in range(9))), close=False)

    threads = [threading.Thread(target=run, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert body.reached.level == "one process for all calls of a worker on cpu"
    body.close()
    for name in "abc":
        assert values(found[name]) == [f"{name}{number}/{4 if number < 8 else 1}" for number in range(9)]
    assert written(project, "loads") == ["cpu"]


def test_a_class_that_does_not_load_fails_every_call_and_is_not_tried_again(project: Path) -> None:
    body = torch_body(project, "Never", batch=2)
    both = [*outcomes(body, texts("a", "b", "c"), close=False), *outcomes(body, texts("d"))]
    told = "`classes:Never` could not be loaded: OSError: no weights here (classes.py:21 in load)"
    assert reasons(both) == dict.fromkeys(range(4), told)
    assert written(project, "loads") == ["cpu"]


def test_short_of_memory_a_batch_is_halved_and_stays_small(project: Path) -> None:
    body = torch_body(project, "Short", batch=8)
    assert values(outcomes(body, texts(*"abcdefghijkl"))) == [f"{text}/2" for text in "abcdefghijkl"]
    # 8, then its halves of 4, then all that comes after in twos.
    assert written(project, "sizes") == ["8", "4", "2", "2", "4", "2", "2", "2", "2"]


def test_one_bad_item_costs_no_neighbour(project: Path) -> None:
    body = torch_body(project, "Picky", batch=4)
    found = outcomes(body, texts("a", "raise", "number", "d", "fewer"))
    assert reasons(found) == {
        1: "ValueError: this one is bad (classes.py:36 in __call__)",
        2: "`classes:Picky` returned a value that is no str: expected str, found 7",
        4: "`classes:Picky` must return a list of results, one for each of 1 sub-problems; it returned 0 of them",
    }
    assert values([found[0], found[3]]) == ["a", "d"]


def test_a_call_that_kills_the_process_or_never_ends_costs_no_neighbour(project: Path) -> None:
    body = torch_body(project, "Picky", batch=2, policy=Policy(retry=0, timeout=1.0))
    found = outcomes(body, texts("a", "exit", "sleep"))
    assert reasons(found) == {1: "its process ended with exit code 3", 2: "timed out after 1 s"}
    assert values(found[:1]) == ["a"]


def test_parameters_and_files_are_lists(project: Path) -> None:
    for text in "abc":
        (project / f"{text}.cfg").write_text(text.upper())
    files = {"reads": effects(cfg="{{ text }}.cfg"), "writes": effects(page="{{ text }}")}
    body = torch_body(project, "Files", batch=2, parameters=NUMBERED, **files)
    contents = []
    found = outcomes(body, [{"text": text, "number": number} for number, text in enumerate("abc")], close=False)
    for outcome in found:
        assert isinstance(outcome, Done)
        contents.append(outcome.outputs["page"].read_text())
    body.close()
    assert values(found) == ["a0", "b1", "c2"]
    assert contents == ["a A", "b B", "c C"]


def test_tensors_go_into_tables_and_weights_are_not_for_calls_to_change(project: Path) -> None:
    vector = Tensor("f32", (3,))
    body = torch_body(project, "Layers", result=vector, parameters=(("number", INT),), batch=4, policy=ONCE)
    *found, changed = outcomes(body, [{"number": number} for number in (0, 1, 2, 13)])
    rows = values(found)
    record = RecordType("<row>", (Field("value", vector),))
    batch = to_batch([{"value": row} for row in rows], record)
    assert str(batch.schema.field("value").type) == "fixed_size_list<item: float>[3]"
    assert from_batch(batch, record) == [{"value": [1.0, 1.0, 1.0]}] * 3
    told = "RuntimeError: it changed its weights during a call; they are shared by all calls"
    assert reasons([changed]) == {0: told}


def test_a_class_is_asked_for(project: Path) -> None:
    body = made(project, Torch("classes:Path", str(project)), parameters=(("text", STR),))
    (reason,) = reasons(outcomes(body, texts("a"))).values()
    assert "could not be loaded: TypeError: Path has no `__call__`" in reason
