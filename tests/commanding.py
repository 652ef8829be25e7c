"""Commands of awaaz, each in a process of its own.

To start Python and load the libraries takes half a second, two hundred times in the suite. Where
the system can, a command's process is therefore forked from one that has loaded libraries, and
nothing of ours; what a real start does is tested where it matters (`subprocess` in the tests).
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = str(ROOT / "awaaz.py")
LOADED = [
    *("numpy", "pydantic_settings", "rich.progress", "rich.table", "sqlalchemy", "typer"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql", "httpx", "apscheduler"),
    *("tweepy", "praw", "apscheduler.schedulers.background", "tests.commanding"),
]
"""Libraries that start no thread by being loaded: a fork keeps none."""

FORKS = "forkserver" in multiprocessing.get_all_start_methods()

Done = subprocess.CompletedProcess[str]


def call(*arguments: str, code: int = 0, **environment: Any) -> Done:
    """Run awaaz in a process of its own and check how it ended."""
    settings = {"COLUMNS": "200", "PYTHONWARNINGS": "error"} | environment
    done = Command(arguments, settings).ended() if FORKS else start_anew(arguments, settings)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for what a running command does."""
    for _ in range(600):
        if true():
            return
        time.sleep(0.1)
    pytest.fail(f"{what} did not happen in a minute")


def start_anew(arguments: tuple[str, ...], environment: Mapping[str, str]) -> Done:
    """Run awaaz where a process cannot be forked, as on Windows."""
    return subprocess.run(
        [sys.executable, PROGRAM, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class Command:
    """A forked command that runs; each of its files may grow to `most_bytes`."""

    def __init__(
        self,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        *,
        most_bytes: int | None = None,
    ) -> None:
        self._arguments = [PROGRAM, *arguments]
        self._said = ["", ""]
        ours, theirs = zip(*(multiprocessing.Pipe(duplex=False) for _ in range(2)), strict=True)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(LOADED)
        self._process = context.Process(
            target=become, args=(arguments, {**os.environ, **environment}, theirs, most_bytes)
        )
        self._process.start()
        self._readers = [
            threading.Thread(target=self._read, args=(place, end), daemon=True)
            for place, end in enumerate(ours)
        ]
        for end, reader in zip(theirs, self._readers, strict=True):
            end.close()
            reader.start()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process.pid is not None
        return self._process.pid

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, where it still runs."""
        if self._process.exitcode is None:
            os.kill(self.pid, number)

    def ended(self, timeout_s: float = 120) -> Done:
        """Wait for its end; return its code and what it printed."""
        self._process.join(timeout_s)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()
            raise subprocess.TimeoutExpired(self._arguments, timeout_s)
        for reader in self._readers:
            reader.join()
        code = self._process.exitcode
        return subprocess.CompletedProcess(self._arguments, code, *self._said)

    def _read(self, place: int, end: Connection) -> None:
        with open(os.dup(end.fileno()), encoding="utf-8") as stream:  # noqa: PTH123  # a descriptor
            self._said[place] = stream.read()
        end.close()


def become(
    arguments: tuple[str, ...],
    environment: dict[str, str],
    printed: tuple[Connection, Connection],
    most_bytes: int | None,
) -> None:
    """Be the command, in a fresh process: its arguments, its environment, its output."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, end in enumerate(printed, 1):
        os.dup2(end.fileno(), number)
        end.close()
    if most_bytes is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = most_bytes is not None  # Python keeps bytecode that was cut short
    warnings.resetwarnings()
    warnings.simplefilter("error" if environment.get("PYTHONWARNINGS") == "error" else "default")
    sys.argv = [PROGRAM, *arguments]
    sys.path.insert(0, str(ROOT))
    import awaaz

    awaaz.main()
