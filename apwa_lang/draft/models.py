"""The model of a draft, as the command line names it.

In: ``openai:NAME``, ``anthropic:NAME``, ``local``, ``local:FILE.gguf`` or ``PROGRAM.apwa[:NAME]``, and what goes with
it. Out: its declaration, which the drafted program has too. Keys stand in the environment; a declaration names the
variable.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from apwa_lang.draft.declare import quoted, seen_from
from apwa_lang.draft.offer import Declaration, OfferError
from apwa_lang.syntax import nodes as ast
from apwa_lang.syntax.parser import parse
from apwa_lang.syntax.source import Source

NAME = "llm"
"""What a model is called that is not declared in a file."""
_SERVERS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_FORMS = "openai:NAME, anthropic:NAME, local, local:FILE.gguf or PROGRAM.apwa:NAME"


@dataclass(frozen=True, slots=True)
class Given:
    """What the command line says of a model."""

    model: str
    base_url: str | None = None
    key_variable: str | None = None


def model_declaration(given: Given, folder: Path) -> Declaration:
    """The declaration, for a program in ``folder``. Raises OfferError."""
    kind, colon, rest = given.model.partition(":")
    if kind in _SERVERS and rest:
        return _server(kind, rest, given)
    if given.base_url is not None or given.key_variable is not None:
        raise OfferError("--base-url and --api-key-env go with a model of a server, openai:NAME or anthropic:NAME")
    if kind == "local" and (rest or not colon):
        place = seen_from(folder, str(Path(rest).expanduser()), Path.cwd())
        path = f"\n  path: {quoted(place)}" if rest else ""
        return Declaration("model", NAME, f'model {NAME} {{\n  provider: "local"{path}\n}}')
    file, _, name = given.model.rpartition(":") if ".apwa:" in given.model else (given.model, "", "")
    if not file.endswith(".apwa"):
        raise OfferError(f"--model takes {_FORMS}, not `{given.model}`")
    return _declared(file, name, folder)


def _server(provider: str, name: str, given: Given) -> Declaration:
    lines = [f'provider: "{provider}"', f"name: {quoted(name)}"]
    variable = given.key_variable
    if given.base_url is not None:
        _check_url(given.base_url)
        lines.append(f"base_url: {quoted(given.base_url)}")
    elif variable is None:
        variable = _SERVERS[provider]
    if variable is not None:
        lines.append(f"api_key: secret({quoted(variable)})")
    return Declaration("model", NAME, "\n  ".join([f"model {NAME} {{", *lines]) + "\n}")


def _check_url(url: str) -> None:
    """Raises OfferError for an address that is none, or that holds what a program should not."""
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        open_secret = parts.username is not None or bool(parts.query)
    except ValueError:
        is_address = open_secret = False
    if open_secret:
        raise OfferError(
            "--base-url: the address would stand in the program with its password or query; "
            "put the key into a variable and name that by --api-key-env"
        )
    if not is_address:
        raise OfferError("--base-url must look like https://host/v1")


def _declared(file: str, name: str, folder: Path) -> Declaration:
    """A model that a program declares."""
    path = Path(file)
    try:
        source = Source(path.read_text(encoding="utf-8-sig"), file, path.resolve())
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "not UTF-8 text"
        raise OfferError(f"--model: cannot read `{file}`: {reason}") from None
    module, _ = parse(source)
    models = {one.name.text: one for one in module.declarations if isinstance(one, ast.Model)}
    if name not in models if name else len(models) != 1:
        known = ", ".join(models) or "none"
        raise OfferError(f"--model: name one of the models in `{file}`, as {file}:NAME; there are: {known}")
    node = models[name] if name else next(iter(models.values()))
    settings = {setting.name.text: setting.value for setting in node.settings}
    if isinstance(settings.get("provider"), ast.PythonReference) and path.resolve().parent != folder:
        raise OfferError(f"--model: `{node.name.text}` is made by a module beside `{file}`; write the draft there")
    text, where = node.span.text, settings.get("path")
    if isinstance(where, ast.StringLiteral):
        start = node.span.start
        place = quoted(seen_from(folder, where.value, path.resolve().parent))
        text = text[: where.span.start - start] + place + text[where.span.end - start :]
    return Declaration("model", node.name.text, text)
