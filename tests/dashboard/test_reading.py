"""Reading: the dashboard sees the store and cannot change it, on either database."""

from collections.abc import Iterator

import pytest
import streamlit as st
from sqlalchemy import text

from collector.errors import StoreError
from collector.store import Store
from dashboard.filters import Filters
from dashboard.reading import open_read_only, read_posts, take_snapshot
from tests.dashboard.filled import FIRST, MODEL, make_labelled, put_labelled
from tests.stores import make_post, put_posts


@pytest.fixture(autouse=True)
def fresh_caches() -> Iterator[None]:
    """Forget what earlier tests have read, and let go of what this one has opened."""
    st.cache_data.clear()
    yield
    st.cache_resource.clear()


def address_of(store: Store) -> str:
    """Return the address of a store with its password, if it has one."""
    return store.engine.url.render_as_string(hide_password=False)


def test_snapshot_counts_labelled_waiting_and_unread(store: Store) -> None:
    put_labelled(store, [make_labelled(number, FIRST, "solidarity") for number in range(3)])
    put_posts(store, make_post(10), make_post(11, form="other"), make_post(12, form="other"))
    snapshot = take_snapshot(address_of(store))
    assert snapshot.model == MODEL
    assert snapshot.daily["n"].sum() == 3
    assert (snapshot.other_form, snapshot.waiting) == (2, 1)


def test_empty_store_gives_an_empty_snapshot(store: Store) -> None:
    snapshot = take_snapshot(address_of(store))
    assert snapshot.model is None
    assert snapshot.daily.is_empty()


def test_store_cannot_be_written(store: Store) -> None:
    put_labelled(store, [make_labelled(1, FIRST, "solidarity")])
    reader = open_read_only(address_of(store))
    for _ in range(2):  # a connection of the pool that is used again, too
        with pytest.raises(StoreError, match="cannot be written"), reader.writing() as connection:
            connection.execute(text("DELETE FROM labels"))
    assert take_snapshot(address_of(store)).daily["n"].sum() == 1


def test_posts_are_drawn_by_view_and_seed(store: Store) -> None:
    labelled = [
        make_labelled(number, FIRST, "ridicule" if number % 2 else "solidarity", country="PK")
        for number in range(40)
    ]
    put_labelled(store, labelled)
    address = address_of(store)

    def texts(filters: Filters) -> list[str]:
        return read_posts(address, MODEL, filters, 5)["text"].to_list()

    assert texts(Filters()) == texts(Filters())
    assert texts(Filters()) != texts(Filters(draw=1))
    hostile = read_posts(address, MODEL, Filters(stance="hostile"), 50)
    assert hostile.height == 20
    assert set(hostile["frame"]) == {"ridicule"}
    assert texts(Filters(countries=("IN",))) == []
