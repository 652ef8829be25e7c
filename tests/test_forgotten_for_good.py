"""Whatever happens in whatever order, nothing of a forgotten post is left: rows, bytes or logs.

Seeded sequences of collecting, importing, editing, labelling, annotating, re-checking, deleting,
expiring and forgetting, through the real libraries. A failure names its seed.
"""

import json
import logging
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from classifier.annotations import Annotation, read_annotations, record_annotations
from collector.asking import Patience
from collector.collecting import Plan, collect_source
from collector.compliance import CheckPlan, recheck
from collector.forgetting import PostId, expire_text, forget_posts
from collector.importing import import_archive
from collector.post import hash_text
from collector.schema import posts, tombstones
from collector.scrubbing import read_due, scrub, scrub_if_due
from collector.sources.reddit import RedditSource
from collector.sources.reddit_checker import RedditChecker
from collector.sources.x import XSource
from collector.sources.x_checker import XChecker
from collector.store import Store
from config.codebook import STANCES
from tests.classifier.test_labels import assert_counts_are_true, label_waiting
from tests.servers.reddit_server import RedditServer
from tests.servers.x_server import XServer
from tests.stores import KEY, START, make_post, open_test_store, put_posts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = ["justice", "silence", "courage", "street", "market", "evening", "letter", "window"]


