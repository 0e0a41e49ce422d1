"""Claims about bodies: prompts, Python functions, scripts, tools, endpoints; and the author's word for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apwa_lang.check import Checked, check
from apwa_lang.proofs.bodies import Bodies
from apwa_lang.proofs.claims import Backing, Claim, Verdict
from apwa_lang.syntax.source import Source

MODULE = """
import re
import urllib.request

SEEN = []
WORDS = re.compile("[a-z]+")

def pure(text):
    return " ".join(WORDS.findall(text)).upper()

def remembers(text):
    SEEN.append(text)
    return text

def writes_elsewhere(text):
    return log(text)

def log(text):
    with open("/var/log/notes.log", "a") as stream:
        stream.write(text)
    return text

def asks(text):
    return urllib.request.urlopen("https://api.example.org/x").read().decode()

def page(text, page):
    with open(page, "w") as stream:
        stream.write(text)
    return text
"""
HEAD = """
record Item { id: str @key, text: str }
table items: Item = read "items.jsonl"
split each = items by row
model small { provider: "openai", name: "small", base_url: "http://localhost:1/v1" }
"""


def checked(folder: Path, task: str, call: str = "work(text)", head: str = "") -> Checked:
    (folder / "body.py").write_text(MODULE)
    file = folder / "main.apwa"
    file.write_text(f"{HEAD}{head}{task}\nflow main {{ x = map {call} over each }}\n")
    return check(Source(file.read_text(), file.name, file))


def about(result: Checked, *kinds: str) -> list[Claim]:
    return [claim for claim in result.claims if claim.effect_a.kind in kinds]


def codes(result: Checked) -> list[str]:
    return [found.code for found in result.diagnostics if found.code != "APWA901"]


def test_a_pure_function_is_proved(tmp_path: Path) -> None:
    result = checked(tmp_path, 'task work(text: str) -> str { python: "body:pure" }')
    (claim,) = about(result, "state")
    assert (claim.verdict, claim.rule, claim.effect_a.target.text) == (Verdict.PROVED, "B2", "body:pure")
    assert codes(result) == []


def test_a_function_with_state_has_a_process_for_each_call(tmp_path: Path) -> None:
    result = checked(tmp_path, 'task work(text: str) -> str { python: "body:remembers" }')
    (claim,) = about(result, "state")
    assert (claim.verdict, claim.backing) == (Verdict.CHECKED, Backing.PROCESS)
    assert claim.reason is not None
    assert "`body.remembers` in body.py:12" in claim.reason
    assert codes(result) == []


def test_a_declared_file_is_the_functions_own(tmp_path: Path) -> None:
    task = 'task work(id: str, text: str) -> str { python: "body:page" writes: { page: "out/{{ id }}.md" } }'
    (claim,) = about(checked(tmp_path, task, "work(id, text)"), "state")
    assert claim.verdict is Verdict.CHECKED or claim.rule == "B2"


def test_what_a_function_surely_does_must_be_declared(tmp_path: Path) -> None:
    result = checked(tmp_path, 'task work(text: str) -> str { python: "body:writes_elsewhere" trust: "so I say" }')
    (found,) = [one for one in result.diagnostics if one.code == "APWA311"]
    assert "`body.log` is called in body.py:16" in found.facts
    assert any("body.py:19" in fact for fact in found.facts)
    assert "/var/log/notes.log" in (found.help or "")


@pytest.mark.parametrize(
    ("network", "expected"),
    [("", ["APWA311"]), ('network: "api.example.org"', []), ('network: "https://api.example.org/x"', [])],
)
def test_a_server_that_is_asked_must_be_declared(tmp_path: Path, network: str, expected: list[str]) -> None:
    result = checked(tmp_path, f'task work(text: str) -> str {{ python: "body:asks" {network} }}')
    assert codes(result) == expected


def test_what_a_model_keeps_is_a_hypothesis(tmp_path: Path) -> None:
    result = checked(tmp_path, 'task work(text: str) -> str { model: small prompt: "{{ text }}" }')
    (claim,) = about(result, "model")
    assert (claim.verdict, claim.rule) == (Verdict.PROVED, "B1")
    assert [(one.text, one.mark) for one in claim.hypotheses] == [
        ("model `small` keeps nothing of one call for another", Verdict.TRUSTED)
    ]


def test_the_functions_of_tools_are_those_of_their_agent(tmp_path: Path) -> None:
    tool = 'tool note(text: str) -> str { python: "body:remembers" }\n'
    task = 'task work(text: str) -> str { model: small prompt: "{{ text }}" tools: [note] }'
    result = checked(tmp_path, task, head=tool)
    assert [(claim.effect_a.kind, claim.verdict) for claim in about(result, "state", "model")] == [
        ("model", Verdict.PROVED),
        ("state", Verdict.CHECKED),
    ]


@pytest.mark.parametrize(
    ("endpoint", "verdict"),
    [
        ("https://a.org/{{ id | key }}", Verdict.PROVED),
        ("https://a.org/{{ id }}", Verdict.TRUSTED),
        ("a.org", Verdict.TRUSTED),
    ],
)
def test_endpoints_are_told_apart_or_trusted(tmp_path: Path, endpoint: str, verdict: Verdict) -> None:
    task = f'task work(id: str) -> str {{ model: small prompt: "{{{{ id }}}}" network: "{endpoint}" }}'
    (claim,) = about(checked(tmp_path, task, "work(id)"), "network")
    assert claim.verdict is verdict


@pytest.mark.parametrize(
    ("server", "verdict", "reason"),
    [
        ('"npx server"', Verdict.CHECKED, "each sub-problem has a server of its own"),
        ('"npx server" { trust: "I wrote it" }', Verdict.TRUSTED, "I wrote it"),
        ('"npx server" { shared: true trust: "I wrote it" }', Verdict.TRUSTED, "I wrote it"),
        ('"https://a.org/mcp"', Verdict.TRUSTED, "what one sub-problem asks of this server"),
        ('"https://a.org/mcp" { trust: "it only reads" }', Verdict.TRUSTED, "it only reads"),
    ],
)
def test_a_server_is_never_proved(tmp_path: Path, server: str, verdict: Verdict, reason: str) -> None:
    task = 'task work(text: str) -> str { model: small prompt: "{{ text }}" tools: [t] trust: "of the task" }'
    result = checked(tmp_path, task, head=f"tool t = mcp {server}\n")
    (claim,) = about(result, "state")
    assert (claim.verdict, (claim.reason or "").startswith(reason)) == (verdict, True)
    assert claim.backing == (Backing.PROCESS if verdict is Verdict.CHECKED else None)
    assert bool(about(result, "network")) == ("https" in server)
    assert codes(result) == []


def test_what_a_server_reads_nobody_may_write(tmp_path: Path) -> None:
    task = """task work(id: str) -> str {
      model: small  prompt: "{{ id }}"  tools: [t]  writes: "out/{{ id | key }}.json"
    }"""
    assert codes(checked(tmp_path, task, "work(id)", 'tool t = mcp "npx server" { reads: "docs/**" }\n')) == []
    assert codes(checked(tmp_path, task, "work(id)", 'tool t = mcp "npx server" { reads: "out/**" }\n')) == ["APWA303"]


def test_a_host_holds_all_its_urls(tmp_path: Path) -> None:
    task = 'task work(id: str) -> str { python: "body:pure" network: ["https://a.org/{{ id | key }}", "a.org"] }'
    verdicts = {
        (claim.effect_a.target.text, claim.effect_b.target.text): claim.verdict
        for claim in about(checked(tmp_path, task, "work(id)"), "network")
    }
    assert verdicts["https://a.org/{{ id | key }}", "a.org"] is Verdict.TRUSTED


def test_several_sub_problems_in_one_call_ask_for_a_pure_body(tmp_path: Path) -> None:
    task = 'task work(text: str) -> str {{ python: "body:{}" batch: 8 {} }}'
    assert codes(checked(tmp_path, task.format("pure", ""))) == []
    assert codes(checked(tmp_path, task.format("remembers", ""))) == ["APWA313"]
    assert codes(checked(tmp_path, task.format("remembers", 'trust: "only a log"'))) == []


def test_an_installed_function_is_not_looked_at_so_it_takes_one_sub_problem(tmp_path: Path) -> None:
    task = 'task work(text: str) -> str {{ python: "json:dumps" batch: 8 {} }}'
    result = checked(tmp_path, task.format(""))
    assert (codes(result), about(result, "state")[0].verdict) == (["APWA313"], Verdict.UNDECIDED)
    assert codes(checked(tmp_path, task.format('trust: "pure"'))) == []


LOADED = """
import torch

