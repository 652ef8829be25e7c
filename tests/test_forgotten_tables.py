"""Every table that says something of posts, of any room, lets go of a forgotten one."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy import select

from classifier.annotations import record_annotations
from collector.batch_jobs import OpenJob, keep_job
from collector.checks import mark_seen, mark_there
from collector.forgetting import PostId, forget_posts
from collector.schema import posts
from collector.store import Store
from tests.classifier.test_annotations import annotate
from tests.classifier.test_labels import label_waiting
from tests.stores import START, make_post, open_test_store, put_posts
from tests.test_forgotten_for_good import autocommit


def test_statistics_of_postgresql_hold_nothing_of_posts(postgres_address: str) -> None:
    store = open_test_store(postgres_address)
    put_posts(store, *(make_post(n) for n in range(50)))
    label_waiting(store)
    with store.writing() as connection:
        record_annotations(connection, [annotate(n) for n in range(50)])
        ids = connection.scalars(select(posts.c.id))
        keep_job(connection, "x", OpenJob("1", START), {i: f"9{i}" for i in ids})
    with autocommit(store) as connection:
        connection.exec_driver_sql("ANALYZE")
        found = connection.exec_driver_sql("SELECT tablename, attname FROM pg_stats").all()
    assert ("annotations", "stance") in found
    telling = ("text", "text_hash", "native_id", "current_id", "asked_id")
    assert [name for name in found if name[1] in telling] == []
    store.close()


def test_what_statistics_held_before_is_dropped(postgres_address: str) -> None:
    store = open_test_store(postgres_address)
    put_posts(store, *(make_post(n) for n in range(50)))
    label_waiting(store)
    telling = {"posts": ("text", "text_hash", "native_id"), "labels": ("text_hash",)}
    with autocommit(store) as connection:
        for table, columns in telling.items():
            for column in columns:
                connection.exec_driver_sql(f"ALTER TABLE {table} ALTER {column} SET STATISTICS -1")
        connection.exec_driver_sql("ANALYZE")
        found = "SELECT count(*) FROM pg_stats WHERE attname IN ('text', 'text_hash', 'native_id')"
        assert connection.exec_driver_sql(found).scalar_one() >= 3, "as in a store of old"
        for table, columns in telling.items():
            for column in columns:
                connection.exec_driver_sql(f"ALTER TABLE {table} ALTER {column} SET STATISTICS 0")
        steps = "'collector-7-statistics', 'classifier-5-statistics'"
        connection.exec_driver_sql(f"DELETE FROM migrations WHERE name IN ({steps})")  # noqa: S608  # names of ours
    store.close()
    store = open_test_store(postgres_address)
    with autocommit(store) as connection:
        connection.exec_driver_sql("ANALYZE")
        assert connection.exec_driver_sql(found).scalar_one() == 0
    store.close()


def refer_to_posts(connection: sa.Connection) -> dict[str, str]:
    """Return the column by which each table refers to posts; a telling name counts as a key."""
    inspector = sa.inspect(connection)
    columns: dict[str, str] = {}
    for table in inspector.get_table_names():
        for column in inspector.get_columns(table):
            if column["name"] in ("post", "post_id"):
                columns[table] = column["name"]
        for key in inspector.get_foreign_keys(table):
            if key["referred_table"] == posts.name:
                columns[table] = key["constrained_columns"][0]
    return columns


def test_every_table_that_refers_to_posts_is_emptied_of_a_forgotten_one(store: Store) -> None:
    """A table that is added later fails here until a row of it is put in and forgotten too."""
    put_posts(store, make_post(1), make_post(2))
    label_waiting(store)
    with store.writing() as connection:
        record_annotations(connection, [annotate(1), annotate(2)])
        ids = list(connection.scalars(select(posts.c.id).order_by(posts.c.native_id)))
        mark_seen(connection, ids, START)
        keep_job(
            connection, "x", OpenJob("1", START), dict(zip(ids, ("1001", "1002"), strict=True))
        )
        mark_there(connection, "x", ids, START, set(ids))
        referring = refer_to_posts(connection)
    assert {"labels", "annotations", "checks"} <= set(referring)
    assert rows_of(store, referring, ids[0]) == dict.fromkeys(referring, 1), "put a row in"
    forget_posts(store, [PostId("x", "1001")], "asked", START)
    assert rows_of(store, referring, ids[0]) == dict.fromkeys(referring, 0)
    assert rows_of(store, referring, ids[1]) == dict.fromkeys(referring, 1)


def rows_of(store: Store, referring: Mapping[str, str], post_id: int) -> dict[str, int]:
    """Return how many rows of each table refer to the post."""
    with store.reading() as connection:
        return {
            table: connection.exec_driver_sql(
                f'SELECT count(*) FROM "{table}" WHERE "{column}" = {post_id}'  # noqa: S608  # names of our own tables, a number of our own
            ).scalar_one()
            for table, column in referring.items()
        }
