"""The dashboard: its pages and their addresses. Started by `dashboard.launch`."""

from pathlib import Path

import streamlit as st

from dashboard import wording

PAGES = Path(__file__).parent / "pages"


def show() -> None:
    """Show the page that the address names."""
    pages = [
        st.Page(PAGES / "trend.py", title=wording.PAGE_TREND, default=True),
        st.Page(PAGES / "posts.py", title=wording.PAGE_POSTS, url_path="posts"),
        st.Page(PAGES / "about.py", title=wording.PAGE_ABOUT, url_path="about"),
    ]
    page = st.navigation(pages, position="top")
    title = f"{page.title} · {wording.TITLE}"
    st.set_page_config(page_title=title, layout="wide", initial_sidebar_state="auto")
    page.run()


if __name__ == "__main__":
    show()
