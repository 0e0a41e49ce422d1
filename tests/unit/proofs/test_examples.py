"""What PROOFS.md promises, example by example."""

from __future__ import annotations

from pathlib import Path

import proof_programs as make
import pytest

from apwa_lang.proofs import Claim, Verdict, decide
from apwa_lang.proofs.claims import Backing
from apwa_lang.semantics.core import Apply, Const, GetField, Var
from apwa_lang.semantics.program import Guard, Join, Reduce, Tool, UnionAll
from apwa_lang.semantics.types import DATE, FLOAT, INT, STR, Choice, Field, ListOf, Optional, RecordType

A_B = make.record(Field("a", STR, key=True), Field("b", STR, key=True))
NUMBERS = make.record(Field("n", INT, key=True), Field("m", INT, key=True))
NOTE = make.record(Field("id", STR, key=True), Field("title", STR), Field("ward", STR))


def only(program: object) -> Claim:
    claims, _ = decide(program)  # type: ignore[arg-type]
    (claim,) = claims
    return claim


def rows_of(claim: Claim) -> set[tuple[tuple[str, str], ...]]:
    assert claim.witness is not None
    return {claim.witness.left, claim.witness.right}


def test_free_texts_are_not_parted_by_a_hyphen() -> None:
    claim = only(make.one_map(A_B, writes=["{{ note.a }}-{{ note.b }}"]))
    assert claim.verdict is Verdict.REFUTED
    assert rows_of(claim) == {(("a", '"o-"'), ("b", '"o"')), (("a", '"o"'), ("b", '"-o"'))}
    assert claim.witness is not None
    assert claim.witness.left_path == claim.witness.right_path == "o--o"


def test_integers_are_parted_by_a_hyphen() -> None:
    claim = only(make.one_map(NUMBERS, writes=["{{ note.n }}-{{ note.m }}"]))
    assert (claim.verdict, claim.rule) == (Verdict.PROVED, "P5")
    assert "key `m` and `n` of table `notes` is unique" in [one.text for one in claim.hypotheses]


def test_integers_side_by_side_are_refuted() -> None:
    claim = only(make.one_map(NUMBERS, writes=["{{ note.n }}{{ note.m }}"]))
    assert claim.verdict is Verdict.REFUTED
    assert rows_of(claim) == {(("n", "1"), ("m", "10")), (("n", "11"), ("m", "0"))}


@pytest.mark.parametrize(
    ("pattern", "verdict"),
    [("[A-Z]+", Verdict.PROVED), ("[A-Z-]+", Verdict.REFUTED), (r"\w+", Verdict.PROVED), (r"[^-]*", Verdict.PROVED)],
)
def test_a_pattern_parts_what_the_separator_cannot(pattern: str, verdict: Verdict) -> None:
    fields = make.record(Field("a", STR, key=True, pattern=pattern), Field("b", STR, key=True))
    assert only(make.one_map(fields, writes=["{{ note.a }}-{{ note.b }}"])).verdict is verdict


@pytest.mark.parametrize(
    "path",
    [
        "out/{{ note.id }}.md",
        "out/{{ note.ward }}/{{ note.id }}.md",
        "out/{{ note.id | key }}-{{ note.title | key }}.md",
        "out/{{ note.id | hex }}",
        "out/{{ note.id | sha256 }}.json",
        "{{ note.id }}/**",
        "{{ note.id | string }}",
    ],
)
def test_a_key_in_the_path_is_a_proof(path: str) -> None:
    assert only(make.one_map(NOTE, writes=[path])).verdict is Verdict.PROVED


def test_a_hash_is_a_hypothesis() -> None:
    claim = only(make.one_map(NOTE, writes=["{{ note.id | sha256 }}"]))
    assert "sha256 has no collisions" in [one.text for one in claim.hypotheses]


@pytest.mark.parametrize(
    ("path", "filtered"),
    [
        ("out/{{ note.id | lower }}.md", "lower"),
        ("out/{{ note.id | truncate(3) }}.md", "truncate"),
        ("out/{{ note.id | strip }}.md", "strip"),
        ("out/{{ note.id | basename }}", "basename"),
        ('out/{{ note.id | replace("a", "b") }}', "replace"),
        ("out/{{ note.id | key | upper | lower }}", None),
        ("out/{{ note.id | upper | key }}", "upper"),
    ],
)
def test_a_filter_that_merges_values_is_refuted(path: str, filtered: str | None) -> None:
    claim = only(make.one_map(NOTE, writes=[path]))
    if filtered is None:
        assert claim.verdict is Verdict.CHECKED
    else:
        assert claim.verdict is Verdict.REFUTED
        assert claim.witness is not None
        assert claim.witness.filtered == ("id", filtered)


