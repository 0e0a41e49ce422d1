"""Messages between client and server.

In: bytes of a client. Out: calls of handlers, and their answers. What is no message, or comes when it may not, is
answered as JSON-RPC and the protocol have it where it wants an answer, and else left alone; the server goes on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NoReturn

from cattrs import transform_error
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCRequestMessage, MsgId

if TYPE_CHECKING:
    from pygls.io_ import AsyncReader

_LENGTH = b"content-length"


async def serve(reader: AsyncReader, protocol: Protocol) -> None:
    """Handle messages until there are no more."""
    while True:
        try:
            length = await _header(reader)
            body = b"" if length is None else await reader.readexactly(length)
        except (EOFError, ConnectionError):
            return
        if length is None:
            protocol.refuse(None, JsonRpcParseError("a message begins with `Content-Length: `, a number of bytes"))
        elif len(body) < length:
            return
        else:
            protocol.take(body)


async def _header(reader: AsyncReader) -> int | None:
    """The length of the message that follows; None where the header does not say. Raises EOFError at the end."""
    length = None
    while line := await reader.readline():
        if not line.strip():
            return length
        name, _, value = line.partition(b":")
        if name.strip().lower() == _LENGTH and value.strip().isdigit():
            length = int(value)
    raise EOFError


class Protocol(LanguageServerProtocol):
    """pygls's protocol, which writes a traceback for whatever a client does not do right, and ends for some of it."""

    def take(self, body: bytes) -> None:
        """Handle one message."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self.refuse(None, JsonRpcParseError(f"the message is not JSON: {error}"))
            return
        if not _is_message(message):
            self.refuse(
                None, JsonRpcInvalidRequest('a message is one object with `"jsonrpc": "2.0"`; there are no batches')
            )
        elif "method" not in message:
            if message["id"] in self._request_futures:
                self.handle_message(self.structure_message(message))
        elif "id" in message:
            self._request(message)
        else:
            self._notification(message)

    def refuse(self, number: MsgId | None, error: JsonRpcException) -> None:
        """Answer with an error; to a message without a number that can be told, as to none."""
        # The class of pygls leaves a null out, and a client must be able to tell the answer from a request.
        told = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": self.VERSION, "id": number, "error": told})

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Give up what is still to be answered, which pygls itself cannot where that is more than one thing."""
        for number, future in tuple(self._request_futures.items()):
            if number != self.msg_id:
                future.cancel()
        yield from super().lsp_shutdown(*args)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> NoReturn:
        """End the process. The connection ends with it: answers that are due may still be written."""
        sys.exit(0 if self._shutdown else 1)

    def _request(self, message: dict[str, Any]) -> None:
        number, method = message["id"], message["method"]
        message.setdefault("params", None)
        if self._shutdown:
            self.refuse(number, JsonRpcInvalidRequest("the server is shutting down"))
        elif self._workspace is None and method != types.INITIALIZE:
            self.refuse(number, JsonRpcServerNotInitialized("the first request is `initialize`"))
        elif self._workspace is not None and method == types.INITIALIZE:
            self.refuse(number, JsonRpcInvalidRequest("the server is initialized already"))
        else:
            try:
                request = self._converter.structure(message, self.get_message_type(method) or JsonRPCRequestMessage)
            except Exception as error:
                self.refuse(number, JsonRpcInvalidParams(_told(method, error)))
                return
            self.handle_message(request)

    def _notification(self, message: dict[str, Any]) -> None:
        method = message["method"]
        message.setdefault("params", None)
        wanted = method == types.EXIT or (self._workspace is not None and not self._shutdown)
        if not wanted:
            return
        try:
            notification = self._converter.structure(message, self.get_message_type(method) or JsonRPCNotification)
        except Exception as error:
            told = types.LogMessageParams(types.MessageType.Error, _told(method, error))
            self.notify(types.WINDOW_LOG_MESSAGE, told)
            return
        self.handle_message(notification)

    def _run_generator(self, future: Future[Any] | None, *, gen: Generator[Any, Any, Any], result_future: Any) -> None:
        """Forget what a handler has waited for, which pygls keeps for ever, with all that its result refers to."""
        for number, waited in tuple(self._request_futures.items()):
            if waited is future:
                del self._request_futures[number]
        super()._run_generator(future, gen=gen, result_future=result_future)

    def _send_handler_result(self, future: Future[Any], *, msg_id: MsgId) -> None:
        error = None if future.cancelled() else future.exception()
        if isinstance(error, JsonRpcException):
            self._request_futures.pop(msg_id, None)
            self.refuse(msg_id, error)
        else:
            super()._send_handler_result(future, msg_id=msg_id)


def _is_message(message: object) -> bool:
    """Whether it is a request, a notification or an answer."""
    if not isinstance(message, dict) or message.get("jsonrpc") != Protocol.VERSION:
        return False
    if "id" in message and (isinstance(message["id"], bool) or not isinstance(message["id"], int | str)):
        return False
    return isinstance(message["method"], str) if "method" in message else "id" in message


def _told(method: str, error: Exception) -> str:
    return f"{method}: {'; '.join(transform_error(error, path='message'))}"
