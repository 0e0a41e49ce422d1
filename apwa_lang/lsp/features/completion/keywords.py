"""Words of the grammar that may stand at a place.

In: the terminals that the parser wants there. Out: an item for each word, with the form that it opens as a snippet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from apwa_grammar.tables import END
from apwa_lang.lsp.context.place import Place
from apwa_lang.lsp.features.completion.item import LIKELY, POSSIBLE, RARE, USUAL, Item
from apwa_lang.syntax.items import HEADS
from apwa_lang.syntax.keywords import KEYWORDS

_DECLARATIONS: Mapping[str, str] = {
    "import": 'import "$1" as ${2:name}',
    "param": "param ${1:name}: ${2:str} = $0",
    "record": "record ${1:Name} {\n  ${2:id}: ${3:str} @key\n  $0\n}",
    "table": 'table ${1:name}: ${2:Record} = read "${3:data/rows.jsonl}"',
    "model": 'model ${1:name} {\n  provider: "${2|openai,anthropic,local|}"\n  name: "$3"\n  $0\n}',
    "tool": 'tool ${1:name}(${2:word}: ${3:str}) -> ${4:str} {\n  python: "${5:module}:${6:function}"\n  $0\n}',
    "task": "task ${1:name}(${2:row}: ${3:Record}) -> ${4:Result} {\n  model: ${5:model}\n  "
    'prompt: """\n    $0\n  """\n}',
    "split": "split ${1:name} = ${2:table} by ${3:row}",
    "flow": "flow ${1:main} {\n  $0\n}",
    "test": 'test "${1:what holds}" {\n  mock ${2:model} = { $3 }\n  got = ${4:task}($5)\n  expect $0\n}',
}
_STATEMENTS: Mapping[str, str] = {
    "split": _DECLARATIONS["split"],
    "save": 'save ${1:table} to "out/${2:name}.jsonl"',
    "if": "if (${1:condition}) {\n  $0\n}",
    "repeat": "repeat max ${1:3} until (${2:condition}) {\n  $0\n}",
    "map": "map ${1:task} over ${2:split}",
    "reduce": "reduce ${1:task} over ${2:table} by ${3:tree(8)}",
    "union": "union(${1:table}, ${2:other})",
    "select": "select { ${1:field}: ${2:expression} }",
    "sort": "sort by ${1:field}",
    "join": "join ${1:table} on ${2:field}",
    "mock": "mock ${1:model} = { $2 }",
}
_TABLES: Mapping[str, str] = {"read": 'read "$1"', "files": 'files "$1"', "sql": 'sql """\n  $0\n"""'}
_OPENING = ("split", "save", "if", "repeat", "mock", "expect")
_LISTS = frozenset(("statement", "test_statement", "setting"))


def keywords(place: Place) -> Iterator[Item]:
    """The words that the parser would take at the place as words of the grammar."""
    bare = not place.following()
    words = {kind for kind in place.wanted if kind[0].islower()}
    value = "FLOAT" in place.wanted
    if place.owner == "task" or not _is_provider(place):
        words.discard("python")
    for word in sorted(words):
        keyword = KEYWORDS[word]
        snippet = {**_STATEMENTS, **_TABLES}.get(word) if bare else None
        rank = POSSIBLE if value else _rank(word, place)
        yield Item(word, "keyword", keyword.syntax, keyword.doc, rank, snippet=snippet)
    if END in place.wanted:
        for word in HEADS:
            if word not in words:
                keyword = KEYWORDS[word]
                snippet = _DECLARATIONS[word] if bare else None
                rank = USUAL if place.starts_line() else RARE
                yield Item(word, "keyword", keyword.syntax, keyword.doc, rank, snippet=snippet)


def _rank(word: str, place: Place) -> int:
    """In a line, what goes on with its statement is likely; at its start, what begins a new one."""
    if "NAME" in place.wanted and not place.begins & _LISTS:
        return LIKELY
    opens = word in _OPENING
    return LIKELY if opens == place.starts_line() else USUAL if word == "after" or opens else POSSIBLE


def _is_provider(place: Place) -> bool:
    name = place.parts[-2].value if len(place.parts) > 1 else None
    return getattr(name, "text", "") == "provider"