def test_padded_numbers_are_told_apart() -> None:
    year = Field("y", INT, key=True, minimum=0, maximum=9999)
    month = Field("m", INT, key=True, minimum=1, maximum=12)
    path = "{{ note.y | zfill(4) }}{{ note.m | zfill(2) }}"
    assert only(make.one_map(make.record(year, month), writes=[path])).verdict is Verdict.PROVED
    unbounded = make.record(Field("y", INT, key=True), Field("m", INT, key=True))
    assert only(make.one_map(unbounded, writes=[path])).verdict is Verdict.REFUTED


def test_dates_are_told_apart_side_by_side() -> None:
    fields = make.record(Field("d", DATE, key=True), Field("t", STR, key=True))
    assert only(make.one_map(fields, writes=["{{ note.d }}{{ note.t }}"])).verdict is Verdict.PROVED


def test_a_coarse_date_is_refuted() -> None:
    fields = make.record(Field("d", DATE, key=True))
    claim = only(make.one_map(fields, writes=['{{ note.d | strftime("%Y-%m") }}']))
    assert claim.verdict is Verdict.REFUTED
    assert rows_of(claim) == {(("d", '"2024-01-01"'),), (("d", '"2024-01-02"'),)}


def test_a_key_that_is_not_in_the_path_is_shown() -> None:
    claim = only(make.one_map(NOTE, writes=["out/{{ note.title }}.md"]))
    assert claim.verdict is Verdict.REFUTED
    assert claim.witness is not None
    assert claim.witness.told_by == ("id",)
    assert rows_of(claim) == {(("title", '"o"'), ("id", '"o"')), (("title", '"o"'), ("id", '"a"'))}


def test_rows_without_a_key_may_be_equal() -> None:
    fields = make.record(Field("title", STR))
    claim = only(make.one_map(fields, writes=["{{ note.title }}"]))
    assert claim.verdict is Verdict.REFUTED
    assert claim.witness is not None
    assert claim.witness.left == claim.witness.right


def test_a_unique_field_identifies_a_row() -> None:
    fields = make.record(Field("id", STR, key=True), Field("mail", STR, unique=True))
    assert only(make.one_map(fields, writes=["{{ note.mail }}"])).verdict is Verdict.PROVED


def test_a_choice_is_finite() -> None:
    fields = make.record(Field("a", Choice(("x", "xy")), key=True), Field("b", Choice(("z", "yz")), key=True))
    claim = only(make.one_map(fields, writes=["{{ note.a }}{{ note.b }}"]))
    assert claim.witness is not None
    assert claim.witness.left_path == "xyz"
    apart = make.record(Field("a", Choice(("x", "xy")), key=True), Field("b", Choice(("z", "w")), key=True))
    assert only(make.one_map(apart, writes=["{{ note.a }}{{ note.b }}"])).verdict is Verdict.PROVED


def test_an_index_identifies_a_chunk() -> None:
    chunk = RecordType("<chunk>", (Field("index", INT), Field("rows", ListOf(NOTE))))
    over = make.split("notes", chunk, "chunk", ("index",), n=10)
    assert only(make.one_map(NOTE, writes=["p/{{ note.index }}.md"], over=over)).verdict is Verdict.PROVED
    claim = only(make.one_map(NOTE, writes=["p/all.md"], over=over))
    assert claim.witness is not None
    assert rows_of(claim) == {(("index", "0"),), (("index", "1"),)}


def test_a_group_is_identified_by_its_fields_even_when_they_may_be_null() -> None:
    group = RecordType("<group>", (Field("ward", Optional(STR)), Field("rows", ListOf(NOTE))))
    over = make.split("notes", group, "group", ("ward",))
    assert only(make.one_map(NOTE, writes=["w/{{ note.ward }}.md"], over=over)).verdict is Verdict.PROVED
    claim = only(make.one_map(NOTE, writes=['w/{{ note.ward | default("x") }}.md'], over=over))
    assert claim.verdict is Verdict.REFUTED
    assert rows_of(claim) == {(("ward", "null"),), (("ward", '"x"'),)}


