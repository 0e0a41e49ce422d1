"""Whatever is in a file, every question about it has an answer."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from marked import opened

from apwa_lang.lsp.features.call_hierarchy import Program, incoming, item_at, outgoing
from apwa_lang.lsp.features.definition import definition, type_definition
from apwa_lang.lsp.features.hover import hover
from apwa_lang.lsp.features.references import highlights, references
from apwa_lang.lsp.features.rename import prepare, rename
from apwa_lang.lsp.workspace import Workspace

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/[!.]*.apwa"))
PIECES = (
    "{{ ",
    " }}",
    "{% for x in ",
    '"',
    '"""',
    "\\",
    "|",
    ".",
    "(",
    "}",
    "[",
    "record R { ",
    "😀",
    "\r\n",
    "lib.",
    "# ",
)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_questions_about_damaged_programs(path: Path) -> None:
    random, whole = Random(path.stem), path.read_text()
    for _ in range(12):
        text = whole
        for _ in range(random.randint(1, 5)):
            start = random.randrange(len(text))
            text = text[:start] + random.choice(PIECES) + text[start + random.choice((0, 1, 30)) :]
        view, _, _ = opened(text)
        program, workspace = Program(view.checked.modules, view.checked.uses), Workspace()
        for use in view.checked.uses.of_file(view.source):
            assert use.span.text == use.declaration.name
        for offset in (random.randrange(len(view.source.text)) for _ in range(8)):
            for ask in (hover, definition, type_definition, highlights, prepare):
                ask(view, offset)
            references(view, offset, workspace)
            rename(view, offset, "other_name", workspace)
            item = item_at(program, offset)
            if item is not None:
                incoming(program, item, workspace)
                outgoing(program, item)
