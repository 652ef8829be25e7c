"""Annotations: written once, true to the text that was read, and gone with their post."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from classifier import annotations as module
from classifier.annotation_schema import annotations
from classifier.annotations import (
    AnnotatedPost,
    Annotation,
    Recorded,
    read_annotations,
    record_annotations,
)
from classifier.errors import AnnotationError
from classifier.schema import CLASSIFIER_STEPS
from collector.forgetting import PostId, expire_text, forget_posts
from collector.migrations import COLLECTOR_STEPS
from collector.post import hash_text
from collector.store import Store
from tests.stores import KEY, START, make_post, open_test_store, put_posts


def annotate(number: int, **changes: object) -> Annotation:
    """Return an invented annotation of the post of that number."""
    values: dict[str, object] = {
        "post": PostId("x", str(1000 + number)),
        "coder": "c1",
        "stance": "supportive",
        "codebook": "1.3",
        "drawn_because": "random",
        "probability": 0.1,
        "frame": "solidarity",
    }
    return Annotation(**(values | changes))  # type: ignore[arg-type]  # tests name what they change


def record(store: Store, *given: Annotation) -> Recorded:
    with store.writing() as connection:
        return record_annotations(connection, given)


def read(store: Store) -> list[AnnotatedPost]:
    with store.reading() as connection:
        return list(read_annotations(connection))


def test_an_annotation_is_read_as_it_was_written(store: Store) -> None:
    put_posts(store, make_post(1, "I believe her", form="en", country="IN"))
    assert record(store, annotate(1)) == Recorded(1, 0, 0, {})
    assert read(store) == [
        AnnotatedPost(
            annotation=annotate(1, text_hash=hash_text("I believe her")),
            current=True,
            text="I believe her",
            form="en",
            country="IN",
        )
    ]


def test_the_same_again_changes_nothing_and_another_opinion_replaces(store: Store) -> None:
    put_posts(store, make_post(1), make_post(2))
    record(store, annotate(1), annotate(2, probability=None, frame=""))
    again = record(store, annotate(1), annotate(2, probability=None, frame=""))
    assert again == Recorded(0, 0, 2, {})
    other = annotate(1, stance="hostile", frame="smear")
    assert record(store, other) == Recorded(0, 1, 0, {})
    assert record(store, replace(other, coder="c2"), replace(other, codebook="1.4")).new == 2
    assert [(a.annotation.coder, a.annotation.stance) for a in read(store)] == [
        ("c1", "hostile"),
        ("c1", "hostile"),
        ("c2", "hostile"),
        ("c1", "supportive"),
    ]


def test_of_two_by_the_same_coder_the_last_counts(store: Store) -> None:
    put_posts(store, make_post(1, current_id="1501", revision=1501))
    twice = (annotate(1), annotate(1, post=PostId("x", "1501"), stance="none", frame="none"))
    assert record(store, *twice) == Recorded(1, 0, 0, {0: module.REPEATED})
    assert record(store, *twice) == Recorded(0, 0, 1, {0: module.REPEATED})
    assert [a.annotation.stance for a in read(store)] == ["none"]


def test_what_cannot_be_annotated_is_left_out(store: Store) -> None:
    put_posts(store, make_post(1), make_post(2, collected_at=START), make_post(3))
    expire_text(store, START + timedelta(days=1))
    forget_posts(store, [PostId("x", "1003")], "asked", START)
    other = annotate(1, text_hash=hash_text("what it once said"))
    done = record(store, annotate(3), annotate(2), other, annotate(9))
    assert done.left_out == {
        0: module.NOT_STORED,
        1: module.EXPIRED,
        2: module.OTHER_TEXT,
        3: module.NOT_STORED,
    }
    assert read(store) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"stance": "angry"}, "Use one of supportive"),
        ({"frame": "rage"}, "Use one of testimony"),
        ({"frame": "smear"}, "another stance"),
        ({"coder": "asha@example.org"}, "Never use a name"),
        ({"coder": "Asha K"}, "Never use a name"),
        ({"coder": ""}, "1 to 32"),
        ({"coder": "c" * 33}, "1 to 32"),
        ({"codebook": "the new one"}, "as in 1.3"),
        ({"codebook": "1.3\n"}, "as in 1.3"),
        ({"drawn_because": ""}, "as in random"),
        ({"drawn_because": "asha@example.org asked"}, "without @"),
        ({"drawn_because": "x" * 65}, "up to 64"),
        ({"probability": 0.0}, "above 0"),
        ({"probability": 1.01}, "above 0"),
        ({"probability": float("nan")}, "above 0"),
    ],
)
def test_a_mistake_is_told_without_repeating_it_and_nothing_is_written(
    sqlite_address: str, changes: dict[str, object], told: str
) -> None:
    store = open_test_store(sqlite_address)
    put_posts(store, make_post(1), make_post(2))
    with pytest.raises(AnnotationError, match=told) as error:
        record(store, annotate(1), annotate(2, **changes))
    assert not any(isinstance(v, str) and v and v in str(error.value) for v in changes.values())
    assert read(store) == []
    store.close()


def test_an_annotation_of_an_edited_post_stays_but_is_not_of_its_text(store: Store) -> None:
    put_posts(store, make_post(1, "old words", revision=1), make_post(2))
    record(store, annotate(1), annotate(2))
    put_posts(store, make_post(1, "new words", revision=2))
    assert [(a.current, a.text is None) for a in read(store)] == [(False, True), (True, False)]
    told = record(store, annotate(1), annotate(2))
    assert told.unchanged == 2, "a table imported again says nothing of the new text"
    assert not read(store)[0].current
    assert record(store, annotate(1, text_hash=hash_text("new words"))).replaced == 1
    again = read(store)[0]
    assert (again.current, again.text) == (True, "new words")


def test_forgotten_posts_take_their_annotations_along(store: Store) -> None:
    put_posts(store, make_post(1), make_post(2))
    record(store, annotate(1), annotate(1, coder="c2"), annotate(2))
    forget_posts(store, [PostId("x", "1001")], "asked", START)
    assert [a.annotation.post.native_id for a in read(store)] == ["1002"]


def test_a_forgetting_that_fails_keeps_the_annotations(store: Store) -> None:
    put_posts(store, make_post(1))
    record(store, annotate(1))
    store.on_change(fail)
    with pytest.raises(RuntimeError):
        forget_posts(store, [PostId("x", "1001")], "asked", START)
    assert len(read(store)) == 1


def fail(*_: object) -> None:
    raise RuntimeError("an upper room fails")


def test_codes_of_the_last_text_outlive_it_without_a_hash(store: Store) -> None:
    put_posts(store, make_post(1, "old words", revision=1), make_post(2), make_post(3))
    record(store, annotate(1), annotate(2))
    put_posts(store, make_post(1, "new words", revision=2))
    record(store, annotate(1, coder="c2", text_hash=hash_text("new words")))
    expire_text(store, START + timedelta(days=365))
    assert [(a.annotation.coder, a.current, a.text) for a in read(store)] == [
        ("c2", True, None),
        ("c1", True, None),
    ]
    with store.reading() as connection:
        assert set(connection.scalars(select(annotations.c.text_hash))) == {""}


def test_a_store_of_earlier_steps_gets_the_table(sqlite_address: str) -> None:
    steps = (*COLLECTOR_STEPS, *CLASSIFIER_STEPS[:2])
    Store.open(sqlite_address, key=KEY, steps=steps).close()
    store = open_test_store(sqlite_address)
    with store.reading() as connection:
        assert inspect(connection).has_table("annotations")
    put_posts(store, make_post(1))
    assert record(store, annotate(1)).new == 1
    store.close()