def test_pieces_of_a_row_need_the_index_too() -> None:
    piece = RecordType("<tokens>", (Field("row", NOTE), Field("index", INT), Field("text", STR)))
    over = make.split("notes", piece, "tokens", ("row.id", "index"), field="title", size=100)
    claim = only(make.one_map(NOTE, writes=["{{ note.row.id }}.md"], over=over))
    assert claim.verdict is Verdict.REFUTED
    assert claim.witness is not None
    assert claim.witness.told_by == ("index",)
    assert only(make.one_map(NOTE, writes=["{{ note.row.id }}-{{ note.index }}"], over=over)).verdict is Verdict.PROVED


def test_arguments_are_followed_to_the_fields() -> None:
    of = make.split("notes", NOTE)
    work = make.task("work", {"a": STR, "b": STR}, writes=["{{ a }}/{{ b }}"])
    program = make.program(
        [make.table("notes", NOTE)],
        [of],
        [work],
        [make.mapped("x", work, of, {"a": Var("ward"), "b": Var("id")})],
    )
    assert only(program).verdict is Verdict.PROVED


def test_a_computed_argument_is_followed() -> None:
    of = make.split("notes", NOTE)
    work = make.task("work", {"a": STR}, writes=["{{ a }}"])
    lowered = Apply("lower", (Var("id"),))
    program = make.program([make.table("notes", NOTE)], [of], [work], [make.mapped("x", work, of, {"a": lowered})])
    assert only(program).verdict is Verdict.REFUTED
    elsewhere = Apply("lower", (Var("title"),))
    program = make.program([make.table("notes", NOTE)], [of], [work], [make.mapped("x", work, of, {"a": elsewhere})])
    assert only(program).verdict is Verdict.REFUTED


def test_a_number_given_as_a_float_is_not_the_same_text() -> None:
    fields = make.record(Field("n", INT, key=True))
    of = make.split("notes", fields)
    work = make.task("work", {"x": FLOAT}, writes=["{{ x }}"])
    program = make.program([make.table("notes", fields)], [of], [work], [make.mapped("x", work, of, {"x": Var("n")})])
    assert only(program).verdict is Verdict.CHECKED


def test_a_parameter_is_one_value_on_both_sides() -> None:
    params = {"run": STR}
    claim = only(make.one_map(A_B, writes=["{{ run }}/{{ note.a | key }}-{{ note.b }}"], params=params))
    assert claim.verdict is Verdict.PROVED
    claim = only(make.one_map(A_B, writes=["{{ run }}-{{ note.a | key }}-{{ note.b }}-{{ run }}"], params=params))
    assert claim.verdict is Verdict.PROVED


def test_two_parameters_may_be_equal() -> None:
    params = {"p": STR, "q": STR}
    program = make.program(
        [], [], [], [make.save("t", "{{ p }}.csv", params), make.save("u", "{{ q }}.csv", params)], params
    )
    verdicts = [claim.verdict for claim in decide(program)[0] if claim.step_a != claim.step_b]
    assert verdicts == [Verdict.REFUTED]


def test_a_parameter_may_complete_the_other_path() -> None:
    params = {"p": STR}
    program = make.program([], [], [], [make.save("t", "{{ p }}a", params), make.save("u", "a{{ p }}", params)], params)
    verdicts = [claim.verdict for claim in decide(program)[0] if claim.step_a != claim.step_b]
    assert Verdict.PROVED not in verdicts


def between(program: object) -> Claim:
    claims, _ = decide(program)  # type: ignore[arg-type]
    (claim,) = [claim for claim in claims if claim.step_a != claim.step_b]
    return claim


def two_maps(first: str, second: str, **others: object) -> object:
    of = make.split("notes", NOTE)
    one = make.task("one", {"note": NOTE}, writes=[first])
    two = make.task("two", {"note": NOTE}, writes=[second])
    steps = [make.mapped("x", one, of), make.mapped("y", two, of, **others)]
    return make.program([make.table("notes", NOTE)], [of], [one, two], steps)


