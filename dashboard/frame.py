"""The frame around every page: style, the notice of the demo, and what to do when all is empty."""

from collections.abc import Callable
from html import escape

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from collector.errors import CollectorError
from config.errors import ConfigError
from config.settings import Settings
from dashboard import wording
from dashboard.errors import DashboardError
from dashboard.phrases import say_count
from dashboard.reading import Snapshot, read_settings, take_snapshot
from dashboard.theme import CSS

__all__ = ["open_page", "show_empty", "show_page"]


def show_page(body: Callable[[Settings], None]) -> None:
    """Show a page inside its frame; what is wrong is said in words, never as a traceback."""
    st.html(CSS)
    try:
        settings = read_settings()
        if settings.dashboard.invented:
            st.html(f'<div class="aw-banner" role="note">{wording.INVENTED}</div>')
        body(settings)
    except (ConfigError, CollectorError, DashboardError) as error:
        show_broken(str(error))
    except SQLAlchemyError as error:
        show_broken(type(error).__name__)


def open_page(settings: Settings) -> Snapshot:
    """Return the state of the store that the settings name."""
    return take_snapshot(settings.store_url)


def show_broken(message: str) -> None:
    """Say what is wrong and where to look."""
    st.title(wording.BROKEN_TITLE)
    st.error(escape(message))
    st.markdown(wording.BROKEN_HINT)


def show_empty(settings: Settings, snapshot: Snapshot) -> None:
    """Say that there is nothing to show and which command changes that."""
    waiting = ""
    if snapshot.waiting:
        waiting = wording.EMPTY_WAITING.format(waiting=say_count(snapshot.waiting))
    text = wording.EMPTY.format(store=escape(hide_password(settings.store_url)))
    st.html(f'<div class="aw-prose"><h1>{wording.EMPTY_TITLE}</h1>{waiting}{text}</div>')


def hide_password(address: str) -> str:
    """Return a store's address without what stands between its user name and its host."""
    head, at, tail = address.rpartition("@")
    if not at:
        return address
    scheme, slashes, user = head.partition("://")
    return f"{scheme}{slashes}{user.partition(':')[0]}@{tail}"
