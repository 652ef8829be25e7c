"""Logs that can be kept: JSON lines or plain text, with no secret and no text of a post in them."""

import json
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

__all__ = ["Redactor", "start_logging"]

ROOMS = frozenset({"awaaz", "classifier", "collector", "config", "dashboard"})
CUT = "[secret]"
SHORTEST = 6
"""Characters of a secret, at the least: shorter ones stand in every second word."""

CREDENTIALS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=%-]{6,}"), rf"\1 {CUT}"),
    (re.compile(r"(?i)\b(\w+://[^\s/:@]*):[^\s/@]+@"), rf"\1:{CUT}@"),
    (
        re.compile(r"(?i)\b((?:access_)?token|password|secret|api_?key|key)=[^\s&;,'\")]+"),
        rf"\1={CUT}",
    ),
)
"""What looks like a credential whatever its value."""

PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Cuts secrets out of what is written: those it was given, and what looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({s for s in secrets if len(s) >= SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def cut(self, text: str) -> str:
        """Return `text` without secrets."""
        if self._known is not None:
            text = self._known.sub(CUT, text)
        for pattern, replacement in CREDENTIALS:
            text = pattern.sub(replacement, text)
        return text


class SafeFormatter(logging.Formatter):
    """Writes what awaaz itself says, and of everything else only what cannot quote a post.

    Messages of libraries are written without what is filled into them; of an error that is not of
    `trusted` (whose messages are ours) only its type and where it came from.
    """

    def __init__(
        self, redactor: Redactor, trusted: tuple[type[BaseException], ...], *, as_json: bool
    ) -> None:
        super().__init__()
        self._redactor, self._trusted, self._as_json = redactor, trusted, as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of JSON, or plain text with the traceback below it."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = say(record)
        trace = "\n".join(self._trace(record))
        if not self._as_json:
            one_line = message.replace("\r", " ").replace("\n", " ")
            text = f"{moment} {record.levelname} {one_line}"
            return self._redactor.cut(f"{text}\n{trace}" if trace else text)
        line: dict[str, object] = {"time": moment, "level": record.levelname}
        line |= {"logger": record.name, "message": message, **extras_of(record)}
        if trace:
            line["trace"] = trace
        # The redactor reads plain text, so each value goes through it before JSON escapes it.
        return json.dumps({k: self._cut(v) for k, v in line.items()}, ensure_ascii=False)

    def _cut(self, value: object) -> object:
        return self._redactor.cut(value) if isinstance(value, str) else value

    def _trace(self, record: logging.LogRecord) -> Iterator[str]:
        error = record.exc_info[1] if record.exc_info else None
        return trace_lines(error, self._trusted) if error is not None else iter(())


def say(record: logging.LogRecord) -> str:
    """Return a record's message: in full if it is ours, a library's without its values."""
    if record.name.split(".")[0] in ROOMS:
        return record.getMessage()
    place = f"{record.name}, {record.module}:{record.lineno}"
    # Without arguments the values may be in the message already: then only its place is told.
    return f"{record.msg} [{place}]" if record.args else f"[{place}]"


def extras_of(record: logging.LogRecord) -> dict[str, object]:
    """Return what our own records carry beside their message."""
    if record.name.split(".")[0] not in ROOMS:
        return {}
    extra = {k: v for k, v in vars(record).items() if k not in PLAIN}
    return {k: v if isinstance(v, int | float | bool | None) else str(v) for k, v in extra.items()}


def trace_lines(
    error: BaseException, trusted: tuple[type[BaseException], ...], seen: tuple[int, ...] = ()
) -> Iterator[str]:
    """Yield where an error came from, its causes first; no value of a variable, no line of data."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and id(cause) not in seen:
        yield from trace_lines(cause, trusted, (*seen, id(error)))
        yield "which led to:"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
    name = type(error).__qualname__
    yield f"{name}: {error}" if isinstance(error, trusted) else name
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from trace_lines(inner, trusted, (*seen, id(error)))


def start_logging(
    secrets: Iterable[str],
    trusted: tuple[type[BaseException], ...] = (),
    *,
    level: int = logging.INFO,
    stream: TextIO | None = None,
) -> None:
    """Send every log, warning and uncaught error of this process to stderr, made safe.

    JSON lines where stderr is no terminal, plain text where it is. Errors of the classes
    `trusted` keep their message.
    """
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    handler.setFormatter(SafeFormatter(Redactor(secrets), trusted, as_json=not target.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for room in ROOMS:
        logging.getLogger(room).setLevel(level)
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # its complaint about a record would print the record
    sys.excepthook = log_uncaught
    threading.excepthook = lambda found: log_uncaught(
        found.exc_type, found.exc_value or found.exc_type(), found.exc_traceback
    )


def log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> Any:
    """Log an error that nobody caught; its place is told, its message only if it is ours."""
    logging.getLogger("awaaz").critical("ended by a fault", exc_info=(kind, error, trace))
