"""Every request that the server offers, at places chosen by chance.

In: a server, open files. Out: answers, each looked at as an editor would, which refuses places that are not in the
text, symbols without a name, edits that overlap. Raises TroubleError.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from benchmarks.edits.buffer import Buffer, PlaceError, Text, edited
from benchmarks.edits.connection import Server, TroubleError

_FAR = 2**31 - 1
_INVALID_PARAMS = -32602
_OUTDATED = (-32801, -32802)
_REQUEST_FAILED = -32803
_NAMES = ("renamed", "x", "note", "task", "1x", "", "é", "a b", "result")
_TRIGGERS = (".", "@", ":", '"', "{", "|", "[", "/", "(", ",", " ", "%")
_KINDS = (None, ["quickfix"], ["refactor"], ["source.fixAll.apwa"], ["source"], [])
_FORMAT = {"tabSize": 4, "insertSpaces": True}

Question = tuple[str, dict[str, Any], Callable[[Any], None]]
"""A method, its parameters, and what looks at the answer."""


class Asker:
    """Asks about the open files; ``pulled`` are those whose findings have been asked for, if it ``pulls`` those.

    ``edits`` are what answers offered to change since it was emptied last.
    """

    def __init__(self, server: Server, buffers: Mapping[str, Buffer], *, pulls: bool) -> None:
        self.edits: list[dict[str, Any]] = []
        self.pulled: set[str] = set()
        self._server = server
        self._buffers = buffers
        self._pulls = pulls
        self._tokens: dict[str, tuple[str, list[int]]] = {}
        self._results: dict[str, str] = {}
        missing = {name for name in server.capabilities if name.endswith("Provider")} - {"workspaceSymbolProvider"}
        missing -= _OFFERS.keys()
        if missing:
            raise TroubleError(f"nobody here asks about {', '.join(sorted(missing))}")

    def forget(self, uri: str) -> None:
        """The file has been closed."""
        self.pulled.discard(uri)
        self._tokens.pop(uri, None)

    def ask(self, buffer: Buffer, rng: random.Random) -> str:
        """Ask something about a file; what was asked. Raises TroubleError."""
        method, parameters, look = self._question(buffer, rng)
        number = self._server.request(method, parameters)
        cancelled = rng.random() < 0.05
        if cancelled:
            self._server.cancel(number)
        self._look(number, method, parameters, look, cancelled)
        return method

    def send(self, buffer: Buffer, rng: random.Random) -> int:
        """Ask something without waiting; the request's number. Its answer may be about a text that is no more."""
        method, parameters, _ = self._question(buffer, rng)
        number = self._server.request(method, parameters)
        if rng.random() < 0.3:
            self._server.cancel(number)
        return number

    def taken(self, number: int) -> None:
        """Wait for the answer to what was sent. Raises TroubleError."""
        self._server.answer(number, refusals=(_INVALID_PARAMS, _REQUEST_FAILED, *_OUTDATED), cancelled=True)

    def findings(self, uri: str) -> list[dict[str, Any]]:
        """What the server answers to a client that asks for the findings of a file. Raises TroubleError."""
        self.pulled.add(uri)
        answer = self._server.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        items: list[dict[str, Any]] = answer["items"]
        return items

    def everything(self) -> dict[str, list[dict[str, Any]]]:
        """What the server answers to a client that asks for all findings. Raises TroubleError."""
        answer = self._server.ask("workspace/diagnostic", {"previousResultIds": []})
        return {report["uri"]: report["items"] for report in answer["items"]}

    def formatted(self, buffer: Buffer) -> list[dict[str, Any]]:
        """What formatting changes. Raises TroubleError."""
        parameters = {"textDocument": {"uri": buffer.uri}, "options": _FORMAT}
        edits: list[dict[str, Any]] | None = self._server.ask("textDocument/formatting", parameters)
        return edits or []

    def _question(self, buffer: Buffer, rng: random.Random) -> Question:
        return rng.choice(_QUESTIONS)(self, buffer, rng)

    def _look(
        self, number: int, method: str, parameters: dict[str, Any], look: Callable[[Any], None], cancelled: bool
    ) -> None:
        refusals = {"workspace/executeCommand": (_INVALID_PARAMS,)}.get(method, ())
        if "rename" in method.lower():
            refusals = (_REQUEST_FAILED,)
        try:
            answer = self._server.answer(number, refusals=refusals, cancelled=cancelled)
            if answer is not None:
                look(answer)
        except (PlaceError, TroubleError, KeyError, TypeError, IndexError) as error:
            asked = json.dumps(parameters, ensure_ascii=True)
            raise TroubleError(f"{method} {asked}: {type(error).__name__}: {error}") from error

    def _hover(self, buffer: Buffer, rng: random.Random) -> Question:
        return "textDocument/hover", _at(buffer, rng), lambda answer: _some(buffer.span(answer["range"]))

    def _complete(self, buffer: Buffer, rng: random.Random) -> Question:
        parameters = _at(buffer, rng)
        if rng.random() < 0.5:
            parameters["context"] = {"triggerKind": 2, "triggerCharacter": rng.choice(_TRIGGERS)}

        def look(answer: Any) -> None:
            for item in answer["items"]:
                insert, replace = (buffer.span(item["textEdit"][name]) for name in ("insert", "replace"))
                _require(item["label"] and replace[0] == insert[0] and insert[1] <= replace[1], f"strange: {item}")
                _require(len(set(map(buffer.line, (*insert, *replace)))) == 1, f"more than one line: {item}")

        return "textDocument/completion", parameters, look

    def _signature(self, buffer: Buffer, rng: random.Random) -> Question:
        def look(answer: Any) -> None:
            _require(0 <= answer["activeSignature"] < len(answer["signatures"]), "no such signature")

        return "textDocument/signatureHelp", _at(buffer, rng), look

    def _definition(self, buffer: Buffer, rng: random.Random) -> Question:
        method = rng.choice(("definition", "declaration", "typeDefinition"))
        return f"textDocument/{method}", _at(buffer, rng), lambda answer: self._places(answer, buffer)

    def _references(self, buffer: Buffer, rng: random.Random) -> Question:
        parameters = {**_at(buffer, rng), "context": {"includeDeclaration": rng.random() < 0.5}}
        return "textDocument/references", parameters, lambda answer: self._places(answer, buffer)

    def _highlights(self, buffer: Buffer, rng: random.Random) -> Question:
        def look(answer: Any) -> None:
            for each in answer:
                _some(buffer.span(each["range"]))

        return "textDocument/documentHighlight", _at(buffer, rng), look

    def _rename(self, buffer: Buffer, rng: random.Random) -> Question:
        if rng.random() < 0.3:
            return "textDocument/prepareRename", _at(buffer, rng), lambda answer: _some(buffer.span(answer["range"]))
        return "textDocument/rename", {**_at(buffer, rng), "newName": rng.choice(_NAMES)}, self._edit

    def _symbols(self, buffer: Buffer, rng: random.Random) -> Question:
        if rng.random() < 0.2:
            query = rng.choice(("", "a", "note", "é", "("))
            return "workspace/symbol", {"query": query}, lambda answer: self._places(answer, buffer)

        def look(answer: Any) -> None:
            for symbol in answer:
                _require(symbol["name"], f"a symbol without a name: {symbol}")
                _within(buffer, symbol["selectionRange"], symbol["range"])
                look(symbol.get("children") or [])

        return "textDocument/documentSymbol", _of(buffer), look

    def _tokens_of(self, buffer: Buffer, rng: random.Random) -> Question:
        known = self._tokens.get(buffer.uri)
        if rng.random() < 0.2:
            parameters = {**_of(buffer), "range": _range(buffer, rng)}
            return "textDocument/semanticTokens/range", parameters, lambda answer: _tokens(buffer, answer["data"])
        if known is None or rng.random() < 0.2:
            return "textDocument/semanticTokens/full", _of(buffer), lambda answer: self._keep(buffer, answer)
        parameters = {**_of(buffer), "previousResultId": known[0]}
        return "textDocument/semanticTokens/full/delta", parameters, lambda answer: self._keep(buffer, answer)

    def _keep(self, buffer: Buffer, answer: Any) -> None:
        if "edits" in answer:
            data = list(self._tokens[buffer.uri][1])
            for edit in sorted(answer["edits"], key=lambda edit: -int(edit["start"])):
                data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit.get("data") or []
        else:
            data = answer["data"]
        self._tokens[buffer.uri] = answer["resultId"], data
        _tokens(buffer, data)

    def _folding(self, buffer: Buffer, rng: random.Random) -> Question:
        def look(answer: Any) -> None:
            for fold in answer:
                _require(0 <= fold["startLine"] <= fold["endLine"] < len(buffer.starts), f"strange: {fold}")

        return "textDocument/foldingRange", _of(buffer), look

    def _selections(self, buffer: Buffer, rng: random.Random) -> Question:
        places = [_at(buffer, rng)["position"] for _ in range(rng.randint(1, 3))]

        def look(answer: Any) -> None:
            _require(len(answer) == len(places), "not one for each place")
            for selection in answer:
                while (parent := selection.get("parent")) is not None:
                    _within(buffer, selection["range"], parent["range"])
                    selection = parent

        return "textDocument/selectionRange", {**_of(buffer), "positions": places}, look

    def _formatting(self, buffer: Buffer, rng: random.Random) -> Question:
        parameters = {**_of(buffer), "options": _FORMAT}
        if rng.random() < 0.5:
            parameters["range"] = _range(buffer, rng)
            return "textDocument/rangeFormatting", parameters, lambda answer: _some(edited(buffer, answer))
        return "textDocument/formatting", parameters, lambda answer: _some(edited(buffer, answer))

    def _hints(self, buffer: Buffer, rng: random.Random) -> Question:
        def look(answer: Any) -> None:
            for hint in answer:
                buffer.offset(hint["position"])

        return "textDocument/inlayHint", {**_of(buffer), "range": _range(buffer, rng)}, look

    def _lenses(self, buffer: Buffer, rng: random.Random) -> Question:
        def look(answer: Any) -> None:
            for lens in answer:
                _require(lens["command"]["title"] and lens["range"]["start"] and buffer.span(lens["range"]), "strange")

        return "textDocument/codeLens", _of(buffer), look

    def _links(self, buffer: Buffer, rng: random.Random) -> Question:
        def look(answer: Any) -> None:
            for link in answer:
                _require(path_of(link["target"]).exists() and buffer.span(link["range"]), f"strange: {link}")

        return "textDocument/documentLink", _of(buffer), look

    def _actions(self, buffer: Buffer, rng: random.Random) -> Question:
        context: dict[str, Any] = {"diagnostics": []}
        if (only := rng.choice(_KINDS)) is not None:
            context["only"] = only
        found = self._server.published.get(buffer.uri, (None, []))[1]
        wanted = rng.choice(found)["range"] if found and rng.random() < 0.5 else _range(buffer, rng)

        def look(answer: Any) -> None:
            for action in answer:
                _require(action["title"], "an action without a title")
                self._edit(action["edit"])

        return "textDocument/codeAction", {**_of(buffer), "range": wanted, "context": context}, look

    def _draw(self, buffer: Buffer, rng: random.Random) -> Question:
        arguments = [buffer.uri, rng.choice(("main", "other")), rng.choice(("mermaid", "svg"))]
        command = {"command": "apwa.draw", "arguments": arguments}
        return "workspace/executeCommand", command, lambda answer: _require(answer, "no drawing")

    def _calls(self, buffer: Buffer, rng: random.Random) -> Question:
        def look(answer: Any) -> None:
            for item in answer:
                self._item(item)
                for call in self._server.ask("callHierarchy/incomingCalls", {"item": item}) or []:
                    self._item(call["from"])
                    self._ranges(call["from"]["uri"], call["fromRanges"])
                for call in self._server.ask("callHierarchy/outgoingCalls", {"item": item}) or []:
                    self._item(call["to"])
                    self._ranges(item["uri"], call["fromRanges"])

        return "textDocument/prepareCallHierarchy", _at(buffer, rng), look

    def _pull(self, buffer: Buffer, rng: random.Random) -> Question:
        if not self._pulls or rng.random() < 0.3:
            known = [{"uri": uri, "value": value} for uri, value in self._results.items()]

            def look_at_all(answer: Any) -> None:
                for report in answer["items"]:
                    self._report(report["uri"], report)

            return "workspace/diagnostic", {"previousResultIds": known}, look_at_all
        parameters = _of(buffer)
        self.pulled.add(buffer.uri)
        if buffer.uri in self._results:
            parameters["previousResultId"] = self._results[buffer.uri]
        return "textDocument/diagnostic", parameters, lambda answer: self._report(buffer.uri, answer)

    def _report(self, uri: str, report: Any) -> None:
        self._results[uri] = report["resultId"]
        for finding in report.get("items", ()):
            self._ranges(uri, [finding["range"]])
            for other in finding.get("relatedInformation") or ():
                self._ranges(other["location"]["uri"], [other["location"]["range"]])

    def _item(self, item: Any) -> None:
        _require(item["name"], "an item without a name")
        text = self.text(item["uri"])
        _within(text, item["selectionRange"], item["range"])

    def _ranges(self, uri: str, ranges: list[Any]) -> None:
        for range in ranges:
            self.text(uri).span(range)

    def _places(self, answer: Any, buffer: Buffer) -> None:
        """Locations, links and symbols."""
        for each in answer:
            if "targetUri" in each:
                self._ranges(each["targetUri"], [each["targetRange"]])
                _within(self.text(each["targetUri"]), each["targetSelectionRange"], each["targetRange"])
                buffer.span(each["originSelectionRange"])
            else:
                place = each.get("location", each)
                self._ranges(place["uri"], [place["range"]])

    def _edit(self, edit: Any) -> None:
        """An edit of the workspace, which is kept for who wants to apply it."""
        made = set()
        for uri, edits in (edit.get("changes") or {}).items():
            edited(self.text(uri), edits)
        for change in edit.get("documentChanges") or ():
            if change.get("kind") == "create":
                made.add(change["uri"])
                continue
            uri, version = change["textDocument"]["uri"], change["textDocument"].get("version")
            if uri not in made:
                edited(self.text(uri), change["edits"])
            if uri in self._buffers:
                _require(version in (None, self._buffers[uri].version), f"the version is {version}")
        self.edits.append(edit)

    def text(self, uri: str) -> Text:
        """A file as it is in the editor, else on disk. Raises TroubleError."""
        if (buffer := self._buffers.get(uri)) is not None:
            return buffer
        try:
            return Text(path_of(uri).read_bytes().decode("utf-8-sig", "replace"))
        except OSError as error:
            raise TroubleError(f"a place in a file that cannot be read: {error}") from None


