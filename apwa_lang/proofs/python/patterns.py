"""``case`` patterns: what their names capture.

In: a pattern and what the subject may be. Out: bindings in the frame.
"""

from __future__ import annotations

import ast

from apwa_lang.proofs.python.attributes import read
from apwa_lang.proofs.python.expressions import evaluate
from apwa_lang.proofs.python.frames import Frame
from apwa_lang.proofs.python.protocols import expose, iterate, mapped
from apwa_lang.proofs.python.values import NOTHING, Site, Value, join


def capture(frame: Frame, pattern: ast.pattern, subject: Value) -> None:
    """Bind the names of ``pattern`` to the parts of ``subject``."""
    engine = frame.engine
    match pattern:
        case ast.MatchValue(value=value):
            expose(engine, evaluate(frame, value) | subject)
        case ast.MatchAs(pattern=inner, name=name):
            if inner is not None:
                capture(frame, inner, subject)
            if name is not None:
                frame.bind(name, subject)
        case ast.MatchOr(patterns=patterns):
            before = frame.env
            for inner in patterns:
                capture(frame, inner, subject)
            frame.env = frame.env if frame.env is not None else before
        case ast.MatchSequence(patterns=patterns):
            elements = iterate(engine, subject)
            for inner in patterns:
                capture(frame, inner, elements)
        case ast.MatchStar(name=name):
            if name is not None:
                frame.bind(name, engine.fresh(pattern, "list", subject))
        case ast.MatchMapping(keys=keys, patterns=patterns, rest=rest):
            for key in keys:
                evaluate(frame, key)
            for inner in patterns:
                capture(frame, inner, mapped(subject))
            if rest is not None:
                frame.bind(rest, engine.fresh(pattern, "dict", mapped(subject)))
        case ast.MatchClass():
            _class(frame, pattern, subject)


def _class(frame: Frame, pattern: ast.MatchClass, subject: Value) -> None:
    evaluate(frame, pattern.cls)
    parts = join(subject, *(held for obj in subject if isinstance(obj, Site) for held in obj.fields.values()), NOTHING)
    for inner in pattern.patterns:
        capture(frame, inner, parts)
    for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
        capture(frame, inner, read(frame.engine, subject, name))
