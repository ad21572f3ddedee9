"""python-telegram-bot without sockets: a request class that hands every call to a LocalBotApi here."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote, urlsplit

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from tests.support.botapi.methods import Upload
from tests.support.botapi.server import ConnectionDropped, LocalBotApi


class InProcessRequest(BaseRequest):
    """For `ApplicationBuilder.request(…)` and `.get_updates_request(…)`.

    Timeouts and broken connections come out as HTTPXRequest reports them: TimedOut and NetworkError.
    """

    def __init__(self, api: LocalBotApi, read_timeout: float | None = 20.0) -> None:
        self.api = api
        self._read_timeout = read_timeout

    @property
    def read_timeout(self) -> float | None:
        return self._read_timeout

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        params: dict[str, Any] = dict(request_data.json_parameters) if request_data else {}
        files: dict[str, Upload] = {}
        if request_data and request_data.contains_files:
            for name, (filename, content, mime) in request_data.multipart_data.items():
                read = content if isinstance(content, bytes) else content.read()
                files[name] = Upload(filename, read, mime)
        timeout = read_timeout if isinstance(read_timeout, int | float) else self._read_timeout
        try:
            async with asyncio.timeout(timeout):
                status, body, _ = await self.api.request(unquote(urlsplit(url).path), params, files)
        except TimeoutError as error:
            raise TimedOut from error
        except ConnectionDropped as error:
            name = "RemoteProtocolError" if error.accepted else "ReadError"
            raise NetworkError(f"httpx.{name}: {error}") from error
        return status, body
