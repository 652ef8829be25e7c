"""A store that is locked or full: a sentence, a run that says so, and nothing lost or doubled."""

import json
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, select

from classifier.wiring import open_store
from collector.collecting import Collected, Plan, collect_source
from collector.errors import StoreError
from collector.importing import import_archive
from collector.schema import posts, runs
from collector.scrubbing import scrub
from collector.sources.x import XSource
from collector.store import Store
from tests.commanding import Command, Done, call, wait_until
from tests.servers.arctic_server import ArcticServer
from tests.servers.reddit_server import CLIENT_ID, CLIENT_SECRET, RedditServer
from tests.servers.x_server import XServer
from tests.stores import KEY, make_post, open_test_store, put_posts, stored
from tests.test_killed import write_archive

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def x() -> Iterator[XServer]:
    with XServer(token="invented-bearer", clock=lambda: NOW) as server:
        yield server


def fill(server: XServer, number: int, text: str = "I believe her. #MeToo") -> set[str]:
    return {
        server.corpus.post(f"{text} {n}", NOW - HOUR - n * timedelta(minutes=1))["id"]
        for n in range(number)
    }


def collect(
    store: Store, server: XServer, on_page: Callable[[Collected], None] | None = None
) -> Collected:
    source = XSource(
        bearer_token="invented-bearer",
        queries={"latin": ["#MeToo"]},
        endpoint=server.url,
        page_size=10,
        clock=lambda: NOW,
    )
    return collect_source(store, source, Plan(24 * HOUR, clock=lambda: NOW), on_page)


def ends(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        rows = connection.execute(select(runs.c.stop, runs.c.detail).order_by(runs.c.id))
        return [(row.stop, row.detail) for row in rows]


def test_a_writer_that_does_not_let_go_is_told_and_nothing_is_lost(
    impatient: Store, store_path: Path, x: XServer
) -> None:
    truth = fill(x, 35)
    other = sqlite3.connect(store_path, isolation_level=None)

    def lock(collected: Collected) -> None:
        if collected.fetched == 10:
            other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="busy_timeout_s"):
        collect(impatient, x, lock)
    assert len(stored(impatient)) == 10, "readers are not held up, and the page before is kept"
    other.execute("ROLLBACK")
    collected = collect(impatient, x)
    assert collected.stops == []
    assert stored(impatient) == truth
    assert "running" not in {stop for stop, _ in ends(impatient)}
    other.close()


def test_a_slow_writer_is_waited_for(store_path: Path, x: XServer) -> None:
    truth = fill(x, 35)
    store = open_store(f"sqlite:///{store_path}", key=KEY, busy_timeout_s=60)
    other = sqlite3.connect(store_path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.0, other.execute, ("COMMIT",))
    release.start()
    assert collect(store, x).stops == []
    release.join()
    assert stored(store) == truth
    store.close()
    other.close()


def test_a_slow_reader_holds_up_nobody_and_keeps_what_it_saw(
    impatient: Store, store_path: Path, x: XServer
) -> None:
    truth = fill(x, 35)
    reader = sqlite3.connect(store_path, isolation_level=None)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM posts").fetchone()
    assert collect(impatient, x).stops == []
    assert stored(impatient) == truth
    assert reader.execute("SELECT count(*) FROM posts").fetchone() == before == (0,)
    assert not scrub(impatient, attempts=1), "its bytes are in use, and that is told"
    reader.execute("COMMIT")
    assert scrub(impatient)
    reader.close()


class Limit:
    """A disk that ends: no connection of the store may let the file grow beyond `pages`."""

    def __init__(self, store: Store) -> None:
        self.pages = 2**31 - 2
        event.listen(store.engine, "checkout", self._apply)

    def _apply(self, connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}").close()

    def fill(self, store: Store, spare: int) -> None:
        with store.reading() as connection:
            self.pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + spare

    def free(self) -> None:
        self.pages = 2**31 - 2


@pytest.mark.parametrize("spare", [0, 1, 2, 4])
def test_a_full_disk_is_told_on_the_run_and_goes_on_when_there_is_space(
    impatient: Store, x: XServer, spare: int
) -> None:
    truth = fill(x, 60, "I believe her. #MeToo " + "and I say so again " * 10)
    disk = Limit(impatient)
    disk.fill(impatient, spare)
    with pytest.raises(StoreError, match="disk of the store is full"):
        collect(impatient, x)
    recorded = ends(impatient)
    assert len(stored(impatient)) < 60
    if recorded:
        stop, detail = recorded[-1]
        assert stop in {"error", "running"}
        assert stop == "running" or "full" in detail
    disk.free()
    assert collect(impatient, x).stops == []
    assert stored(impatient) == truth
    assert "running" not in {stop for stop, _ in ends(impatient)}


def test_an_import_on_a_full_disk_says_so_and_goes_on(impatient: Store, tmp_path: Path) -> None:
    archive = tmp_path / "archive.jsonl"
    write_archive(archive, 5_000)
    disk = Limit(impatient)
    disk.fill(impatient, 300)
    with pytest.raises(StoreError, match="disk of the store is full"):
        import_archive(impatient, archive)
    assert 0 < len(stored(impatient)) < 5_000
    disk.free()
    report = import_archive(impatient, archive)
    assert report.tally.new + report.tally.unchanged == 5_000
    assert report.tally.new > 0
    assert len(stored(impatient)) == 5_000