class World:
    """Two platforms, an archive and a store; remembers every text and id that was ever shown."""

    def __init__(
        self, store: Store, x: XServer, reddit: RedditServer, folder: Path, seed: int
    ) -> None:
        self.store, self.x, self.reddit, self.folder = store, x, reddit, folder
        self.random = random.Random(seed)  # noqa: S311
        self.now = datetime(2026, 1, 15, 12, tzinfo=UTC)
        self.count = 0
        self.words: dict[str, set[str]] = {}
        """Per post, by its first id, what must not be found once it is forgotten."""
        self.forgotten: set[str] = set()
        self.annotated: set[str] = set()

    def write(self, first_id: str | None) -> tuple[str, str]:
        """Invent a text with a mark of its own; return the mark and the text."""
        self.count += 1
        mark = f"mark{self.random.randrange(10**9, 10**10)}"
        length = self.random.choice([1, 5, 30, 300, 2000])
        filler = " ".join(self.random.choice(WORDS) for _ in range(length))
        text = f"{mark} {filler} #MeToo end{mark}"
        if first_id is not None:
            self.words[first_id] |= {mark, hash_text(text)}
        return mark, text

    def post(self) -> None:
        for _ in range(self.random.randrange(1, 8)):
            mark, text = self.write(None)
            at = self.now - self.random.randrange(1, 150) * HOUR
            if self.random.random() < 0.6:
                first_id = self.x.corpus.post(text, at)["id"]
            else:
                first_id = self.reddit.comment("pakistan", text, at)
            self.words[first_id] = {mark, hash_text(text)}

    def edit(self) -> None:
        for first_id in self.choose(3):
            _, text = self.write(first_id)
            if first_id.startswith("t1_"):
                if self.reddit.things[first_id]["author"] != "[deleted]":
                    self.reddit.edit(first_id, text, self.now)
            elif first_id in self.x.corpus.tweets:
                tweet = self.x.corpus.tweets[first_id]
                newest = self.x.corpus.tweets[tweet["edit_history_tweet_ids"][-1]]
                self.words[first_id].add(self.x.corpus.edit(newest, text, self.now)["id"])

    def delete(self) -> None:
        for first_id in self.choose(2):
            if first_id.startswith("t1_"):
                self.reddit.delete(first_id, self.random.choice(["[deleted]", "[removed]"]))
            elif first_id in self.x.corpus.tweets:
                self.x.corpus.delete(self.x.corpus.tweets[first_id])

    def collect(self) -> None:
        x = XSource(
            bearer_token="invented-bearer",
            queries={"latin": ["#MeToo"]},
            endpoint=self.x.url,
            page_size=10,
            clock=self.clock,
        )
        reddit = RedditSource(
            **self.reddit.settings(), subreddits=["pakistan"], terms=["#MeToo"], clock=self.clock
        )
        collect_source(self.store, x, Plan(8 * DAY, clock=self.clock))
        collect_source(self.store, reddit, Plan(None, clock=self.clock))

    def comply(self) -> None:
        x = XChecker(bearer_token="invented-bearer", endpoint=self.x.url, clock=self.clock)
        reddit = RedditChecker(**self.reddit.settings(), clock=self.clock)
        plan = CheckPlan(1000, timedelta(0), patience=Patience(attempts=1), clock=self.clock)
        assert recheck(self.store, x, plan).stop == ""
        assert recheck(self.store, reddit, plan).stop == ""

    def archive(self) -> None:
        """Import posts as they once were, deleted and forgotten ones among them."""
        path = self.folder / "archive.jsonl"
        rows = [
            {
                "id": first_id,
                "text": f"{min(marks, key=len)} once, #MeToo",
                "created_at": "2026-01-10T10:00:00.000Z",
                "lang": "en",
            }
            for first_id, marks in self.words.items()
            if not first_id.startswith("t1_") and self.random.random() < 0.5
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        if rows:
            import_archive(self.store, path)

    def label(self) -> None:
        label_waiting(self.store)

    def annotate(self) -> None:
        """Let a coder code every post that was ever shown, forgotten ones among them."""
        coder = self.random.choice(["c1", "c2"])
        given = [code(i, coder, self.random.choice(STANCES)) for i in self.words]
        with self.store.writing() as connection:
            left_out = record_annotations(connection, given).left_out
        self.annotated |= {
            one.post.native_id for place, one in enumerate(given) if place not in left_out
        }

    def forget(self, chosen: Sequence[str] = ()) -> None:
        ids = [*self.choose(3), *chosen]
        forget_posts(self.store, [post_id(i) for i in ids], "asked", self.now)
        self.forgotten |= set(ids)

    def expire(self) -> None:
        expire_text(self.store, self.now - 20 * DAY)

    def wait(self) -> None:
        self.now += self.random.choice([HOUR, DAY])

    def clock(self) -> datetime:
        return self.now

    def choose(self, most: int) -> list[str]:
        known = sorted(self.words)
        return self.random.sample(known, min(len(known), self.random.randrange(most + 1)))

    def stored(self) -> set[str]:
        with self.store.reading() as connection:
            return set(connection.scalars(select(posts.c.native_id)))

    def gone(self) -> set[str]:
        """Return the first ids of all posts that have a tombstone."""
        with self.store.reading() as connection:
            stones = set(connection.scalars(select(tombstones.c.hash)))
        return {
            first_id
            for first_id in self.words
            if KEY.hash_post(post_id(first_id).platform, first_id) in stones
        }

    def deeds(self) -> list[Callable[[], None]]:
        often = [self.post, self.collect, self.edit, self.label, self.annotate, self.archive]
        return [*often, *often, self.delete, self.comply, self.forget, self.expire, self.wait]


def post_id(first_id: str) -> PostId:
    return PostId("reddit" if first_id.startswith("t1_") else "x", first_id)


def code(first_id: str, coder: str, stance: str) -> Annotation:
    return Annotation(post_id(first_id), coder, stance, "1.3", "random", 0.5)


@pytest.fixture
def platforms() -> Iterator[tuple[XServer, RedditServer]]:
    with XServer(token="invented-bearer", clock=lambda: NOW[0]) as x, RedditServer() as reddit:
        reddit.subreddits.add("pakistan")
        yield x, reddit


NOW = [datetime(2026, 1, 15, 12, tzinfo=UTC)]


def live(world: World, deeds: int) -> None:
    """Do seeded deeds in a seeded order, then make sure that something annotated was forgotten."""
    world.post()
    world.collect()
    world.annotate()
    for _ in range(deeds):
        NOW[0] = world.now
        world.random.choice(world.deeds())()
    world.forget(sorted(world.annotated)[:1])
    world.comply()
    assert_counts_are_true(world.store)
    assert world.gone() >= world.forgotten
    assert not world.gone() & world.stored()
    with world.store.reading() as connection:
        kept = {each.annotation.post.native_id for each in read_annotations(connection)}
    assert kept <= world.stored() & world.annotated


def traces(world: World) -> set[str]:
    """Return everything by which a forgotten post could be told: ids of all versions and texts."""
    return {trace for i in world.gone() for trace in {i, *world.words[i]}}


def in_tables(world: World, wanted: set[str]) -> list[str]:
    """Return what of `wanted` stands in any column of any table."""
    with world.store.reading() as connection:
        tables = sa.inspect(connection).get_table_names()
        rows = [connection.exec_driver_sql(f'SELECT * FROM "{t}"').all() for t in tables]  # noqa: S608
    everything = str(rows)
    return sorted(trace for trace in wanted if trace in everything)


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_left_on_sqlite(
    seed: int,
    tmp_path: Path,
    platforms: tuple[XServer, RedditServer],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    world = World(open_test_store(f"sqlite:///{tmp_path}/store.db"), *platforms, tmp_path, seed)
    live(world, 25)
    wanted = traces(world)
    assert wanted
    assert world.annotated & world.gone(), "what was annotated was forgotten too"
    assert in_tables(world, wanted) == [], "gone from every read at commit"
    assert scrub_if_due(world.store)
    files = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    assert [t for t in wanted if t.encode() in files] == []
    assert [t for t in wanted if t in caplog.text] == []
    kept = [word for i in world.stored() for word in world.words[i]]
    assert not kept or any(t.encode() in files for t in kept), "the search can find something"
    world.store.close()


@pytest.mark.parametrize("seed", range(100, 103))
def test_nothing_is_left_on_postgresql(
    seed: int,
    tmp_path: Path,
    postgres_address: str,
    platforms: tuple[XServer, RedditServer],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    world = World(open_test_store(postgres_address), *platforms, tmp_path, seed)
    live(world, 15)
    with autocommit(world.store) as connection:
        connection.exec_driver_sql("ANALYZE")  # as the server does by itself
    live(world, 10)
    wanted = traces(world)
    assert wanted
    assert world.annotated & world.gone(), "what was annotated was forgotten too"
    assert in_tables(world, wanted) == []
    assert scrub_if_due(world.store)
    files = read_relations(world.store)
    assert [t for t in wanted if t.encode() in files] == []
    assert [t for t in wanted if t in caplog.text] == []
    assert not world.stored() or any(i.encode() in files for i in world.stored())
    world.store.close()


def autocommit(store: Store) -> sa.Connection:
    return store.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def read_relations(store: Store) -> bytes:
    """Return the bytes of all files of the database, as they lie on the server's disk.

    But for the lists of its own tables, which the server drops and makes anew at any time.
    """
    with autocommit(store) as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = connection.exec_driver_sql("SHOW data_directory").scalar_one()
        oid = connection.exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).scalar_one()
    lists = {"pg_internal.init", "pg_filenode.map"}
    inside = Path(folder, "base", str(oid)).iterdir()
    files = [path for path in inside if path.is_file() and path.name not in lists]
    return b"".join(path.read_bytes() for path in files)


def test_a_scrub_that_a_reader_kept_from_its_work_stays_due(tmp_path: Path) -> None:
    store = open_test_store(f"sqlite:///{tmp_path}/store.db")
    put_posts(store, *(make_post(n) for n in range(3)))
    forget_posts(store, [PostId("x", "1001")], "asked", START)
    reader = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    reader.execute("BEGIN").fetchall()
    reader.execute("SELECT count(*) FROM posts").fetchall()
    assert not scrub(store, attempts=1)
    reader.close()
    assert read_due(store) is not None
    assert scrub_if_due(store)
    assert read_due(store) is None
