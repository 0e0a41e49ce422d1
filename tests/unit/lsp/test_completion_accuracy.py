"""Completion is measured on whole programs: a word is taken out, and must be offered where it stood.

Words that are new where they stand, such as the name of a declaration, can be guessed by nobody and are left out.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from apwa_lang.check import check
from apwa_lang.diagnostics.registry import all_codes
from apwa_lang.lsp.features.completion import complete
from apwa_lang.lsp.features.signature_help import signature_help
from apwa_lang.lsp.view import View
from apwa_lang.syntax import nodes as n
from apwa_lang.syntax.build import Builder
from apwa_lang.syntax.machine import Machine
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source
from apwa_lang.syntax.tokens import keywords, scan

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted(ROOT.glob("examples/*/[!.]*.apwa"))
NAMED = (n.Param, n.Record, n.Table, n.Model, n.Tool, n.Task, n.Split, n.Flow, n.FieldDecl, n.Parameter)
ASSIGNED = (n.Assign, n.Let, n.Fixture)
FREE_KEYS = ("reads", "writes", "headers")


def nodes(value: object) -> Iterator[object]:
    """Every node of a tree."""
    if isinstance(value, tuple):
        for part in value:
            yield from nodes(part)
    elif is_dataclass(value) and isinstance(value, n.Node | n.Module):
        yield value
        for field in fields(value):
            if field.name not in ("span", "source"):
                yield from nodes(getattr(value, field.name))


def new_words(module: n.Module) -> set[int]:
    """Where the words stand that no program could foretell."""
    found: set[int] = set()
    for node in nodes(module):
        match node:
            case n.Import(alias=alias):
                found.add(alias.span.start)
            case n.SelectRelation(record=record):
                found |= {entry.key.span.start for entry in record.entries}
            case n.Setting(name=n.Name(text=text), value=n.RecordLiteral(entries=entries)) if text in FREE_KEYS:
                found |= {entry.key.span.start for entry in entries}
            case _ if isinstance(node, NAMED + ASSIGNED):
                found.add(node.name.span.start)
    return found


def measured(text: str, file: Path | None, checked: bool = False, every: int = 1) -> Iterator[int | None]:
    """For each word of a program, or every third, its rank among what is offered in its stead, None where it is not.

    The analysis is that of the whole program, or, where ``checked``, of the text without the word.
    """
    source = Source(text, "main.apwa", file)
    whole = check(source)
    new = new_words(whole.modules[0])
    words = [one for one in scan(source).tokens if one.kind == "NAME" or one.kind[0].islower()]
    for token in [one for one in words if one.start not in new][::every]:
        cut = Source(text[: token.start] + text[token.end :], "main.apwa", file)
        module, _ = parse(cut)
        analysis = check(cut) if checked else whole
        found = complete(View(cut, module, analysis), token.start)
        offered = [item.label for item in found.items]
        yield offered.index(token.text) if token.text in offered else None


def test_words_of_the_examples_are_offered_where_they_stood() -> None:
    ranks = [rank for file in EXAMPLES for rank in measured(file.read_text(), file, every=3)]
    offered = [rank for rank in ranks if rank is not None]
    assert len(offered) / len(ranks) >= 0.98
    assert sum(rank < 5 for rank in offered) / len(offered) >= 0.8


def test_they_are_offered_although_the_program_is_broken_without_them() -> None:
    file = ROOT / "examples" / "redact" / "redact.apwa"
    ranks = list(measured(file.read_text(), file, checked=True, every=3))
    assert sum(rank is not None for rank in ranks) / len(ranks) >= 0.97


def test_words_of_the_good_example_of_every_code_are_offered() -> None:
    ranks = [rank for code in all_codes() for rank in measured(code.good, None)]
    assert sum(rank is not None for rank in ranks) / len(ranks) >= 0.95


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_what_is_offered_is_taken_by_the_parser(file: Path) -> None:
    text = file.read_text()
    source = Source(text, file.name, file)
    checked = check(source)
    draw = random.Random(file.stem)
    tokens = scan(source).tokens
    for index in draw.sample(range(len(tokens)), min(50, len(tokens))):
        cut = Source(text[: tokens[index].start], file.name, file)
        if re.search(r"\w\Z", cut.text):
            continue
        machine = Machine(Builder(cut, {}), "module")
        assert machine.run(tokens[:index], 0) == index
        for item in complete(View(cut, parse(cut)[0], checked), len(cut.text)).items:
            if item.label.isidentifier():
                assert machine.survives([item.label if item.label in keywords() else "NAME"]), (cut.text[-60:], item)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_nothing_that_is_typed_makes_it_fail(file: Path) -> None:
    text = file.read_text()
    checked = check(Source(text, file.name, file))
    draw = random.Random(file.stem)
    for _ in range(40):
        start = draw.randrange(len(text))
        end = min(len(text), start + draw.choice((0, 1, 5, 40)))
        typed = "".join(draw.choices('{}[]()"\\.:=|@#%, \n\tabé😀1', k=draw.randrange(4)))
        broken = Source(text[:start] + typed + text[end:], file.name, file)
        module, _ = parse(broken)
        for offset in (start, start + len(typed), draw.randrange(len(broken.text) + 1)):
            complete(View(broken, module, checked), offset)
            signature_help(View(broken, module, checked), offset)
