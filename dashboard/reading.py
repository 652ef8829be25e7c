"""Reading: what pages take from the store, through caches that all viewers share."""

from dataclasses import dataclass

import polars as pl
import streamlit as st
from sqlalchemy import event

from classifier.daily_reading import read_daily
from classifier.examples import read_examples
from classifier.labels import count_unlabelled
from classifier.registry import live_model
from classifier.wiring import open_store
from collector.store import Store
from config.settings import Settings, load_settings
from dashboard.filters import Filters

__all__ = ["Snapshot", "open_read_only", "read_posts", "read_settings", "take_snapshot"]

FRESH_S = 60
"""Seconds for which a page may be behind the store."""


@dataclass(frozen=True)
class Snapshot:
    """One state of the store: the live model's daily counts, and what is not in them."""

    model: str | None
    daily: pl.DataFrame
    other_form: int
    waiting: int


def read_settings() -> Settings:
    """Return the settings of this process."""
    return load_settings()


@st.cache_resource(show_spinner=False, on_release=Store.close)
def open_read_only(address: str) -> Store:
    """Return the store with every connection barred from writing."""
    store = open_store(address)
    store.engine.dispose()  # connections made so far may write
    statement = {
        "sqlite": "PRAGMA query_only=ON",
        "postgresql": "SET default_transaction_read_only = on",
    }[store.engine.dialect.name]

    @event.listens_for(store.engine, "connect")
    def bar(connection: object, _: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # any DB-API connection
        cursor.execute(statement)
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]  # PostgreSQL would take it back

    return store


@st.cache_data(ttl=FRESH_S, show_spinner=False, max_entries=4)
def take_snapshot(address: str) -> Snapshot:
    """Return the state of the store at most a minute ago.

    All days are read at once: the rows grow with the days, not with the posts, and filters then
    work on a frame that is there already.
    """
    with open_read_only(address).reading() as connection:
        model = live_model(connection)
        left = count_unlabelled(connection, model)
        daily = read_daily(connection, model=model or "")
    return Snapshot(model, daily, left["other_form"], left["waiting"])


def read_posts(address: str, model: str, filters: Filters, limit: int) -> pl.DataFrame:
    """Draw real posts of a view; the same filters and draw give the same posts."""
    with open_read_only(address).reading() as connection:
        return read_examples(
            connection,
            model=model,
            stance=filters.stance,
            frame=filters.frame,
            countries=filters.countries or None,
            platforms=filters.platforms or None,
            forms=filters.forms or None,
            since=filters.since,
            until=filters.until,
            limit=limit,
            seed=filters.draw,
        )