def test_unordered_steps_meet_on_equal_keys() -> None:
    claim = between(two_maps("out/{{ note.id }}", "out/{{ note.id }}"))
    assert claim.verdict is Verdict.REFUTED
    assert claim.witness is not None
    assert claim.witness.left == claim.witness.right == (("id", '"o"'),)


def test_ordered_steps_may_share_files() -> None:
    assert between(two_maps("out/{{ note.id }}", "out/{{ note.id }}", depends=["x"])).rule == "P2"
    assert between(two_maps("out/{{ note.id }}", "out/{{ note.id }}", after=("x",))).rule == "P2"


def test_branches_that_exclude_each_other_may_share_files() -> None:
    condition = Const(True, STR)
    of = make.split("notes", NOTE)
    one = make.task("one", {"note": NOTE}, writes=["{{ note.id }}"])
    for expected, rule in ((False, "P2"), (True, "P8")):
        steps = [
            make.mapped("x", one, of, guards=(Guard("g", condition, True),)),
            make.mapped("y", one, of, guards=(Guard("g", condition, expected),)),
        ]
        assert between(make.program([make.table("notes", NOTE)], [of], [one], steps)).rule == rule


def test_a_step_that_may_be_left_out_orders_nothing() -> None:
    of = make.split("notes", NOTE)
    one = make.task("one", {"note": NOTE}, writes=["{{ note.id }}"])
    quiet = make.task("quiet", {"note": NOTE})
    condition = Const(True, STR)

    def chain(*middles: bool) -> Claim:
        steps = [
            make.mapped("x", one, of),
            *(
                make.mapped(f"m{number}", quiet, of, depends=["x"], guards=(Guard("g", condition, expected),))
                for number, expected in enumerate(middles)
            ),
            make.mapped("y", one, of, after=tuple(f"m{number}" for number in range(len(middles)))),
        ]
        return between(make.program([make.table("notes", NOTE)], [of], [one, quiet], steps))

    assert chain(True).verdict is Verdict.REFUTED
    assert chain(True, False).rule == "P2"


@pytest.mark.parametrize(("unique_right", "verdict"), [(True, Verdict.PROVED), (False, Verdict.CHECKED)])
def test_a_join_keeps_a_key_if_it_finds_one_row_at_most(unique_right: bool, verdict: Verdict) -> None:
    wards = make.record(Field("ward", STR, key=unique_right), Field("head", STR))
    joined = make.step("joined", Join("notes", "wards", ("ward",)))
    of = make.split("joined", NOTE)
    work = make.task("work", {"note": NOTE}, writes=["{{ note.id }}"])
    tables = [make.table("notes", NOTE), make.table("wards", wards)]
    assert only(make.program(tables, [of], [work], [joined, make.mapped("x", work, of)])).verdict is verdict


def test_rows_in_the_program_do_not_decide_about_unknown_parameters() -> None:
    params = {"p": STR}
    of = make.split("notes", NOTE)
    work = make.task("work", {"note": NOTE}, writes=["{{ note.id }}.csv"])
    steps = [make.mapped("x", work, of), make.save("t", "{{ p }}.csv", params)]
    table = make.table("notes", NOTE, [("a", "b", "c")])
    assert between(make.program([table], [of], [work], steps, params)).verdict is not Verdict.PROVED


def test_different_folders_do_not_meet() -> None:
    claim = between(two_maps("a/{{ note.id }}", "b/{{ note.id }}"))
    assert (claim.verdict, claim.rule) == (Verdict.PROVED, "P4")


