"""LangGraph: one ``Send`` a record, the node asks through one aiohttp session."""

from __future__ import annotations

import asyncio
import operator
from pathlib import Path
from typing import Annotated, Any, TypedDict

import aiohttp
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from benchmarks.rivals import task_of
from benchmarks.work import label_from, read_notes, request, write_labels


class State(TypedDict):
    notes: list[dict[str, str]]
    labels: Annotated[list[dict[str, Any]], operator.add]


async def main() -> None:
    url, concurrency = task_of()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=concurrency)) as session:

        async def classify(note: dict[str, str]) -> dict[str, Any]:
            async with session.post(f"{url}/chat/completions", json=request(note)) as response:
                response.raise_for_status()
                return {"labels": [label_from(note, await response.read())]}

        graph = StateGraph(State)
        graph.add_node("classify", classify)
        graph.add_conditional_edges(START, lambda state: [Send("classify", note) for note in state["notes"]])
        graph.add_edge("classify", END)
        start: Any = {"notes": list(read_notes(Path())), "labels": []}
        end = await graph.compile().ainvoke(start, {"max_concurrency": concurrency})
    write_labels(Path(), end["labels"])


asyncio.run(main())
