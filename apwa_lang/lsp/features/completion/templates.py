"""Inside of ``{{ … }}`` and ``{% … %}``.

In: the text of a template up to a place, and the names around it. Out: what may stand there: names with the fields of
their types, those that loops and `set` make among them, filters, tests and Jinja2's own words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.lsp.context.around import Around
from apwa_lang.lsp.context.place import Place
from apwa_lang.lsp.context.scopes import scope_at
from apwa_lang.lsp.features.completion.item import LIKELY, POSSIBLE, USUAL, Item, of_field
from apwa_lang.semantics import operators
from apwa_lang.semantics.filters import FILTERS
from apwa_lang.semantics.scope import Binding, Scope
from apwa_lang.semantics.types import UNKNOWN, Optional, RecordType, Type
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.source import Source, Span

_OPENING = {"variable_begin": "variable_end", "block_begin": "block_end", "comment_begin": "comment_end"}
_STATEMENTS = {
    "for": ("for ${1:item} in ${2:items} %}$0{% endfor", "{% for item in items %} … {% endfor %}"),
    "if": ("if ${1:condition} %}$0{% endif", "{% if condition %} … {% endif %}"),
    "set": ("set ${1:name} = ${2:value}", "{% set name = value %}"),
    "else": (None, "{% else %}"),
    "elif": ("elif ${1:condition}", "{% elif condition %}"),
    "endfor": (None, "{% endfor %}"),
    "endif": (None, "{% endif %}"),
}
_AFTER_VALUE = ("and", "or", "in", "not", "is", "if", "else")
_BEFORE_VALUE = ("not", "true", "false", "none")
_OPERATORS = frozenset(("and", "or", "in", "not", "if", "elif", "else", "is"))

Word = tuple[str, str]


def in_template(place: Place, around: Around, written: str, *, path: bool) -> list[Item] | None:
    """What may stand at the end of a template's text; None where that is plain text."""
    from apwa_lang.semantics.template_syntax import words

    done = written[: len(written) - (place.offset - place.word.start)] if place.word.start < place.offset else written
    tokens = words(done)
    kind, inside, blocks = _open(tokens)
    if kind not in ("variable_begin", "block_begin"):
        return None
    scope = _with_prefixes(scope_at(place, around), around)
    local, opened = _frames(blocks, scope)
    if kind == "block_begin" and not inside:
        return [] if path else list(_statements(opened))
    return list(_inside(kind, inside, local, scope, path))


def _open(tokens: Sequence[Word]) -> tuple[str, list[Word], list[list[Word]]]:
    """What is open at the end: its kind, the words in it, and the words of each statement before."""
    kind, inside = "", list[Word]()
    blocks: list[list[Word]] = []
    for token, value in tokens:
        if token in _OPENING:
            kind, inside = token, []
        elif kind and token == _OPENING[kind]:
            if kind == "block_begin":
                blocks.append(inside)
            kind, inside = "", []
        elif kind:
            inside.append((token, value))
    return kind, inside, blocks


def _with_prefixes(scope: Scope, around: Around) -> Scope:
    plain = {name: binding for name, binding in scope.names.items() if "." not in name}
    return replace(scope, names={**around.file.prefixes, **plain}, report=_silent)


def _frames(blocks: Sequence[Sequence[Word]], scope: Scope) -> tuple[dict[str, Type], list[str]]:
    """The names that statements have made so far, with their types, and the statements that are still open."""
    from apwa_lang.semantics.templates import LOOP

    frames: list[tuple[str, dict[str, Type]]] = [("", {})]
    for block in blocks:
        values = [value for _, value in block]
        local = {name: type for _, frame in frames for name, type in frame.items()}
        match values:
            case ["for", name, "in", *over]:
                found = operators.element(operators.plain(_type(over, local, scope)))
                frames.append(("for", {name: found if found is not None else UNKNOWN, "loop": LOOP}))
            case ["if", *_]:
                frames.append(("if", {}))
            case ["set", name, "=", *value]:
                frames[-1][1][name] = _type(value, local, scope)
            case ["endfor" | "endif", *_] if len(frames) > 1:
                frames.pop()
    return {name: type for _, frame in frames for name, type in frame.items()}, [word for word, _ in frames[1:]]