def path_of(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _of(buffer: Buffer) -> dict[str, Any]:
    return {"textDocument": {"uri": buffer.uri}}


def _at(buffer: Buffer, rng: random.Random) -> dict[str, Any]:
    """A place: mostly one that is there."""
    place = buffer.position(rng.randint(0, len(buffer.text)))
    if rng.random() < 0.03:
        place = {"line": rng.choice((place["line"], len(buffer.starts), _FAR)), "character": rng.choice((0, 999, _FAR))}
    return {**_of(buffer), "position": place}


def _range(buffer: Buffer, rng: random.Random) -> dict[str, dict[str, int]]:
    start = rng.randint(0, len(buffer.text))
    end = rng.choice((start, len(buffer.text), rng.randint(start, len(buffer.text))))
    return buffer.range(start, end)


def _require(holds: object, otherwise: str) -> None:
    if not holds:
        raise TroubleError(otherwise)


def _some(_: object) -> None:
    """A place that could be found."""


def _within(text: Text, inner: Any, outer: Any) -> None:
    start, end = text.span(inner)
    around = text.span(outer)
    _require(around[0] <= start and end <= around[1], f"{inner} is not in {outer}")


def _tokens(buffer: Buffer, data: list[int]) -> None:
    """Each token in its line, and behind the one before."""
    _require(len(data) % 5 == 0, "not five numbers for each token")
    line = character = 0
    spans = []
    for down, right, width, _, _ in zip(*[iter(data)] * 5, strict=True):
        line, character = line + down, right if down else character + right
        start = {"line": line, "character": character}
        spans.append(buffer.span({"start": start, "end": {"line": line, "character": character + width}}))
    for one, other in pairwise(spans):
        _require(one[0] < one[1] <= other[0], f"tokens at {one} and {other}")


_OFFERS: dict[str, Callable[[Asker, Buffer, random.Random], Question]] = {
    "hoverProvider": Asker._hover,
    "completionProvider": Asker._complete,
    "signatureHelpProvider": Asker._signature,
    "declarationProvider": Asker._definition,
    "definitionProvider": Asker._definition,
    "typeDefinitionProvider": Asker._definition,
    "referencesProvider": Asker._references,
    "documentHighlightProvider": Asker._highlights,
    "documentSymbolProvider": Asker._symbols,
    "codeActionProvider": Asker._actions,
    "codeLensProvider": Asker._lenses,
    "documentLinkProvider": Asker._links,
    "documentFormattingProvider": Asker._formatting,
    "documentRangeFormattingProvider": Asker._formatting,
    "renameProvider": Asker._rename,
    "foldingRangeProvider": Asker._folding,
    "selectionRangeProvider": Asker._selections,
    "executeCommandProvider": Asker._draw,
    "callHierarchyProvider": Asker._calls,
    "semanticTokensProvider": Asker._tokens_of,
    "inlayHintProvider": Asker._hints,
    "diagnosticProvider": Asker._pull,
}
_QUESTIONS = tuple(dict.fromkeys(_OFFERS.values()))
