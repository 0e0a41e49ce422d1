"""What a person reads when a claim does not hold: the place, the reason, the rows, and a change that would do."""

from __future__ import annotations

from apwa_lang.check import check
from apwa_lang.diagnostics.model import Diagnostic, Severity
from apwa_lang.syntax.source import Source

KEYED = "id: str @key, title: str, count: int"
MODEL = 'model small { provider: "openai", name: "small", base_url: "http://localhost:8000/v1" }'


def findings(text: str) -> list[Diagnostic]:
    found = [one for one in check(Source(text)).diagnostics if one.severity is Severity.ERROR]
    assert all(one.code.startswith("APWA3") for one in found), [one.message for one in found]
    return found


def only(text: str) -> Diagnostic:
    (found,) = findings(text)
    return found


def one_map(fields: str, effects: str, split: str = "notes by row", call: str = "work") -> str:
    """A map of one task over one split."""
    return f"""
record Note {{ {fields} }}
table notes: Note = read "notes.jsonl"
split each = {split}
task work(note: Note) -> str {{ python: "bodies:work" {effects} }}
flow main {{ done = map {call} over each }}
"""


def two_steps(tasks: str, flow: str, fields: str = KEYED) -> str:
    return f"""
param fast: bool = true
record Note {{ {fields} }}
table notes: Note = read "notes.jsonl"
table others: Note = read "others.jsonl"
split each = notes by row
{tasks}
flow main {{
{flow}
}}
"""


def writer(name: str, path: str, kind: str = "writes") -> str:
    return f'task {name}(note: Note) -> str {{ python: "bodies:{name}" {kind}: {{ file: "{path}" }} }}'


def labels(found: Diagnostic) -> dict[str, str]:
    """What is marked in the source, with what is said of it."""
    marks = {label.span.text: label.text for label in found.secondary}
    return {**marks, found.primary.span.text: found.primary.text}


def test_the_sample_of_the_design() -> None:
    found = only(
        one_map(
            "id: str @unique, author: str @key, title: str @key",
            'writes: { page: "out/{{ note.author }}-{{ note.title }}.md" }',
        )
    )
    assert found.code == "APWA301"
    assert found.message == "two sub-problems of `work` can write the same file"
    assert found.primary.span.text == "{{ note.author }}-{{ note.title }}"
    assert found.primary.text == "author and title are free text, so '-' does not part them"
    assert found.facts == (
        'row 1: { author: "o-", title: "o" }',
        'row 2: { author: "o", title: "-o" }',
        "both:  out/o--o.md",
    )
    assert found.help == (
        '"out/{{ note.author | key }}-{{ note.title | key }}.md" is proved; so is "out/{{ note.id }}.md"'
    )


def test_a_missing_key_is_named() -> None:
    found = only(one_map(KEYED, 'writes: { page: "out/pages/{{ note.title }}.md" }'))
    assert found.primary.text == "`id` tells the rows apart but is not in the path"
    assert (
        found.help
        == '"out/pages/{{ note.title | key }}-{{ note.id | key }}.md" is proved; so is "out/pages/{{ note.id }}.md"'
    )


def test_a_key_that_is_left_again() -> None:
    found = only(one_map(KEYED, 'writes: { page: "out/{{ note.id }}/../all.md" }'))
    assert found.primary.text == "`id` tells the rows apart, but `..` leaves that folder again"
    assert found.facts[-1] == "both:  out/all.md"


def test_a_key_that_the_task_is_not_given() -> None:
    text = one_map(KEYED, 'writes: { page: "out/{{ id }}.md" }', call="work(title)").replace("note: Note", "id: str")
    found = only(text)
    assert found.primary.text == "`id` tells the rows apart, but `id` is the row's `title` here"
    assert found.help == "give `work` the field `id` too, and show it in the path"


def test_a_filter_is_blamed() -> None:
    found = only(one_map(KEYED, 'writes: { page: "out/{{ note.id | lower }}.md" }'))
    assert found.primary.text == "`lower` makes different values of `id` equal"
    assert found.primary.span.text == "{{ note.id | lower }}"
    assert found.facts[:2] == ('row 1: { id: "a" }', 'row 2: { id: "A" }')


def test_rows_that_nothing_tells_apart() -> None:
    found = only(one_map("title: str", 'writes: { page: "{{ note.title }}.md" }'))
    assert found.primary.text == "nothing tells two rows of `notes` apart"
    assert labels(found)["notes"] == "no field of `Note` is a `@key`"
    assert found.help == "mark the field that tells the rows of `notes` apart with `@key`, and put it into the path"


