"""One collector per store: real processes, one of which is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from collector.errors import StoreBusy
from collector.lock import hold_store
from collector.store import Store
from tests.conftest import ROOT

HOLD = """
import sys, time
from collector.lock import hold_store
from collector.errors import StoreBusy
from collector.store import Store
store = Store.open(sys.argv[1])
try:
    with hold_store(store):
        print("held", flush=True)
        time.sleep(600)
except StoreBusy as error:
    print(error, flush=True)
"""


@contextmanager
def holder(store: Store) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield another process that holds the store, and its first line."""
    address = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", HOLD, address]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def test_a_second_process_is_told_and_a_killed_one_lets_go(store: Store) -> None:
    with holder(store) as (process, said):
        assert said == "held\n"
        with pytest.raises(StoreBusy, match="stop it first") as caught, hold_store(store):
            pass
        if store.engine.dialect.name == "sqlite":
            assert f"process {process.pid}" in str(caught.value)
        process.send_signal(signal.SIGKILL)
        process.wait()
        take_when_freed(store)


def take_when_freed(store: Store) -> None:
    """PostgreSQL notices a dead client when it looks at its socket: in a moment, not at once."""
    for _ in range(600):
        try:
            with hold_store(store):
                return
        except StoreBusy:
            time.sleep(0.05)
    pytest.fail("the lock outlived its process")


def test_what_is_given_back_can_be_held_again(store: Store) -> None:
    for _ in range(3):
        with hold_store(store), holder(store) as (_process, said):
            assert said.startswith("Another `awaaz run`")
    with holder(store) as (_process, said):
        assert said == "held\n"


def test_readers_and_writers_are_not_held_up(store: Store) -> None:
    with hold_store(store), store.writing() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM posts").scalar() == 0
