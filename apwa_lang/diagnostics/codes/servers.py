"""Findings about MCP servers: APWA435 and APWA436.

In: the places and words of a mistake. Out: its diagnostic.
"""

from __future__ import annotations

from apwa_lang.diagnostics.model import Diagnostic
from apwa_lang.diagnostics.registry import register
from apwa_lang.syntax.nodes import Name
from apwa_lang.syntax.source import Span

ADDRESS = register(
    "APWA435",
    "no MCP server can be at this address",
    explanation="""
A server is a command, which is split as a shell would, `mcp "python3 servers/files.py"`, or a URL that starts with
`http://` or `https://`.
""",
    fix="Write the command with its quotes closed, or the whole URL.",
    bad='tool web = mcp "https:///mcp"',
    good='tool web = mcp "https://tools.example.org/mcp"',
)


def bad_address(place: Span, why: str) -> Diagnostic:
    """``why`` says what is wrong."""
    return ADDRESS.at(place, "this is neither a command nor the URL of a server", why)


SHARED = register(
    "APWA436",
    "a shared server needs a reason to trust it",
    explanation="""
Each sub-problem has a session of its own with an MCP server, and what a command starts runs once for each. With
`shared: true` all sub-problems of a worker have one session, so that what one does there another may see. Nothing can
prove that this does no harm; the author may say why.
""",
    fix='Say why with `trust: "reason"`, or leave out `shared`.',
    bad='tool files = mcp "files-server" { shared: true }',
    good='tool files = mcp "files-server" { shared: true  trust: "it keeps nothing between calls" }',
)


def shared(setting: Name) -> Diagnostic:
    """``shared`` without ``trust``."""
    return SHARED.at(
        setting.span,
        "sub-problems would share the state of this server",
        "one session for all",
        help='say why this does no harm: `trust: "reason"`; or leave out `shared`',
    )
