"""Plans as Mermaid text and as SVG."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plans import mapped, more_than, save, small, step, wards

from apwa_compiler.emit.layout import layout
from apwa_compiler.emit.mermaid import mermaid
from apwa_compiler.emit.svg import svg
from apwa_compiler.plan import FilesSource, Plan, Scan

SVG = "{http://www.w3.org/2000/svg}"


def test_mermaid_has_a_node_a_step_and_an_edge_a_dependency() -> None:
    text = mermaid(wards())
    assert text.startswith("flowchart TD\n")
    assert '  s0[("<b>notes</b><br>read notes.jsonl<br>Note")]:::table\n' in text
    assert "  s2 --> s3\n" in text
    assert "  s1 -.-> s5\n" in text
    assert len(re.findall(r":::", text)) == len(wards().steps)


def test_mermaid_escapes_what_it_would_read_itself() -> None:
    odd = replace(small().steps[0], operation=Scan(FilesSource('<b>"#1"</b>', "/")))
    text = mermaid(replace(small(), steps=(odd,)))
    assert "files #lt;b#gt;#quot;#35;1#quot;#lt;/b#gt;" in text


def test_svg_is_one_box_a_step_and_one_path_a_dependency() -> None:
    root = ElementTree.fromstring(svg(wards()))
    drawing = root.find(f"{SVG}g")
    assert drawing is not None
    assert len(drawing.findall(f"{SVG}rect")) == len(wards().steps)
    paths = drawing.findall(f"{SVG}path")
    assert len(paths) == 6
    assert [path.get("class") for path in paths].count("e w") == 1
    words = {text.text for text in root.iter(f"{SVG}text")}
    assert {"notes", "map redact by row", "Digest", "table", "reduce"} <= words
    assert "relation" not in words


def test_svg_escapes_text() -> None:
    odd = replace(small().steps[0], operation=Scan(FilesSource("<script>&", "/")))
    text = svg(replace(small(), steps=(odd,), program='a"<b>.apwa'))
    assert "<script>" not in text
    assert any(word.text == "files <script>&" for word in ElementTree.fromstring(text).iter(f"{SVG}text"))


def test_equal_plans_are_drawn_alike() -> None:
    assert svg(wards()) == svg(wards())


def test_an_empty_plan_is_drawn() -> None:
    assert ElementTree.fromstring(svg(replace(small(), steps=()))) is not None


def many() -> Plan:
    steps = [step("step_0", more_than(0), "counts")]
    for number in range(1, 30):
        source = f"step_{number // 2}"
        steps.append(step(f"step_{number}", mapped("f", source), source, after=("counts",)))
    return small(*steps, save("step_29"))


def boxes(text: str) -> list[tuple[float, float, float, float]]:
    drawing = ElementTree.fromstring(text).find(f"{SVG}g")
    assert drawing is not None
    return [
        tuple(float(box.get(name, "")) for name in ("x", "y", "width", "height"))  # type: ignore[misc]
        for box in drawing.findall(f"{SVG}rect")
    ]


@pytest.mark.parametrize("plan", [wards(), many()])
def test_boxes_never_overlap_and_lie_inside(plan: Plan) -> None:
    placed = boxes(svg(plan))
    for index, (x, y, width, height) in enumerate(placed):
        assert x >= 0
        assert y >= 0
        for left, top, other_width, other_height in placed[:index]:
            beside = x + width <= left or left + other_width <= x
            assert beside or y + height <= top or top + other_height <= y


def _downwards(edge: tuple[int, int]) -> bool:
    return edge[0] < edge[1]


GRAPHS = st.integers(1, 14).flatmap(
    lambda count: st.tuples(
        st.lists(st.floats(40, 300), min_size=count, max_size=count),
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(_downwards)),
    )
)


@given(GRAPHS)
def test_any_graph_is_laid_out_downwards_without_overlap(graph: tuple[list[float], list[tuple[int, int]]]) -> None:
    widths, edges = graph
    laid = layout(widths, 50, edges)
    for start, end in edges:
        assert laid.top[start] + 50 < laid.top[end]
    for index, width in enumerate(widths):
        assert laid.left[index] >= -0.1
        assert laid.left[index] + width <= laid.width + 0.1
        for other in range(index):
            if laid.top[other] == laid.top[index]:
                left, right = sorted((index, other), key=lambda box: laid.left[box])
                assert laid.left[left] + widths[left] < laid.left[right]
