"""Snippets as modules: written to a folder, analysed, never imported."""

import textwrap

from apwa_lang.proofs.python import infer


def analyse(folder, source, labels=(), target="m:f", **modules):
    """What the analysis says of `f` in a module with that source, beside further modules."""
    for name, text in {"m": source, **modules}.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return infer(target, folder, frozenset(labels))


def kinds(inference):
    assert inference.missing is None, inference.missing
    return {found.kind.value for found in inference.effects}


def table(text):
    """Snippets from a text where `=== name: something` stands before each, as (name, source, something)."""
    found = {}
    for part in textwrap.dedent(text).split("=== ")[1:]:
        head, _, source = part.partition("\n")
        name, _, expected = head.partition(":")
        assert name not in found, name
        found[name] = (source, expected.strip())
    return [(name, *found[name]) for name in found]
