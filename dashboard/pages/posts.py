"""The page of example posts: what each label looks like."""

from dataclasses import replace

import polars as pl
import streamlit as st

from config.settings import Settings
from dashboard import wording
from dashboard.controls import ask_example, ask_origin, ask_view, keep_in_url, read_filters
from dashboard.examples import draw_invented, load_invented, render_posts
from dashboard.filters import LAST_DRAW, Filters
from dashboard.frame import open_page, show_empty, show_page
from dashboard.reading import Snapshot, read_posts
from dashboard.trend import find_extent

SHOWN = 12  # posts at a time; no string here, Streamlit would print it on the page


def show(settings: Settings) -> None:
    """Show example posts of the view that the URL names."""
    st.title(wording.POSTS_TITLE)
    snapshot = open_page(settings)
    extent = find_extent(snapshot.daily)
    real = settings.privacy.show_real_posts
    if real and extent is None:
        show_empty(settings, snapshot)
        return
    filters = read_filters(wording.PAGE_POSTS)
    if real and extent is not None:
        filters = ask_view(filters, snapshot.daily["platform"].unique().to_list(), extent)
    else:
        filters = ask_origin(filters)
    note = wording.POSTS_REAL if real else wording.POSTS_INVENTED
    st.html(f'<p class="aw-note">{note}</p>')
    filters = ask_example(filters)
    show_posts(draw_posts(settings, snapshot, filters))
    if st.button(wording.MORE):
        keep_in_url(replace(filters, draw=(filters.draw + 1) % (LAST_DRAW + 1)))
        st.rerun()
    keep_in_url(filters)


def draw_posts(settings: Settings, snapshot: Snapshot, filters: Filters) -> pl.DataFrame:
    """Draw real posts where the operator shows them, invented ones otherwise."""
    if settings.privacy.show_real_posts and snapshot.model is not None:
        return read_posts(settings.store_url, snapshot.model, filters, SHOWN)
    return draw_invented(load_invented(), filters, SHOWN)


def show_posts(posts: pl.DataFrame) -> None:
    """Show posts as cards, or say that there are none."""
    if posts.is_empty():
        st.html(f'<p class="aw-note">{wording.NO_POSTS}</p>')
        return
    st.html(render_posts(posts))


if __name__ == "__main__":
    show_page(show)
