"""What a tool of a server has given, as text for a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from apwa_runtime.values.text import json_text

if TYPE_CHECKING:
    from mcp.types import CallToolResult


def result_text(result: CallToolResult) -> str:
    """The texts in a result, and its value where none of them says it already."""
    told = list(_texts(result))
    value = result.structured_content
    if value is not None and not any(_says(text, value) for text in told):
        told.append(json_text(value))
    return "\n".join(told)


def _texts(result: CallToolResult) -> Iterator[str]:
    from mcp.types import EmbeddedResource, ResourceLink, TextContent, TextResourceContents

    for block in result.content:
        match block:
            case TextContent(text=text) | EmbeddedResource(resource=TextResourceContents(text=text)):
                yield text
            case ResourceLink(uri=uri):
                yield f"(a resource, {uri})"
            case _:
                yield f"({getattr(block, 'mime_type', None) or block.type}, which is not shown)"


def _says(text: str, value: dict[str, Any]) -> bool:
    """Whether a text is a value as JSON, or the one field of it in which servers wrap other values."""
    inner = next(iter(value.values())) if len(value) == 1 else value
    if text == inner:
        return True
    try:
        return json.loads(text) in (value, inner)
    except (ValueError, RecursionError):
        return False
