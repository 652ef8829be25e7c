"""Labels and daily counts: whatever happens to posts, the counts are what a recount gives."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, select

from classifier.daily_reading import read_daily, read_frames
from classifier.labels import (
    Unlabelled,
    count_labels,
    count_unlabelled,
    read_unlabelled,
    write_labels,
)
from classifier.registry import live_model, make_live
from classifier.schema import PAIRS, daily, daily_frame, labels
from classifier.stance_classifier import Predictions
from collector.forgetting import PostId, expire_text, forget_posts
from collector.post import Post
from collector.schema import posts, tombstones
from collector.store import Store
from config.codebook import FRAMES, STANCES
from tests.stores import START, make_post, put_posts

MODEL = "hand-made"


def predict_by_length(batch: Sequence[Unlabelled]) -> Predictions:
    """Return probabilities that depend on the text alone, as a model's do."""
    frame = np.zeros((len(batch), len(FRAMES)), dtype=np.float32)
    for i, one in enumerate(batch):
        rng = np.random.default_rng(len(one.text))
        frame[i] = rng.dirichlet(np.full(len(FRAMES), 0.3))
    stance = np.stack(
        [frame[:, 5 * k : 5 * k + 5].sum(axis=1) for k in range(3)] + [frame[:, 15]], axis=1
    )
    return Predictions(stance=stance, frame=frame)


def label_waiting(store: Store, model: str = MODEL) -> int:
    with store.writing() as connection:
        make_live(connection, model, {}, START)
        batch = read_unlabelled(connection, model, after=-1, limit=1000)
        return write_labels(connection, model, batch, predict_by_length(batch), START)


def recount(connection: Connection) -> dict[tuple[object, ...], np.ndarray]:
    """Count anew, from labels and posts, what `daily` should hold."""
    sums: dict[tuple[object, ...], np.ndarray] = {}
    query = select(posts, labels).join(labels, labels.c.post_id == posts.c.id)
    for row in connection.execute(query.where(labels.c.counted)).mappings():
        p = np.array([row[f"p_{stance}"] for stance in STANCES])
        key = tuple(row[k] for k in ("day", "platform", "country", "about", "form", "model"))
        values = [1, row["weight"], row["weight"] ** 2, *(row["weight"] * p)]
        values += [row["weight"] * p[i] * p[j] for i, j in PAIRS]
        key = (*key, row["stance"])
        sums[key] = sums.get(key, np.zeros(17)) + np.array(values)
    return sums


def assert_counts_are_true(store: Store) -> None:
    with store.reading() as connection:
        expected = recount(connection)
        rows = {tuple(row[:7]): np.array(row[7:]) for row in connection.execute(select(daily))}
        frames = sum(row.n for row in connection.execute(select(daily_frame)))
    assert rows.keys() == expected.keys()
    for key, values in expected.items():
        np.testing.assert_allclose(rows[key], values, atol=1e-9)
    assert frames == sum(int(v[0]) for v in expected.values())


def test_labels_are_counted_by_day_and_stance(store: Store) -> None:
    put_posts(store, *(make_post(n, "x" * n) for n in range(1, 30)))
    assert label_waiting(store) == 29
    assert label_waiting(store) == 0
    assert_counts_are_true(store)
    with store.reading() as connection:
        frame = read_daily(connection, model=MODEL)
        assert read_frames(connection, model=MODEL)
    assert frame["n"].sum() == 29
    assert frame.schema["day"] == pl.Date


def test_filters_choose_rows(store: Store) -> None:
    put_posts(store, *(make_post(n) for n in range(48)))
    label_waiting(store)
    day = START.date() + timedelta(days=1)
    with store.reading() as connection:
        chosen = read_daily(connection, model=MODEL, countries=["PK"], since=day, until=day)
        nothing = read_daily(connection, model=MODEL, forms=[])
    assert set(chosen["country"]) == {"PK"}
    assert set(chosen["day"]) == {day}
    assert nothing.is_empty()