def test_a_damaged_file_is_told_with_what_to_do(store_path: Path) -> None:
    address = f"sqlite:///{store_path}"
    store = open_test_store(address)
    put_posts(store, make_post(1))
    with store.reading() as connection:
        query = "SELECT rootpage - 1 FROM sqlite_master WHERE name = 'posts'"
        page = connection.exec_driver_sql(query).scalar_one()
    store.close()
    with store_path.open("r+b") as file:
        file.seek(page * 4096)
        file.write(b"\x55" * 4096)
    store = open_test_store(address)
    with pytest.raises(StoreError, match=r"damaged.*backup"):
        put_posts(store, make_post(2))
    with pytest.raises(StoreError, match=r"damaged.*backup"):
        scrub(store)
    store.close()


def test_a_database_server_that_ends_the_connection_is_told(
    postgres_address: str, x: XServer
) -> None:
    truth = fill(x, 35)
    store = open_store(postgres_address, key=KEY)
    other = create_engine(postgres_address, isolation_level="AUTOCOMMIT")

    def end_connections(collected: Collected) -> None:
        if collected.fetched != 20:
            return
        with store.writing() as connection, other.connect() as killer:
            killer.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute(select(posts.c.id)).all()

    with pytest.raises(StoreError, match="ended the connection"):
        collect(store, x, end_connections)
    assert "ended the connection" in ends(store)[-1][1]
    assert collect(store, x).stops == []
    assert stored(store) == truth
    store.close()
    other.dispose()


def call_limited(size: int, *arguments: str, **environment: str) -> Done:
    """Run an awaaz of whose files none may grow beyond `size` bytes."""
    return Command(arguments, {"COLUMNS": "200", **environment}, most_bytes=size).ended()


def count_posts(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        count: int = connection.execute("SELECT count(*) FROM posts").fetchone()[0]
    connection.close()
    return count


@pytest.mark.parametrize("size", [0, 1_000, 60_000, 200_000, 500_000])
def test_a_limit_on_files_is_told_in_a_sentence(tmp_path: Path, size: int) -> None:
    archive = tmp_path / "archive.jsonl"
    write_archive(archive, 2_000)
    done = call_limited(size, "import", str(archive))
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "awaaz: " in done.stderr
    assert any(word in done.stderr for word in ("disk", "space", "written")), done.stderr
    if size > 100:
        call("import", str(archive))
        assert count_posts(tmp_path / "data" / "awaaz.db") == 2_000
        assert "0 new" in call("import", str(archive)).stdout


@pytest.mark.parametrize("archive", [False, True])
def test_reddit_and_its_archive_without_space_go_on_when_there_is_some(
    tmp_path: Path, *, archive: bool
) -> None:
    now = datetime.now(UTC)
    with ArcticServer() if archive else RedditServer() as server:
        for n in range(400):
            at = now - (4 * 24 if archive else 1) * HOUR - n * timedelta(minutes=1)
            server.comment("pakistan", f"I believe her, {n}. #MeToo " + "again " * 60, at)
        name = "ARCTIC_SHIFT" if archive else "REDDIT"
        environment: dict[str, Any] = {
            f"AWAAZ_{name}__ENABLED": "true",
            f"AWAAZ_{name}__ENDPOINT": server.url,
            "AWAAZ_ARCTIC_SHIFT__PACE_S": "0",
            "AWAAZ_REDDIT__SUBREDDITS": '{"pakistan": "PK"}',
            "AWAAZ_REDDIT_CLIENT_ID": CLIENT_ID,
            "AWAAZ_REDDIT_CLIENT_SECRET": CLIENT_SECRET,
        }
        span = ("--since", f"{now - 6 * 24 * HOUR:%Y-%m-%d}", "--until", f"{now:%Y-%m-%d}")
        command = (
            ("backfill", "--source", "reddit-archive", *span) if archive else ("collect", "reddit")
        )
        done = call_limited(250_000, *command, **environment)
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        assert "disk" in done.stderr
        call(*command, **environment)
    assert count_posts(tmp_path / "data" / "awaaz.db") == 400


def test_labelling_and_export_without_space_are_told(tmp_path: Path) -> None:
    archive = tmp_path / "archive.jsonl"
    write_archive(archive, 400)
    call("import", str(archive))
    done = call_limited(50_000, "label")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "disk" in done.stderr
    call("label")
    assert "waiting: 0" in call("status").stdout
    out = tmp_path / "posts.csv"
    done = call_limited(10_000, "export", "--out", str(out), "--with-text")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not out.exists()


def test_a_run_without_space_goes_on_when_there_is_some(x: XServer, tmp_path: Path) -> None:
    x.api.clock = lambda: datetime.now(UTC)
    hour_ago = datetime.now(UTC) - HOUR
    text = "I believe her. #MeToo " + "again " * 40
    for n in range(900):
        x.corpus.post(f"{text}{n}", hour_ago - n * timedelta(minutes=1))
    environment: dict[str, Any] = {
        "AWAAZ_X__ENDPOINT": x.url,
        "AWAAZ_X_BEARER_TOKEN": "invented-bearer",
        "AWAAZ_REDDIT__ENABLED": "false",
        "AWAAZ_X__QUERIES": '{"latin": ["#MeToo"]}',
        "AWAAZ_SCHEDULE__X_MINUTES": "0.02",
        "AWAAZ_SCHEDULE__LABEL_MINUTES": "600",
    }
    process = Command(("run",), environment, most_bytes=400_000)
    health = tmp_path / "data" / "health.json"

    def failures() -> int:
        return int(json.loads(health.read_text())["jobs"]["x"]["failures"])

    try:
        wait_until(lambda: health.exists() and failures() >= 3, "three failures")
    finally:
        process.send_signal(signal.SIGTERM)
        done = process.ended()
    logged = done.stderr
    assert done.returncode == 0, logged
    assert "disk" in json.loads(health.read_text())["jobs"]["x"]["says"]
    assert "Traceback" not in logged
    assert "I believe" not in logged
    call("collect", "x", **environment)
    store = tmp_path / "data" / "awaaz.db"
    assert count_posts(store) == 900
