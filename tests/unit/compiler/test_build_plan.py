"""From typed programs to plans."""

from __future__ import annotations

import pytest
from programs import COUNTS, FIRST_PAGE, plan

from apwa_compiler.build import CompileError
from apwa_compiler.plan import (
    Limit,
    Map,
    Model,
    Policy,
    Prompt,
    Rate,
    ReadSource,
    Save,
    Scan,
    Secret,
    Task,
    TaskReduce,
    Union,
    Where,
)
from apwa_compiler.plan_json import from_json, to_json
from apwa_lang.diagnostics.model import Severity
from apwa_lang.semantics.core import Var


def problems(text: str, flow: str | None = None, params: dict[str, object] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(CompileError) as caught:
        plan(text, flow, params)
    assert all(finding.severity is Severity.ERROR for finding in caught.value.diagnostics)
    return [(finding.code, f"{finding.message}; {finding.help}") for finding in caught.value.diagnostics]


class TestTheFirstPage:
    def test_steps_and_what_they_read(self) -> None:
        built = plan(FIRST_PAGE)
        assert [(step.name, step.inputs) for step in built.steps if not isinstance(step.operation, Save)] == [
            ("notes", ()),
            ("clean", ("notes",)),
            ("digests", ("notes",)),
            ("week", ("digests",)),
        ]
        saves = [(step.inputs, step.operation) for step in built.steps if isinstance(step.operation, Save)]
        assert saves == [
            (("clean",), Save("/project/out/clean.parquet", "parquet")),
            (("week",), Save("/project/out/week.jsonl", "jsonl")),
        ]

    def test_the_table_is_read_from_the_program_s_folder(self) -> None:
        assert plan(FIRST_PAGE).step("notes").operation == Scan(ReadSource("/project/data/notes.jsonl", "jsonl"))

    def test_operations(self) -> None:
        built = plan(FIRST_PAGE)
        clean = built.step("clean").operation
        assert isinstance(clean, Map)
        assert clean.arguments == (("note", Var("@")),)
        assert clean.keep == (("id", Var("id")), ("ward", Var("ward")))
        assert (clean.split.rule, clean.split.identity) == ("row", ("id",))
        assert built.step("week").operation == TaskReduce("tree", "merge", 8)

    def test_the_model_s_secrets_stay_names(self) -> None:
        (model,) = plan(FIRST_PAGE).models
        settings = dict(model.settings)
        assert isinstance(model, Model)
        assert settings["api_key"] == Secret("LLM_KEY", True)
        assert settings["base_url"] == Secret("LLM_URL", False)
        assert settings["rate"] == Rate(600, 60.0)
        assert settings["price"] == {"input": 0.15, "output": 0.6}

    def test_tasks(self) -> None:
        redact = plan(FIRST_PAGE).task("redact")
        assert isinstance(redact, Task)
        assert redact.policy == Policy(retry=3, backoff=0.5, timeout=30.0, on_error="quarantine")
        assert [contract.text for contract in redact.ensures] == ['"@" not in result.text']
        assert isinstance(redact.body, Prompt)
        assert redact.body.template.startswith("Replace every piece")

    def test_it_survives_json(self) -> None:
        assert from_json(to_json(plan(FIRST_PAGE))) == plan(FIRST_PAGE)


class TestChoosingTheFlow:
    TWO = COUNTS + 'flow a { save counts to "a.csv" } flow b { save counts to "b.csv" }'

    def test_the_only_flow_and_main_are_defaults(self) -> None:
        assert plan(COUNTS + 'flow only { save counts to "a.csv" }').flow == "only"
        assert plan(self.TWO + 'flow main { save counts to "m.csv" }').flow == "main"

    def test_a_flow_is_chosen_by_name(self) -> None:
        assert plan(self.TWO, "b").flow == "b"

    def test_several_flows_ask_for_a_choice(self) -> None:
        assert problems(self.TWO) == [
            ("APWA904", "the program has `a` and `b`, and none was chosen; choose one: `--flow a`")
        ]

    def test_a_mistyped_flow_is_recognised(self) -> None:
        text = COUNTS + 'flow weekly { save counts to "a.csv" }'
        assert problems(text, "wekly") == [("APWA903", "no flow is named `wekly`; did you mean `weekly`?")]

    def test_a_program_without_flows(self) -> None:
        assert problems(COUNTS)[0][0] == "APWA902"


class TestParameters:
    TEXT = (
        COUNTS
        + """
    param least: int
    param style: str = "s"
    flow main { x = counts where words > least save x to "{{ style }}.csv" }
    """
    )

    def test_text_is_read_by_the_parameter_s_type(self) -> None:
        built = plan(self.TEXT, params={"least": "4"})
        assert [(item.name, item.value) for item in built.parameters] == [("least", 4), ("style", "s")]

    def test_save_paths_are_rendered(self) -> None:
        built = plan(self.TEXT, params={"least": 4, "style": "full"})
        assert [step.operation.path for step in built.steps if isinstance(step.operation, Save)] == [
            "/project/full.csv"
        ]

    def test_all_that_is_wrong_is_said_at_once(self) -> None:
        assert problems(self.TEXT, params={"lest": "4", "style": 5}) == [
            ("APWA907", "no parameter is named `lest`; did you mean `least`?"),
            ("APWA905", "parameter `least` needs a value; pass `--param least=…`"),
            ("APWA906", "the value of parameter `style` does not fit: 5 is not text; None"),
        ]


class TestBranches:
    TEXT = (
        COUNTS
        + """
    param deep: bool
    flow main {
      if (deep) { grown = map grow over each save grown to "grown.csv" }
      else { few = counts limit 1 save few to "few.csv" }
      save counts to "counts.csv"
    }
    """
    )

    @pytest.mark.parametrize(("deep", "made"), [(True, "grown"), (False, "few")])
    def test_only_the_taken_branch_is_planned(self, deep: bool, made: str) -> None:
        built = plan(self.TEXT, params={"deep": deep})
        names = {step.name for step in built.steps}
        assert made in names
        assert not {"grown", "few"} - {made} & names
        assert [task.name for task in built.tasks] == (["grow"] if deep else [])


def test_a_limit_is_worked_out_from_parameters() -> None:
    text = COUNTS + 'param few: int = 2 flow main { x = counts limit few * 3 save x to "x.csv" }'
    assert plan(text).step("x").operation == Limit(6)


def test_what_is_not_lowered_stops_only_the_flow_that_uses_it() -> None:
    text = (
        COUNTS
        + """
    task total(count: Count) -> int { return: 1  reduces: { "stats/{{ count.id }}.json": sum } }
    flow plain { save counts to "a.csv" }
    flow summed { totals = map total over each }
    """
    )
    assert plan(text, "plain").flow == "plain"
    assert [code for code, _ in problems(text, "summed")] == ["APWA901"]


def test_a_query_is_worked_out_after_the_tables_that_it_reads() -> None:
    text = (
        COUNTS
        + """
    table few: Count = sql "select * from many limit 3"
    table many: Count = sql "select c.* from counts c join counts using (id)"
    flow main { save few to "a.csv" }
    """
    )
    steps = {step.name: step.inputs for step in plan(text).steps}
    assert steps == {"counts": (), "many": ("counts",), "few": ("many",), "save_few": ("few",)}
    assert list(steps) == ["counts", "many", "few", "save_few"]


def test_an_unread_table_is_not_in_the_plan() -> None:
    built = plan(COUNTS + 'table other: Count = read "gone.csv" flow main { save counts to "a.csv" }')
    assert "other" not in {step.name for step in built.steps}


@pytest.mark.parametrize("deep", [True, False])
def test_what_both_branches_make_is_read_from_the_one_that_is_taken(deep: bool) -> None:
    text = (
        COUNTS
        + """
    param deep: bool
    flow main {
      if (deep) { x = counts where words > 1 } else { x = counts limit 1 }
      save x to "x.csv"
    }
    """
    )
    built = plan(text, params={"deep": deep})
    (merged,) = [step for step in built.steps if isinstance(step.operation, Union)]
    (taken,) = merged.inputs
    assert isinstance(built.step(taken).operation, Where if deep else Limit)
    assert len(built.steps) == 4