def test_fields_of_one_name_are_told_apart() -> None:
    found = only(
        """
record Note { id: str @key }
table notes: Note = read "notes.jsonl"
split each = notes by cross(notes)
task work(left: Note, right: Note) -> str { return: "x" writes: ["{{ left.id }}-{{ right.id }}"] }
flow main { done = map work(left, right) over each }
"""
    )
    assert found.primary.text == "left.id and right.id are free text, so '-' does not part them"


def test_sub_problems_that_are_no_rows() -> None:
    text = one_map(KEYED, 'writes: { page: "part.md" }', split="notes by chunk(10)", call="work(rows)")
    found = only(text.replace("note: Note", "notes: list[Note]"))
    assert found.facts == ("sub-problem 1: { index: 0 }", "sub-problem 2: { index: 1 }", "both:          part.md")
    assert found.help == "give `work` the field `index` too, and show it in the path"


def test_two_paths_of_one_task() -> None:
    found = only(one_map(KEYED, 'writes: { page: "out/{{ note.id }}", old: "out/{{ note.id }}.bak" }'))
    assert found.message == "two sub-problems of `work` can write the same file"
    assert labels(found)["out/{{ note.id }}"] == "row 1 writes this"
    assert labels(found)["out/{{ note.id }}.bak"] == "row 2 writes this"
    assert found.help == '"out/{{ note.id | key }}" beside "out/{{ note.id | key }}.bak" is proved'


def test_a_sub_problem_that_reads_what_another_writes() -> None:
    found = only(one_map(KEYED, 'reads: { old: "out/{{ note.title }}.md" } writes: { page: "out/{{ note.id }}.md" }'))
    assert (found.code, found.message) == (
        "APWA304",
        "of two sub-problems of `work`, one can read what the other writes",
    )
    assert labels(found)["out/{{ note.title }}.md"] == "row 1 reads this"
    assert labels(found)["out/{{ note.id }}.md"] == "row 2 writes this"
    assert found.help == '"out/work/{{ note.id }}.md" is proved'


def test_a_tree_and_a_file_in_it() -> None:
    found = only(one_map(KEYED, 'reads: { site: "site/**" } writes: { page: "site/{{ note.id }}.md" }'))
    assert found.code == "APWA303"
    assert labels(found)["site/**"] == "row 1 reads all that is in this folder"
    assert [fact.split(" } ")[1] for fact in found.facts] == ["reads site/**", f"writes site/{found.facts[1][14]}.md"]


def test_unordered_steps_are_shown_where_the_order_is_missing() -> None:
    tasks = [writer(name, "out/{{ note.id }}.md") for name in ("draw", "print")]
    found = only(two_steps("\n".join(tasks), "  x = map draw over each\n  y = map print over each"))
    assert (found.code, found.message) == ("APWA302", "`x` and `y` can write the same file at the same time")
    assert (found.primary.span.text, found.primary.text) == ("y", "`y` runs `print` and does not wait for `x`")
    assert labels(found)["x"] == "`x` runs `draw`"
    assert [label.text for label in found.secondary if label.span.text.startswith("out")] == [
        "`x` writes this",
        "`y` writes this",
    ]
    assert found.facts == ('`x`:  { id: "o" }', '`y`:  { id: "o" }', "both: out/o.md")
    assert found.help == '"out/print/{{ note.id }}.md" in `print` is proved; so is `after x` at the end of `y`'


def test_two_steps_of_one_task() -> None:
    flow = "  x = map draw over each\n  y = map draw over each"
    found = only(two_steps(writer("draw", "out/{{ note.id }}.md"), flow))
    assert labels(found)["out/{{ note.id }}.md"] == "`x` and `y` both write this"
    assert found.help == "`after x` at the end of `y` is proved"


def test_a_reader_is_to_wait() -> None:
    tasks = writer("draw", "out/{{ note.id }}.md") + writer("scan", "out/{{ note.id }}.md", "reads")
    found = only(two_steps(tasks, "  x = map draw over each\n  y = map scan over each"))
    assert found.message == "`x` can write a file while `y` reads it"
    assert found.help == '`after x` at the end of `y` is proved; so is "out/draw/{{ note.id }}.md" in `draw`'


def test_paths_are_shown_as_the_disk_has_them() -> None:
    tasks = writer("draw", "tmp/../out/{{ note.id }}.md") + writer("print", "./out//{{ note.id }}.md")
    found = only(two_steps(tasks, "  x = map draw over each\n  y = map print over each"))
    assert found.facts[-1] == "both: out/o.md"


