"""Logs: a secret and the text of a post are planted everywhere and looked for in the log."""

import io
import json
import logging
import sqlite3
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress

import pytest

from collector.errors import CollectorError, SourceUnavailable
from config.logs import Redactor, start_logging
from tests.conftest import ROOT

SECRET = "invented-bearer-93ab77"
POST = "she told me what happened at the office, and I believe her"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=["lines", "terminal"])
def stream(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """The log of this process, as JSON lines or plain, put back afterwards."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level, sys.excepthook, threading.excepthook)
    written = io.StringIO() if request.param == "lines" else Terminal()
    start_logging([SECRET], (CollectorError,), stream=written)
    yield written
    root.handlers[:], level, sys.excepthook, threading.excepthook = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = True


def check(written: io.StringIO) -> str:
    text = written.getvalue()
    assert text
    assert SECRET not in text
    assert "what happened" not in text
    if not written.isatty():
        for line in text.splitlines():
            assert {"time", "level", "logger", "message"} <= set(json.loads(line))
    return text


def test_our_own_records_keep_what_they_say(stream: io.StringIO) -> None:
    logging.getLogger("collector.jobs").info("x: %s new posts", 7, extra={"run": 3})
    text = check(stream)
    assert "x: 7 new posts" in text
    if not stream.isatty():
        assert json.loads(text)["run"] == 3


@pytest.mark.parametrize(
    "planted",
    [
        f"the token is {SECRET}",
        f"Authorization: Bearer {SECRET[::-1]}",
        "postgresql://user:hunter2hunter2@host/db",
        "https://host/path?access_token=hunter2hunter2&x=1",
    ],
)
def test_secrets_are_cut_wherever_they_stand(stream: io.StringIO, planted: str) -> None:
    logging.getLogger("collector").warning("asked %s", planted, extra={"address": planted})
    text = check(stream)
    assert "hunter2" not in text
    assert SECRET[::-1] not in text
    assert "[secret]" in text


def test_a_library_cannot_put_a_post_into_the_log(stream: io.StringIO) -> None:
    logging.getLogger("urllib3.pool").warning("cannot read %r", POST)
    logging.getLogger("tweepy").error(f"cannot read {POST}")
    logging.getLogger("httpx").info("GET %s", POST)
    text = check(stream)
    assert "cannot read %r" in text
    assert "GET" not in text


def fail_deeply() -> None:
    text, key = POST, SECRET
    try:
        try:
            json.loads(f"{{{text}")
        except ValueError as error:
            raise KeyError(text, key) from error
    except KeyError as error:
        both = [ValueError(text), SourceUnavailable("Nothing answers.")]
        raise ExceptionGroup(text, both) from error


def test_tracebacks_tell_places_and_types_only(stream: io.StringIO) -> None:
    try:
        fail_deeply()
    except ExceptionGroup:
        logging.getLogger("collector.jobs").exception("x: failed")
    text = check(stream)
    for told in ("JSONDecodeError", "KeyError", "fail_deeply", "Nothing answers.", "test_logs.py"):
        assert told in text


def test_a_database_fault_does_not_quote_its_rows(stream: io.StringIO) -> None:
    with suppress(sqlite3.Error):
        try:
            sqlite3.connect(":memory:").execute(POST)
        except sqlite3.Error:
            logging.getLogger("collector").exception("the store failed")
            raise
    assert "OperationalError" in check(stream)


def test_warnings_and_broken_records_are_no_way_around(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(POST, stacklevel=1)
    logging.getLogger("collector").warning("%d posts", POST)
    logging.getLogger("collector").warning("now well")
    check(stream)


def test_uncaught_faults_of_any_thread_are_logged_safely(stream: io.StringIO) -> None:
    thread = threading.Thread(target=fail_deeply)
    thread.start()
    thread.join()
    assert "ended by a fault" in check(stream)


def test_an_error_that_causes_itself_ends(stream: io.StringIO) -> None:
    first, second = ValueError(POST), ValueError(POST)
    first.__context__, second.__context__ = second, first
    logging.getLogger("collector").error("a circle", exc_info=first)
    assert "a circle" in check(stream)


def test_a_post_cannot_forge_a_line() -> None:
    stream = Terminal()
    root = logging.getLogger()
    before = list(root.handlers)
    start_logging([], stream=stream)
    logging.getLogger("collector").warning("r/%s", "x\n2026-01-01 INFO forged")
    root.handlers[:] = before
    assert len(stream.getvalue().splitlines()) == 1


def test_a_process_of_its_own_prints_no_traceback() -> None:
    code = (
        "from config.logs import start_logging\n"
        f"start_logging(['{SECRET}'])\n"
        f"raise ValueError('{POST}' + '{SECRET}')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    line = json.loads(done.stderr)
    assert line["level"] == "CRITICAL"
    assert "ValueError" in line["trace"]
    assert POST not in done.stderr
    assert SECRET not in done.stderr


def test_a_short_secret_does_not_eat_the_log() -> None:
    assert Redactor(["a", "the"]).cut("what the log says") == "what the log says"