class Base:
    def load(self, device):
        self.weights = torch.ones(3, device=device)
        self.seen = []

    def __call__(self, texts):
        return [self.one(text) for text in texts]

class Reads(Base):
    def one(self, text):
        return str(self.weights.sum().item()) + text

class Assigns(Base):
    def one(self, text):
        self.last = text
        return text

class Remembers(Base):
    def one(self, text):
        self.seen.append(text)
        return text

class Learns(Base):
    def one(self, text):
        self.weights.add_(1)
        return text

class Layer(torch.nn.Module):
    def forward(self, texts):
        return texts

class Cache(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.kept = {}

    def forward(self, texts):
        return [self.kept.setdefault(text, text) for text in texts]

class LoadsAnything(Reads):
    def load(self, device):
        self.weights = torch.load("weights.pt")
"""


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("Reads", Verdict.PROVED),
        ("Layer", Verdict.PROVED),
        ("Assigns", Verdict.UNDECIDED),
        ("Remembers", Verdict.UNDECIDED),
        ("Learns", Verdict.UNDECIDED),
        ("Cache", Verdict.UNDECIDED),
        ("LoadsAnything", Verdict.UNDECIDED),
    ],
)
def test_what_a_loaded_class_keeps_is_state(tmp_path: Path, name: str, verdict: Verdict) -> None:
    (tmp_path / "loaded.py").write_text(LOADED)
    task = f'task work(text: str) -> str {{ torch: "loaded:{name}" %s }}'
    result = checked(tmp_path, task % "")
    assert [claim.verdict for claim in about(result, "state")] == [verdict]
    assert codes(result) == ([] if verdict is Verdict.PROVED else ["APWA313"])
    trusted = checked(tmp_path, task % 'trust: "I looked"')
    assert codes(trusted) == []
    assert about(trusted, "state")[0].verdict is (verdict if verdict is Verdict.PROVED else Verdict.TRUSTED)


@pytest.mark.parametrize("target", ["body:gone", "nowhere:work"])
def test_a_function_that_is_not_there_is_a_warning(tmp_path: Path, target: str) -> None:
    assert codes(checked(tmp_path, f'task work(text: str) -> str {{ python: "{target}" }}')) == ["APWA314"]


def test_an_installed_package_may_have_the_function(tmp_path: Path) -> None:
    result = checked(tmp_path, 'task work(text: str) -> str { python: "json:dumps" }')
    assert codes(result) == []
    assert about(result, "state")[0].verdict is Verdict.CHECKED


def test_trust_lapses_when_the_source_changes(tmp_path: Path) -> None:
    task = 'task work(text: str) -> str { python: "body:remembers" trust: "only a log" }'
    result = checked(tmp_path, task)
    assert [claim.verdict for claim in about(result, "state")] == [Verdict.TRUSTED]
    ((_, _, inference),) = Bodies(result.program).functions()
    (tmp_path / "main.proof.json").write_text(json.dumps({"trusted": {"work": inference.digest}}))
    assert codes(checked(tmp_path, task)) == []
    (tmp_path / "main.proof.json").write_text(json.dumps({"trusted": {"work": "0" * 64}}))
    assert codes(checked(tmp_path, task)) == ["APWA312"]
    (tmp_path / "main.proof.json").write_text("no JSON")
    assert codes(checked(tmp_path, task)) == []
