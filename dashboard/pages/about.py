"""The page about the monitor: what figures mean, how labels are made, what it is not for."""

from html import escape

import streamlit as st

from config.codebook import Codebook, load_codebook
from config.settings import Settings
from dashboard import wording
from dashboard.frame import show_page
from dashboard.phrases import name_frame, name_stance


def show(settings: Settings) -> None:  # noqa: ARG001  # every page is given the settings
    """Show what this is and what it is not."""
    codebook = load_codebook()
    st.title(wording.ABOUT_TITLE)
    text = wording.ABOUT.format(version=escape(codebook.version))
    labels = f"<h2>{wording.ABOUT_LABELS}</h2>{render_codebook(codebook)}"
    st.html(f'<div class="aw-prose">{text}{labels}{wording.ABOUT_MORE}</div>')


def render_codebook(codebook: Codebook) -> str:
    """Return the stances with their meanings, each with a table of its frames."""
    return "".join(
        f"<h3>{escape(name_stance(stance))}</h3><p>{escape(codebook.meanings[stance])}</p>"
        f"{render_frames(codebook, stance)}"
        for stance in codebook.stances
    )


def render_frames(codebook: Codebook, stance: str) -> str:
    """Return a table of the frames of a stance; empty for `none`, which has no other."""
    frames = [name for name in codebook.frames if codebook.frame_stances[name] == stance]
    if frames == [stance]:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{escape(name_frame(name))}</th>"
        f"<td>{escape(codebook.meanings[name])}</td></tr>"
        for name in frames
    )
    return f'<table class="aw-table"><tbody>{rows}</tbody></table>'


if __name__ == "__main__":
    show_page(show)