def _type(words: Sequence[str], local: dict[str, Type], scope: Scope) -> Type:
    """The type of an expression of a template."""
    from jinja2 import nodes as jinja

    from apwa_lang.semantics.template_expressions import Expressions, Frame
    from apwa_lang.semantics.template_syntax import TemplateProblem, parse

    text = f"{{{{ {' '.join(words)} }}}}"
    try:
        tree = parse(text)
    except TemplateProblem:
        return UNKNOWN
    source = Source(text)
    literal = ast.StringLiteral(Span(source, 0, len(text)), text, tuple(range(len(text) + 1)))
    output = next((node for node in tree.root.body if isinstance(node, jinja.Output)), None)
    value = next((node for node in output.nodes if not isinstance(node, jinja.TemplateData)), None) if output else None
    if value is None:
        return UNKNOWN
    found = Expressions(literal, tree, scope, False).type_of(
        value, Frame({name: Binding(type) for name, type in local.items()})
    )
    return found.inner if isinstance(found, Optional) else found


def _statements(opened: Sequence[str]) -> Iterator[Item]:
    inner = opened[-1] if opened else ""
    for word, (snippet, form) in _STATEMENTS.items():
        if word in ("else", "elif", "endif", "endfor"):
            if not inner or (word == "elif" and inner != "if") or (word.startswith("end") and word != f"end{inner}"):
                continue
            yield Item(word, "keyword", form, rank=LIKELY, snippet=snippet)
        else:
            yield Item(word, "keyword", form, rank=USUAL, snippet=snippet)


def _inside(kind: str, inside: Sequence[Word], local: dict[str, Type], scope: Scope, path: bool) -> Iterator[Item]:
    values = [value for _, value in inside]
    last_kind, last = inside[-1] if inside else ("", "")
    if last == ".":
        yield from _fields(_type(_chain(values[:-1]), local, scope))
    elif last == "|":
        yield from _filters(path)
    elif last == "is" or values[-2:] == ["is", "not"]:
        yield from _tests()
    elif kind == "block_begin" and values[0] in ("for", "set") and len(values) == 1:
        return
    elif kind == "block_begin" and values[0] == "for" and len(values) == 2:
        yield Item("in", "keyword", rank=LIKELY)
    elif (last_kind in ("name", "string", "integer", "float") and last not in _OPERATORS) or last in (")", "]"):
        yield from (Item(word, "keyword", rank=POSSIBLE) for word in _AFTER_VALUE)
    else:
        yield from (Item(name, "variable", str(type), rank=LIKELY) for name, type in local.items())
        for name, binding in scope.names.items():
            if name not in local:
                yield Item(name, "variable", str(binding.type), rank=LIKELY)
        yield from (Item(word, "keyword", rank=POSSIBLE) for word in _BEFORE_VALUE)


def _chain(values: Sequence[str]) -> Sequence[str]:
    """The words of the value at the end: names with dots, calls and indexes."""
    at, depth = len(values), 0
    while at > 0:
        value = values[at - 1]
        if value in (")", "]"):
            depth += 1
        elif value in ("(", "["):
            depth -= 1
            if depth < 0:
                break
        elif depth == 0:
            behind = values[at] if at < len(values) else "."
            is_word = value[:1].isalpha() or value[:1] in "_\"'"
            if value != "." and not (is_word and behind in (".", "[", "(")):
                break
        at -= 1
    return values[at:]


def _fields(type: Type) -> Iterator[Item]:
    found = operators.plain(type)
    if isinstance(found, RecordType):
        yield from map(of_field, found.fields)
    else:
        for name in operators.field_names(found):
            yield Item(name, "field", rank=LIKELY)


def _filters(path: bool) -> Iterator[Item]:
    likely = "key" if path else "json"
    for name, function in FILTERS.items():
        doc = "\n\n".join((*(f"```apwa\n{text}\n```" for text in function.overloads), function.doc))
        needed = [one for one in function.signatures[0].parameters[1:] if one.default is None]
        stops = ", ".join(f"${{{stop}:{one.name}}}" for stop, one in enumerate(needed, 1))
        yield Item(
            name,
            "function",
            function.overloads[0],
            doc,
            LIKELY if name == likely else USUAL,
            snippet=f"{name}({stops})" if needed else None,
        )


def _tests() -> Iterator[Item]:
    from apwa_lang.semantics.template_expressions import TESTS

    yield Item("not", "keyword", rank=POSSIBLE)
    yield from (Item(name, "keyword", "test", rank=USUAL) for name in TESTS)


def _silent(_: Diagnostic) -> None:
    """What is wrong is told elsewhere."""
