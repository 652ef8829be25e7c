"""Fixtures of the collector's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier.wiring import open_store
from collector.store import Store
from tests.clocks import Clock
from tests.servers.reddit_server import RedditServer
from tests.servers.x_server import TOKEN, XServer
from tests.stores import KEY


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at noon of a day."""
    return Clock()


@pytest.fixture
def x(clock: Clock) -> Iterator[XServer]:
    """An X whose time is `clock`; TOKEN opens it."""
    with XServer(token=TOKEN, clock=clock) as server:
        yield server


@pytest.fixture
def reddit() -> Iterator[RedditServer]:
    """A Reddit without a clock."""
    with RedditServer() as server:
        yield server


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    """Where `impatient` lies."""
    return tmp_path / "store.db"


@pytest.fixture
def impatient(store_path: Path) -> Iterator[Store]:
    """A store whose writers wait for a moment only."""
    store = open_store(f"sqlite:///{store_path}", key=KEY, busy_timeout_s=0.3)
    yield store
    store.close()
