"""The mistakes: what is written wrong in which program, in APWA, and in WDL and BAML where it can be made there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Slip:
    """``wrong`` stands for ``right`` in the program, once.

    ``at`` is a text of the broken program on whose line the mistake is to be shown, that of ``wrong`` by default.
    ``party`` is what else takes part, or what was meant: an answer must name it.
    """

    right: str
    wrong: str
    party: str
    at: str | None = None


@dataclass(frozen=True)
class Mistake:
    """One mistake, by the language in which it is made."""

    name: str
    apwa: Slip
    wdl: Slip | None = None
    baml: Slip | None = None


_TWO_SAVES = Slip('"out/digests.jsonl"', '"out/counts.csv"', "save counts")

MISTAKES = (
    Mistake(
        "misspelt field",
        Slip("note.ward }} is", "note.wrad }} is", "ward"),
        Slip("~{note.ward}'", "~{note.wrad}'", "ward"),
        Slip("note.ward }} is", "note.wrad }} is", "ward"),
    ),
    Mistake(
        "misspelt type",
        Slip("rows: list[Note]", "rows: list[Noet]", "Note"),
        Slip("Array[Note] notes\n  }\n  File", "Array[Noet] notes\n  }\n  File", "Note"),
        Slip("notes: Note[]", "notes: Noet[]", "Note"),
    ),
    Mistake(
        "misspelt task",
        Slip("map label over", "map lable over", "label"),
        Slip("call label {", "call lable {", "label"),
        Slip("functions [Describe]", "functions [Decsribe]", "Describe"),
    ),
    Mistake("misspelt table", Slip("per_note = notes", "per_note = note", "notes")),
    Mistake(
        "misspelt model",
        Slip("-> Label {\n  model: small", "-> Label {\n  model: smal", "small", "model: smal\n"),
        None,
        Slip("-> Label {\n  client Small", "-> Label {\n  client Smal", "Small", "client Smal\n"),
    ),
    Mistake(
        "misspelt setting",
        Slip("timeout: 30s", "time_out: 30s", "timeout"),
        Slip("maxRetries: 3", "maxRetrys: 3", "maxRetries"),
        Slip("max_retries 3", "max_retrys 3", "max_retries"),
    ),
    Mistake("misspelt provider", Slip('"openai"', '"opneai"', "openai"), None, Slip("openai", "opneai", "openai")),
    Mistake(
        "misspelt value of an enumeration",
        Slip('kind == "admission"', 'kind == "admision"', "admission"),
    ),
    Mistake(
        "undefined variable of a template",
        Slip("{{ ward }}:", "{{ wrd }}:", "ward"),
        Slip("~{ward}' ~{listed}", "~{wrd}' ~{listed}", "ward"),
        Slip("{{ ward }}:", "{{ wrd }}:", "ward"),
    ),
    Mistake(
        "field without its record in a template",
        Slip('{{ note.text }}\n  """', '{{ text }}\n  """', "note.text", "{{ text }}"),
        Slip("~{limit} '~{note.text}'", "~{limit} '~{text}'", "note"),
        Slip("{{ note.text }}\n    {{ ctx", "{{ text }}\n    {{ ctx", "note", "{{ text }}"),
    ),
    Mistake(
        "arguments in another order",
        Slip("digest(ward, rows)", "digest(rows, ward)", "list[Note]"),
        Slip('ward = "all", notes = notes', 'ward = notes, notes = "all"', "Array[Note]"),
    ),
    Mistake(
        "argument missing",
        Slip("digest(ward, rows)", "digest(ward)", "rows"),
        Slip('ward = "all", notes = notes', "notes = notes", "ward"),
        Slip('      text "The patient fell."\n', "", "text", "note {"),
    ),
    Mistake("two outputs in one file", _TWO_SAVES),
    Mistake("path without the key", Slip("{{ note.id | key }}", "label", "id", "out/labels/label")),
    Mistake("path with a field that is no key", Slip("{{ note.id | key }}", "{{ note.ward }}", "id", "out/labels/")),
    Mistake(
        "import of a file that is not there",
        Slip("lib/text.apwa", "lib/txt.apwa", "lib/text.apwa"),
        Slip("lib/text.wdl", "lib/txt.wdl", "lib/text.wdl"),
    ),
    Mistake(
        "`}` missing",
        Slip("beds: int\n}", "beds: int", "record Ward {", "beds: int"),
        Slip("String? author\n}", "String? author", "struct Note {", "String? author"),
        Slip("author string?\n}", "author string?", "class Note {", "author string?"),
    ),
    Mistake(
        "comma missing",
        Slip("digest(ward, rows)", "digest(ward rows)", ","),
        Slip("note = note, limit", "note = note limit", ","),
        Slip("ward: string, notes", "ward: string notes", ","),
    ),
    Mistake(
        "quote missing",
        Slip('"out/urgent.csv"', '"out/urgent.csv', '"'),
        Slip('"digest.txt"', '"digest.txt', '"'),
        Slip('model "smollm2"', 'model "smollm2', '"'),
    ),
    Mistake(
        "comparison of a text with a number",
        Slip("len(text) > limit", "text > limit", "int"),
        Slip('kind == "admission"', "kind > 3", "Int"),
    ),
    Mistake("split without a size", Slip("chunk(100)", "chunk", "n")),
    Mistake("map over a table", Slip("map label over per_note", "map label over notes", "per_note")),
    Mistake("unit of a duration", Slip("timeout: 2m", "timeout: 2min", "2m")),
    Mistake(
        "declared twice",
        Slip("split pages =", "split per_ward =", "per_ward = notes by group(ward)"),
        Slip("task digest {", "task label {", "task label {"),
        Slip("class Digest {", "class Label {", "Label"),
    ),
    Mistake(
        "record without a field",
        Slip('Digest { text: join(parts.text, "\\n") }', "Digest { }", "text"),
    ),
    Mistake(
        "value that may be null",
        Slip("len(result.reason) > 10", "len(note.author) > 10", "default"),
        Slip("~{limit} '~{note.text}'", "~{limit} '~{note.author + note.text}'", "?"),
    ),
    Mistake("reduction that the field does not take", Slip("by count group", "by sum group", "count")),
    Mistake("reduction by another task", Slip("reduce merge over", "reduce label over", "merge")),
    Mistake("format of a table", Slip("as csv(delim", "as cvs(delim", "csv")),
    Mistake(
        "statements in a circle",
        Slip("urgent = labels where", "urgent = full where", "full = urgent"),
        Slip(
            "task digest {\n  input {\n    String ward",
            "task digest {\n  input {\n    String ward = wrd\n    String wrd = ward",
            "ward",
        ),
    ),
    Mistake(
        "argument that is not used",
        Slip("the notes of ward {{ ward }}:", "the notes:", "ward", "task digest"),
        Slip(" --limit ~{limit}", "", "limit", "Int limit = 400"),
        Slip("the notes of ward {{ ward }}:", "the notes:", "ward", "function Summarise"),
    ),
    Mistake(
        "result that is not used",
        Slip('  save full to "out/urgent.csv"\n', "", "full", "full = urgent"),
        Slip("    Array[String] kinds = label.kind\n", "", "kind", "String kind"),
    ),
    Mistake(
        "key of a service in the program",
        Slip('secret("LLM_KEY")', '"sk-abc"', "secret"),
        None,
        Slip("env.LLM_KEY", '"sk-abc"', "env"),
    ),
)