@pytest.mark.parametrize(
    ("tree", "file", "verdict"),
    [
        ("out/**", "out/{{ note.id }}", Verdict.REFUTED),
        ("out/**", "outer/{{ note.id }}", Verdict.PROVED),
        ("out/sub/**", "out", Verdict.REFUTED),
        ("out/{{ note.id }}/**", "out/{{ note.id }}.md", Verdict.REFUTED),
        ("out/{{ note.id }}/**", "logs/{{ note.id }}.md", Verdict.PROVED),
        ("out", "out/sub/**", Verdict.REFUTED),
        ("**", "x", Verdict.CHECKED),
    ],
)
def test_trees(tree: str, file: str, verdict: Verdict) -> None:
    assert between(two_maps(tree, file)).verdict is verdict


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("./out//{{ note.id }}", "out/{{ note.id }}", Verdict.REFUTED),
        ("a/../out/{{ note.id }}", "out/{{ note.id }}", Verdict.REFUTED),
        ("/base/program/out/x", "out/x", Verdict.REFUTED),
        ("/base/other/out/x", "out/x", Verdict.PROVED),
        ("../program/out/x", "out/x", Verdict.REFUTED),
        ("file:///base/program/out/x", "out/x", Verdict.REFUTED),
        ("s3://bucket/x", "out/x", Verdict.PROVED),
        ("s3://bucket/x", "s3a://bucket/x", Verdict.REFUTED),
        ("ftp://host/x", "sftp://host/x", Verdict.CHECKED),
        ("out/*.md", "out/a.md", Verdict.UNDECIDED),
        ("out/*.md", "out/a.txt", Verdict.PROVED),
    ],
)
def test_one_file_under_two_names(first: str, second: str, verdict: Verdict) -> None:
    params: dict[str, object] = {}
    steps = [make.save("t", first), make.save("u", second)]
    if "note" in first + second:
        claim = between(two_maps(first, second))
    else:
        claim = between(make.program([], [], [], steps, file=Path("/base/program/x.apwa")))
    assert claim.verdict is verdict, params


def test_without_a_folder_an_absolute_path_may_be_any_relative_one() -> None:
    program = make.program([], [], [], [make.save("t", "/somewhere/out/x.csv"), make.save("u", "out/x.csv")])
    assert between(program).verdict is Verdict.CHECKED
    program = make.program([], [], [], [make.save("t", "/somewhere/out/x.csv"), make.save("u", "out/y.csv")])
    assert between(program).verdict is Verdict.PROVED


def test_a_save_is_a_write_too() -> None:
    of = make.split("notes", NOTE)
    work = make.task("work", {"note": NOTE}, writes=["out/{{ note.id }}.csv"])
    steps = [make.mapped("x", work, of), make.save("t", "out/all.csv")]
    claim = between(make.program([make.table("notes", NOTE)], [of], [work], steps))
    assert claim.verdict is Verdict.REFUTED
    assert claim.witness is not None
    assert claim.witness.left == (("id", '"all"'),)


def test_a_reader_of_what_others_write() -> None:
    program = make.one_map(NOTE, writes=["out/{{ note.id | key }}"], reads=["out/{{ note.ward | key }}"])
    claims, diagnostics = decide(program)
    assert [claim.verdict for claim in claims] == [Verdict.PROVED, Verdict.REFUTED, Verdict.PROVED]
    assert [found.code for found in diagnostics] == ["APWA304"]
    both = make.one_map(NOTE, writes=["out/{{ note.id }}"], reads=["out/{{ note.id }}"])
    assert {claim.verdict for claim in decide(both)[0]} == {Verdict.PROVED}


def test_commuting_updates() -> None:
    def verdict(*operations: str) -> Verdict:
        of = make.split("notes", NOTE)
        tasks = [
            make.task(f"t{number}", {"note": NOTE}, reduces={"s/{{ note.ward }}.json": operation})
            for number, operation in enumerate(operations)
        ]
        steps = [make.mapped(one.name, one, of) for one in tasks]
        return between(make.program([make.table("notes", NOTE)], [of], tasks, steps)).verdict

    assert verdict("sum", "sum") is Verdict.PROVED
    assert verdict("log", "log") is Verdict.PROVED
    assert verdict("sum", "max") is Verdict.REFUTED
    assert verdict("last", "last") is Verdict.REFUTED


def test_idempotent_writes_are_checked_and_reads_are_not() -> None:
    program = make.one_map(NOTE, writes=["out/{{ note.ward }}"], reads=["out/{{ note.ward }}"], idempotent=True)
    assert [claim.verdict for claim in decide(program)[0]] == [Verdict.CHECKED, Verdict.REFUTED, Verdict.PROVED]