def test_an_edited_post_leaves_the_counts_until_it_is_read_again(store: Store) -> None:
    put_posts(store, make_post(1, "old text", revision=1), make_post(2))
    label_waiting(store)
    put_posts(store, make_post(1, "a new and longer text", revision=2))
    assert_counts_are_true(store)
    with store.reading() as connection:
        assert count_labels(connection, MODEL) == 1
        assert count_unlabelled(connection, MODEL)["waiting"] == 1
        assert len(connection.execute(select(labels)).all()) == 2
    assert label_waiting(store) == 1
    assert_counts_are_true(store)


def test_a_post_edited_back_is_counted_once(store: Store) -> None:
    for revision, text in enumerate(["first", "second", "first"]):
        put_posts(store, make_post(1, text, revision=revision))
        assert label_waiting(store) == 1
    assert_counts_are_true(store)
    with store.reading() as connection:
        assert count_labels(connection, MODEL) == 1


def test_forgotten_posts_are_subtracted_and_expired_ones_stay(store: Store) -> None:
    put_posts(store, *(make_post(n) for n in range(10)))
    label_waiting(store)
    forget_posts(store, [PostId("x", "1003")], "asked", START)
    assert_counts_are_true(store)
    expire_text(store, START + timedelta(days=365))
    assert_counts_are_true(store)
    with store.reading() as connection:
        assert count_labels(connection, MODEL) == 9
        assert set(connection.scalars(select(labels.c.text_hash))) == {""}


def test_other_forms_and_lost_texts_are_never_labelled(store: Store) -> None:
    put_posts(store, make_post(1, form="other"), make_post(2, collected_at=START), make_post(3))
    expire_text(store, START + timedelta(days=1))
    assert label_waiting(store) == 1
    with store.reading() as connection:
        assert count_unlabelled(connection, MODEL) == {"other_form": 1, "waiting": 0}


def test_a_post_that_changed_while_it_was_read_gets_no_label(store: Store) -> None:
    put_posts(store, make_post(1, "before", revision=1), make_post(2))
    with store.writing() as connection:
        make_live(connection, MODEL, {}, START)
        batch = read_unlabelled(connection, MODEL, after=-1, limit=10)
    put_posts(store, make_post(1, "after", revision=2))
    forget_posts(store, [PostId("x", "1002")], "asked", START)
    with store.writing() as connection:
        assert write_labels(connection, MODEL, batch, predict_by_length(batch), START) == 0
    assert_counts_are_true(store)


def test_a_new_model_gets_a_series_of_its_own(store: Store) -> None:
    put_posts(store, *(make_post(n) for n in range(6)))
    label_waiting(store, "first")
    label_waiting(store, "second")
    assert_counts_are_true(store)
    with store.reading() as connection:
        assert live_model(connection) == "second"
        assert read_daily(connection, model="first")["n"].sum() == 6


def test_sampled_posts_count_by_their_weight(store: Store) -> None:
    put_posts(store, make_post(1, weight=4.0), make_post(2, weight=1.0))
    label_waiting(store)
    assert_counts_are_true(store)
    with store.reading() as connection:
        assert read_daily(connection, model=MODEL)["w"].sum() == pytest.approx(5.0)


steps = st.lists(
    st.tuples(st.sampled_from(["put", "label", "forget"]), st.integers(0, 4), st.integers(0, 3)),
    max_size=15,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_counts_are_true_after_any_sequence(
    store: Store, steps: list[tuple[str, int, int]]
) -> None:
    with store.writing() as connection:
        for table in (daily, daily_frame, labels, posts, tombstones):
            connection.execute(delete(table))
    for step, number, revision in steps:
        if step == "put":
            put_posts(store, numbered(number, revision))
        elif step == "label":
            label_waiting(store)
        else:
            forget_posts(store, [PostId("x", str(1000 + number))], "asked", START)
        assert_counts_are_true(store)


def numbered(number: int, revision: int) -> Post:
    return make_post(number, f"text {'x' * (revision % 2)}", revision=revision)
