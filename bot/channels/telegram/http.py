"""HTTP to the Bot API on one aiohttp session, through python-telegram-bot's public extension point.

Here: bytes out, bytes in, and how a failed call is told apart (surely not sent, or in doubt).
Not here: pacing (bot.channels.telegram.rate_limiter), retrying (the caller decides), anything Telegram answers (PTB).
"""

import io
import json
from typing import Any
from urllib.parse import urlencode

import aiohttp
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_JSON = {"Content-Type": "application/json"}


class NotSent(NetworkError):
    """The request surely never left this machine (no connection), so repeating it cannot send twice.

    Every other `NetworkError` or `TimedOut` from the transport is in doubt: Telegram may have acted on it,
    and the Bot API knows no idempotency key.
    """


class AiohttpRequest(BaseRequest):
    """A `telegram.request.BaseRequest` that costs a fraction of the stock HTTPXRequest's CPU.

    One instance serves both `get_updates` and all other calls: a long poll holds one connection of
    `connections`. `initialize` and `shutdown` may be called twice, as PTB does when one instance is shared.
    Redirects are not followed and proxy variables in the environment are not read.

    All timeouts are seconds; `pool` is the wait for a free connection, `upload_write` replaces `write` for
    files. Raises `NotSent`, `telegram.error.TimedOut` or `telegram.error.NetworkError`. No exception text
    holds the URL, because the URL holds the token.
    """

    __slots__ = ("_connect", "_connections", "_pool", "_read", "_session", "_upload_write", "_write")

    def __init__(
        self,
        connections: int = 256,
        read: float = 20.0,
        write: float = 10.0,
        upload_write: float = 120.0,
        connect: float = 5.0,
        pool: float = 10.0,
    ) -> None:
        self._connections = connections
        self._read = read
        self._write = write
        self._upload_write = upload_write
        self._connect = connect
        self._pool = pool
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds to wait for an answer when the caller names none; PTB adds a long poll's own seconds."""
        return self._read

    async def initialize(self) -> None:
        """Open the session in the running loop, unless it is open."""
        if self._session is not None:
            return
        self._session = aiohttp.ClientSession(
            # 60 s: a quiet bot should not pay a new TLS handshake for each reply.
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=60),
            cookie_jar=aiohttp.DummyCookieJar(),
            # Without Accept-Encoding answers come uncompressed: they are small, and inflating costs CPU.
            skip_auto_headers=("Accept-Encoding",),
            headers={"User-Agent": self.USER_AGENT},
        )

    async def shutdown(self) -> None:
        """Close the session and its connections, unless it is closed."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,  # Any: PTB's ODVInput is not public
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call: HTTP status and body. See the class for errors; called by PTB only."""
        if self._session is None:
            raise RuntimeError("This AiohttpRequest is not initialized!")
        given = BaseRequest.DEFAULT_NONE
        uploads = request_data is not None and request_data.contains_files
        usual_write = self._upload_write if uploads else self._write
        timeout = _timeout(
            self._read if read_timeout is given else read_timeout,
            usual_write if write_timeout is given else write_timeout,
            self._connect if connect_timeout is given else connect_timeout,
            self._pool if pool_timeout is given else pool_timeout,
            download=method == "GET",
        )
        body, headers = _body(request_data)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = _without_url(error)
        # Raised out here, so that the original, which may quote the URL, is not even its __context__.
        raise failure

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:  # Any: JSON
        """The decoded answer. Raises NetworkError for no JSON; unlike PTB's own, never logs the payload."""
        try:
            return json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise NetworkError("Invalid server response") from None


def _timeout(
    read: float | None, write: float | None, connect: float | None, pool: float | None, *, download: bool
) -> aiohttp.ClientTimeout:
    """PTB's four timeouts in aiohttp's terms. aiohttp has none for writing: the sum of all bounds a stalled
    upload. A download (GET) may take as long as bytes keep coming."""
    to_connection = None if pool is None or connect is None else pool + connect
    unbounded = download or to_connection is None or write is None or read is None
    total = None if unbounded else (to_connection or 0) + (write or 0) + (read or 0)
    return aiohttp.ClientTimeout(total=total, connect=to_connection, sock_connect=connect, sock_read=read)


class Plain(RequestData):  # type: ignore[misc]  # final to type checkers; post() hands it on untouched to us
    """Parameters for `BaseRequest.post` as they are, sent as one JSON body; the answer is read raw.

    For the few calls that are made for every answer: PTB's own way through its objects costs three times as much
    (docs/benchmarks.md). Values are JSON-shaped; None is left out.
    """

    __slots__ = ("values",)

    def __init__(self, **values: Any) -> None:  # Any: JSON
        super().__init__()
        self.values = {name: value for name, value in values.items() if value is not None}


def _body(request_data: RequestData | None) -> tuple[bytes | aiohttp.FormData | None, dict[str, str] | None]:
    """What HTTPXRequest would send: a form, or multipart with the fields first when there are files."""
    if request_data is None:
        return None, None
    if isinstance(request_data, Plain):
        return json.dumps(request_data.values).encode(), _JSON
    fields = request_data.json_parameters
    if not request_data.contains_files:
        return (urlencode(fields).encode(), _FORM) if fields else (None, None)
    # Unquoted: Telegram's server does not percent-decode file names such as "høringssvar.csv".
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name, value)
    for name, (filename, content, mimetype) in request_data.multipart_data.items():
        # BytesIO: aiohttp sends it in pieces, where plain bytes would hold up the loop (and it warns).
        stream = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, stream, filename=filename, content_type=mimetype)
    return form, None


def _without_url(error: Exception) -> NetworkError:
    kind = type(error).__name__
    match error:
        # Raised only while getting a connection, from the pool or anew: not a byte of the request is out.
        case aiohttp.ConnectionTimeoutError():
            return NotSent(f"aiohttp.{kind}: no connection in time")
        case aiohttp.ClientConnectorError():
            return NotSent(f"aiohttp.{kind}: {error.os_error}")
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return NotSent(f"aiohttp.{kind}")
        case TimeoutError():
            return TimedOut(f"aiohttp.{kind}")
        case _:
            return NetworkError(f"aiohttp.{kind}")