def test_trust_covers_what_cannot_be_known_before_a_run_and_nothing_refuted() -> None:
    def of_a_merge(trust: str | None) -> Claim:
        merge = make.task("merge", {"parts": ListOf(STR)}, writes=["{{ parts | length }}.json"], trust=trust)
        reduced = make.step("r", Reduce("notes", "tree", "merge", None, 2, ()))
        return only(make.program([make.table("notes", NOTE)], [], [merge], [reduced]))

    assert of_a_merge(None).verdict is Verdict.UNDECIDED
    trusted = of_a_merge("no two parts are of one size")
    assert (trusted.verdict, trusted.reason) == (Verdict.TRUSTED, "no two parts are of one size")
    assert only(make.one_map(NOTE, writes=["{{ note.ward }}"], trust="so I say")).verdict is Verdict.REFUTED


def test_what_is_open_is_left_to_a_look_at_the_real_rows() -> None:
    claim = only(make.one_map(NOTE, writes=["{{ note.id | key | upper | lower }}"], trust="so I say"))
    assert (claim.verdict, claim.backing) == (Verdict.CHECKED, Backing.LAUNCH)


def test_rows_in_the_program_decide() -> None:
    free = make.record(Field("a", STR), Field("b", STR))
    apart = make.one_map(free, writes=["{{ note.a }}-{{ note.b }}"], rows=[("x", "y"), ("y", "x")])
    assert only(apart).verdict is Verdict.PROVED
    meeting = make.one_map(free, writes=["{{ note.a }}-{{ note.b }}"], rows=[("x-", "y"), ("z", "y"), ("x", "-y")])
    assert rows_of(only(meeting)) == {(("a", '"x-"'), ("b", '"y"')), (("a", '"x"'), ("b", '"-y"'))}


def test_a_union_may_hold_a_key_twice() -> None:
    both = make.step("both", UnionAll(("a", "b")))
    of = make.split("both", NOTE)
    work = make.task("work", {"note": NOTE}, writes=["{{ note.id }}"])
    tables = [make.table("a", NOTE), make.table("b", NOTE)]
    assert only(make.program(tables, [of], [work], [both, make.mapped("x", work, of)])).verdict is Verdict.CHECKED


@pytest.mark.parametrize(("kept", "verdict"), [("id", Verdict.PROVED), ("ward", Verdict.CHECKED)])
def test_a_key_is_followed_through_a_map(kept: str, verdict: Verdict) -> None:
    of = make.split("notes", NOTE)
    quiet = make.task("quiet", {"note": NOTE})
    first = make.mapped("clean", quiet, of, keep=(("id", Var(kept)),))
    later = make.split("clean", NOTE)
    work = make.task("work", {"note": NOTE}, writes=["{{ note.id }}"])
    steps = [first, make.mapped("x", work, later, depends=["clean"])]
    assert only(make.program([make.table("notes", NOTE)], [of, later], [quiet, work], steps)).verdict is verdict


@pytest.mark.parametrize(("strategy", "verdict"), [("tree", Verdict.REFUTED), ("fold", Verdict.PROVED)])
def test_calls_of_a_reduction(strategy: str, verdict: Verdict) -> None:
    merge = make.task("merge", {"parts": ListOf(STR)}, writes=["out/part.json"])
    reduced = make.step("r", Reduce("notes", strategy, "merge", None, 2, ()))
    assert only(make.program([make.table("notes", NOTE)], [], [merge], [reduced])).verdict is verdict


def test_what_a_tool_writes_its_agent_writes() -> None:
    of = make.split("notes", NOTE)
    work = make.task("work", {"note": NOTE}, tools=("put",))
    program = make.program([make.table("notes", NOTE)], [of], [work], [make.mapped("x", work, of)])
    for path, verdict in (("log.txt", Verdict.REFUTED), ("{{ name }}.txt", Verdict.REFUTED)):
        effects = (make.effect("write", path, {"name": STR}),)
        program.tools["put"] = Tool("put", (("name", STR),), STR, "m:f", effects, make.NOWHERE)
        claims = [claim for claim in decide(program)[0] if claim.effect_a.kind == "write"]
        assert [claim.verdict for claim in claims] == [verdict]


def test_an_expression_over_other_fields_does_not_hide_a_missing_key() -> None:
    of = make.split("notes", NOTE)
    work = make.task("work", {"title": STR, "ward": STR}, writes=["{{ title ~ ward }}"])
    steps = [make.mapped("x", work, of, {"title": Var("title"), "ward": GetField(Var("@"), "ward")})]
    program = make.program([make.table("notes", NOTE)], [of], [work], steps)
    claim = only(program)
    assert claim.verdict is Verdict.REFUTED
