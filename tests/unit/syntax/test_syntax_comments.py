"""Comments are kept, and doc comments belong to what follows them."""

from __future__ import annotations

from trees import read

from apwa_lang.syntax import nodes as n

DOCUMENTED = """\
# licence
## What this file does.
## In two lines.

## A note.
record Note {
  ## Its key.
  ##   Never shown.
  id: str @key ## not a doc: behind something
  # plain
  text: str
}
## How long.
param limit: int = 3 # trailing
flow main {
  ## The first step.
  x = f(1)
}
## last
"""


def test_every_comment_is_kept_in_order() -> None:
    module = read(DOCUMENTED)
    texts = [comment.span.text for comment in module.comments]
    assert texts == [line[line.index("#") :] for line in DOCUMENTED.splitlines() if "#" in line]


def test_docs_belong_to_what_follows() -> None:
    module = read(DOCUMENTED)
    record, param, flow = module.declarations
    assert isinstance(record, n.Record) and isinstance(param, n.Param) and isinstance(flow, n.Flow)
    assert module.doc == "What this file does.\nIn two lines."
    assert record.doc == "A note."
    assert [field.doc for field in record.fields] == ["Its key.\n  Never shown.", ""]
    assert param.doc == "How long."
    assert isinstance(flow.statements[0], n.Assign)
    assert flow.statements[0].doc == "The first step."


def test_docs_may_stand_behind_a_line_end_of_old() -> None:
    (record,) = read("record Note {\n  id: str\n\r  ## What it says.\n  text: str\n}\n").declarations
    assert isinstance(record, n.Record)
    assert [field.doc for field in record.fields] == ["", "What it says."]


def test_a_first_block_right_before_a_declaration_is_that_ones() -> None:
    module = read("## A note.\nrecord Note { id: str }")
    assert module.doc == ""
    assert isinstance(module.declarations[0], n.Record) and module.declarations[0].doc == "A note."


def test_a_first_block_before_an_import_is_the_modules() -> None:
    assert read('## The file.\nimport "a.apwa" as a').doc == "The file."


def test_a_file_of_comments_alone() -> None:
    module = read("## The file.\n# nothing else\r\n")
    assert (module.doc, module.declarations) == ("The file.", ())
    assert [comment.span.text for comment in module.comments] == ["## The file.", "# nothing else"]


def test_marks_inside_strings_are_no_comments() -> None:
    assert read('param x: str = "# a" param y: str = """\n# b\n"""').comments == ()
