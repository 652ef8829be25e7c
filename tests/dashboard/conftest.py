"""The dashboard's pages as tests open them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import dashboard

APP = Path(dashboard.__file__).with_name("app.py")
OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(sqlite_address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Return a function that opens a page of the real app on the store at `sqlite_address`."""
    monkeypatch.setenv("AWAAZ_STORE__URL", sqlite_address)
    # AppTest leaves the page as __main__, which every process forked later would run once more
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    st.cache_data.clear()

    def opened(page: str = "", **params: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        for name, value in params.items():
            app.query_params[name] = value
        app.run()
        if page:
            app.switch_page(f"pages/{page}.py").run()
        assert not app.exception, app.exception
        return app

    yield opened
    st.cache_resource.clear()
