"""Logs are events with keys. People get short lines, programs get JSON lines; both are the same events.

An event that has a `message` is something Watchglass says to the person who started it: people read the sentence
alone, JSON lines carry event, message and keys.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import asyncpg
import structlog

_QUIET = ("temporalio", "uvicorn", "alembic", "asyncio", "httpx", "httpcore")
"""Libraries whose everyday remarks are not for the person who started Watchglass."""


def configure_logging(*, json_lines: bool, level: str = "info") -> None:
    """Send every log of this process, those of libraries too, to standard output in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_rows,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer = structlog.processors.JSONRenderer() if json_lines else render_for_people
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    # Of a database that is away it tells with a stack for each connection; who needs it says so in a sentence.
    logging.getLogger("asyncpg").setLevel(logging.ERROR)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def without_rows(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take the DETAIL out of the database's errors: of a constraint that failed it holds the row's values."""
    given = event.get("exc_info")
    if given is True:
        given = sys.exc_info()
    _forget_details(given[1] if isinstance(given, tuple) else given, set())
    return event


def _forget_details(error: object, known: set[int]) -> None:
    """In everything that the trace of an error tells."""
    if not isinstance(error, BaseException) or id(error) in known:
        return
    known.add(id(error))
    if isinstance(error, asyncpg.PostgresError):
        error.detail = None
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for one in (error.__cause__, error.__context__, *inner):
        _forget_details(one, known)


def render_for_people(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """Render one event as a line: its sentence, or time, level, event and keys."""
    message = event.pop("message", None)
    if message is not None:
        return _plain(str(message), line_breaks=True)
    time = str(event.pop("timestamp", ""))[11:19]
    level, name = event.pop("level", "info"), event.pop("event", "")
    trace = event.pop("exception", None)
    keys = " ".join(f"{key}={value}" for key, value in event.items())
    line = _plain(" ".join(part for part in (time, level, str(name), keys) if part))
    return f"{line}\n{_plain(str(trace), line_breaks=True)}" if trace else line


def _plain(text: str, *, line_breaks: bool = False) -> str:
    """Nothing that commands a terminal, or passes for a line of its own: values come from histories and servers."""
    if text.isprintable():
        return text
    kept = "\n" if line_breaks else ""
    return "".join(c if c.isprintable() or c in kept else c.encode("unicode_escape").decode("ascii") for c in text)
