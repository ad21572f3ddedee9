"""How logging is set up: one line format on standard error, and nothing secret or personal in it.

Here: handlers, levels, redaction. Not here: what is logged (each module), or where log lines are kept.
"""

import logging
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import TextIO
from urllib.parse import quote

# A bot token: the bot's id, a colon (%3A in a URL), 35 characters today (Bot API, "Authorizing your bot").
_LOOKS_LIKE_A_TOKEN = r"\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"  # noqa: S105  # a pattern, not a token
_REDACTED = "[redacted]"

# At INFO or DEBUG these print URLs (httpx, httpcore), request lines (aiohttp.access), what people wrote
# (telegram), SQL with its values (aiosqlite), form fields (multipart), or chatter (apscheduler).
_QUIET = (
    "aiohttp",
    "aiohttp.access",
    "aiosqlite",
    "apscheduler",
    "fontTools",
    "fpdf",
    "httpcore",
    "httpx",
    "multipart",
    "python_multipart",
    "telegram",
)


# What anybody outside can make us say, as often as they like: the same once a minute, and how often it was.
_SELDOM = ("asyncio", "bot.budgets", "bot.channels.web", "bot.handlers.web", "uvicorn")
SELDOM = 60.0  # seconds
MOST_REMEMBERED = 1000  # things that were said


def configure(level: int | str = logging.INFO, secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Set up the root logger: one handler on `stream` (default: standard error), every root handler guarded.

    `secrets` are exact strings that must never be printed, besides anything that looks like a bot token.
    Uncaught exceptions of the main thread and of others go through the log too, and thereby through the
    guard. May be called again, for instance once the secrets are known: the last call counts.
    Raises ValueError for an unknown level name.
    """
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _OneLineEach):
            root.removeHandler(handler)
    root.addHandler(_OneLineEach(stream if stream is not None else sys.stderr))
    root.setLevel(level)
    redact = Redact(secrets)
    for handler in root.handlers:
        for guard in handler.filters[:]:
            if isinstance(guard, Redact | WithoutPayload | Seldom):
                handler.removeFilter(guard)
        handler.addFilter(Seldom())
        handler.addFilter(WithoutPayload())  # first: it needs the exception that Redact turns into text
        handler.addFilter(redact)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(root.level, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


class Redact(logging.Filter):
    """Replaces bot tokens and the given exact strings in message, traceback and stack.

    It lets every record pass, with the message already formatted (`args` is None) and the exception already
    text (`exc_info` is None), so that no later handler or formatter can bring the secret back.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        spellings = {s for secret in secrets if secret for s in (secret, quote(secret), quote(secret, safe=""))}
        longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
        self._pattern = re.compile("|".join([*map(re.escape, longest_first), _LOOKS_LIKE_A_TOKEN]))

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = self.redact(_message(record))
        record.args = None
        if record.exc_info:
            record.exc_text = record.exc_text or _PLAIN.formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self.redact(record.exc_text)
        if record.stack_info:
            record.stack_info = self.redact(record.stack_info)
        return True

    def redact(self, text: str) -> str:
        """`text` with every secret replaced by `[redacted]`."""
        return self._pattern.sub(_REDACTED, text)


class WithoutPayload(logging.Filter):
    """Keeps of python-telegram-bot's records only what the library itself wrote.

    Its args and exception texts may hold a whole update (PTB 22.8 `_bot.py:4789`, `_updater.py:350`): the
    message template stays, and of an exception the type and the places it went through.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "telegram" or record.name.startswith("telegram."):
            record.args = None
            record.stack_info = None
            if record.exc_info:
                record.exc_text = _places(record.exc_info[1])
                record.exc_info = None
        return True


class Seldom(logging.Filter):
    """Lets what strangers can bring about pass once a minute, and tells with the next how often it was meanwhile.

    The same is the same template from the same module with the same kinds of errors: its values do not tell it apart,
    where it went wrong does."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[tuple[str, ...], tuple[float, int]] = {}  # → when, and how often since

    def filter(self, record: logging.LogRecord) -> bool:
        """The first handler decides for all of them: what comes after it changes the record."""
        if "told" not in record.__dict__:
            record.__dict__["told"] = self._is_told(record)
        return bool(record.__dict__["told"])

    def _is_told(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(_SELDOM) or record.levelno < logging.INFO:
            return True
        now, key = self._clock(), (record.name, str(record.msg), *_where(record))
        said, times = self._said.get(key, (now - SELDOM, 0))
        if now - said < SELDOM:
            self._said[key] = said, times + 1
            return False
        if len(self._said) >= MOST_REMEMBERED:
            self._said = {each: told for each, told in self._said.items() if now - told[0] < SELDOM}
        self._said[key] = now, 0
        if times:
            record.msg, record.args = "%s repeated=%d", (_message(record), times)
        return True


def _where(record: logging.LogRecord) -> tuple[str, ...]:
    """The place of an exception, or nothing."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return ()
    frames = traceback.extract_tb(error.__traceback__)[-1:]
    return type(error).__qualname__, *(f"{frame.filename}:{frame.lineno}" for frame in frames)


class _OneLineEach(logging.StreamHandler[TextIO]):
    """Time (UTC), level, logger, message: one line; a traceback follows on lines of its own."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        formatter = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
        formatter.converter = time.gmtime
        self.setFormatter(formatter)

    def handleError(self, record: logging.LogRecord) -> None:
        # The standard one prints the raw record, secrets and all.
        with suppress(OSError, ValueError):  # the disk is full or the stream is gone: no log, but the bot goes on
            sys.stderr.write(f"a log record of {record.name} could not be written\n")


_PLAIN = logging.Formatter()


def _message(record: logging.LogRecord) -> str:
    """The message on one line: what came from outside must not forge a log line of its own."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        message = f"{record.msg} (its arguments do not fit)"
    return message.replace("\r", "\\r").replace("\n", "\\n")


def _places(error: BaseException | None) -> str:
    """A traceback without exception texts, causes first."""
    told: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        told.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(told))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("besyv").critical("stopped by an exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(uncaught: threading.ExceptHookArgs) -> None:
    error = uncaught.exc_value
    if error is not None and not isinstance(error, SystemExit):
        logging.getLogger("besyv").critical("a thread was stopped by an exception", exc_info=error)
