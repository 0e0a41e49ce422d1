"""A key that is sent without encryption (APWA534)."""

from __future__ import annotations

from collections.abc import Iterator

from apwa_lang.diagnostics.model import Diagnostic, Edit, Fix, Severity
from apwa_lang.diagnostics.registry import register
from apwa_lang.lint.examples import LIMITS, by_server
from apwa_lang.lint.paid import PRIVATE
from apwa_lang.lint.rule import rule
from apwa_lang.lint.subject import Subject, setting
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.walk import inside

KEY_IN_THE_CLEAR = register(
    "APWA534",
    "a key is sent in the clear",
    severity=Severity.WARNING,
    explanation="""
The address begins with `http://`, so whoever sees a request on its way can read the key in it. Addresses that stay
inside are not reported: this machine (`localhost`, `127.…`), private networks (`10.…`, `172.16.…` to `172.31.…`,
`192.168.…`, names that end in `.local`, `.internal` or `.lan`), and names without a dot, such as `gpu-box`, which only
a network of your own knows.
""",
    fix="Write `https://`, or ask for an address that has it.",
    bad=by_server(
        *LIMITS, model=('name: "gpt-5-mini"', 'base_url: "http://models.example.com/v1"', 'api_key: secret("KEY")')
    ),
    good=by_server(
        *LIMITS, model=('name: "gpt-5-mini"', 'base_url: "https://models.example.com/v1"', 'api_key: secret("KEY")')
    ),
)


@rule(KEY_IN_THE_CLEAR)
def find(subject: Subject) -> Iterator[Diagnostic]:
    """Each model and MCP server with a key and a public address over `http://`."""
    declared: list[ast.Model | ast.Tool] = [*subject.all(ast.Model), *subject.all(ast.Tool)]
    for node in declared:
        address = node.mcp if isinstance(node, ast.Tool) else None
        if isinstance(node, ast.Model):
            place = setting(node, "base_url")
            address = place.value if place is not None and isinstance(place.value, ast.StringLiteral) else None
        key = setting(node, "api_key") or next(_secret_headers(node), None)
        if address is None or key is None or not address.value.startswith("http://") or PRIVATE.match(address.value):
            continue
        host = address.value.removeprefix("http://").partition("/")[0]
        yield KEY_IN_THE_CLEAR.at(
            address.span,
            f"the key goes unencrypted to `{host}`",
            "`http://` is not encrypted",
            also=((key.span, "the key that is sent"),),
            help="write `https://`",
            fix=Fix("write `https://`", (Edit(address.place(0, len("http")), "https"),), safe=False),
        )


def _secret_headers(node: ast.Model | ast.Tool) -> Iterator[ast.Setting]:
    headers = setting(node, "headers")
    if headers is not None and any(call.function.text == "secret" for call in inside(headers, ast.Call)):
        yield headers