def test_a_save_over_a_table() -> None:
    flow = '  x = others limit 3\n  save notes to "others.jsonl"\n  save x to "x.jsonl"'
    found = only(two_steps("", flow))
    assert found.message == "`save notes` can write a file while table `others` is read from it"
    assert found.primary.text == "`save notes` writes this and does not wait for table `others`"
    assert found.help == '`after x` at the end of `save notes` is proved; so is "notes.jsonl" in `save notes`'


def test_calls_of_a_merge() -> None:
    merge = 'task merge(parts: list[Note]) -> Note { return: parts[0] writes: ["all.json"] }'
    found = only(two_steps(merge, "  total = reduce merge over notes by tree(8)"))
    assert found.message == "two calls of `merge` can write the same file"
    assert found.primary.text == "every call has the same path"
    assert found.help == "`by fold` in place of `by tree(8)` is proved"


def merge_of_groups(path: str) -> Diagnostic:
    tasks = f"""
record Size {{ bytes: int }}
task size(note: Note) -> Size {{ return: Size {{ bytes: 1 }} }}
task merge(parts: list[Size]) -> Size {{ return: parts[0] writes: ["{path}"] }}
"""
    flow = "  sizes = map size over each keep title\n  total = reduce merge over sizes by fold group title"
    return only(two_steps(tasks, flow))


def test_a_merge_of_groups_cannot_be_ordered() -> None:
    found = merge_of_groups("all.json")
    assert found.help == "drop the write, and let a `map` over `total` write the merged rows"
    assert found.fix is None


def test_what_is_undecided_says_what_is_not_known_and_what_to_do() -> None:
    found = merge_of_groups("{{ parts | length }}.json")
    assert found.code == "APWA305"
    assert found.message == "cannot tell whether two calls of `merge` touch the same file"
    assert found.primary.text == "what each call of `merge` is given shows only while it runs"
    assert found.help is not None
    assert 'trust: "…"' in found.help
    assert "idempotent: true" in found.help


def agent(path: str) -> str:
    return f"""{MODEL}
tool put(name: str) -> str {{ python: "bodies:put" writes: {{ page: "{path}" }} }}
task work(note: Note) -> str {{ model: small prompt: "{{{{ note.title }}}}" tools: [put] max_steps: 3 }}
"""


def test_a_tool_does_not_know_the_row() -> None:
    found = only(two_steps(agent("pad.md"), "  x = map work over each"))
    assert found.message == "two sub-problems of `work` can write the same file"
    assert found.primary.text == "the tool `put` does not know the row, so this is one path for all"
    assert found.fix is None
    assert found.help == (
        "let `work` write the file itself, under a path that shows the row; "
        "or say `idempotent: true` in `work`, if all write the same bytes"
    )


def test_a_name_that_a_model_chooses() -> None:
    found = only(two_steps(agent("out/{{ name }}.md"), "  x = map work over each"))
    assert found.primary.text == ("the model chooses `name` when it calls `put`, and may choose the same for two rows")


def lost(flow: str, tasks: str = "") -> Diagnostic:
    show = 'task show(id: str) -> str { return: "x" writes: ["out/{{ id }}.md"] }'
    return only(two_steps(f"{tasks}\n{show}", f"{flow}\n  split made = some by row\n  done = map show(id) over made"))


def test_a_union_is_blamed_for_the_key() -> None:
    found = lost("  some = union(notes, others)")
    assert found.primary.text == "nothing tells two rows of `some` apart"
    assert labels(found)["some"] == "a row of each of `notes` and `others` may have the same `id`"


def test_a_doubled_table_is_blamed_for_the_key() -> None:
    assert labels(lost("  some = union(notes, notes)"))["some"] == "each row of `notes` is in `some` twice"


def test_a_select_is_blamed_for_the_key() -> None:
    found = lost('  less = notes select { id: "x" }\n  some = less where id != "y"')
    assert labels(found)["less"] == "`id` of `less` is made anew, and two rows may get one value"
    found = lost("  less = notes select { id: title }\n  some = less sort by id")
    assert labels(found)["less"] == "`id` of `less` is made anew, and two rows may get one value"


def test_a_map_is_blamed_for_the_key() -> None:
    clean = "record Clean { id: str } task clean(note: Note) -> Clean { return: Clean { id: note.title } }"
    found = lost("  some = map clean over each keep title", clean)
    assert labels(found)["some"] == "`some` does not keep `id`, which tells its rows apart"


def test_one_mistake_is_told_once() -> None:
    flow = "  x = map draw over each\n  y = map draw over each after x"
    assert len(findings(two_steps(writer("draw", "out/{{ note.title }}.md"), flow))) == 1
