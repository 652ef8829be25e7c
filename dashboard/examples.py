"""Example posts: real ones, masked, where the operator allows it; invented ones otherwise."""

import json
import re
from functools import cache
from html import escape
from importlib.resources import files

import polars as pl

from config.codebook import FRAMES, STANCES, load_codebook
from dashboard import wording
from dashboard.filters import Filters
from dashboard.mask import LINK, MAIL, PHONE, USER, mask_text
from dashboard.phrases import name_frame, name_platform, name_stance, say_day

__all__ = ["draw_invented", "frames_of", "load_invented", "render_posts"]

FIELDS = ("text", "stance", "frame", "form", "country")
APART = re.compile(rf"(#\w+|{'|'.join(map(re.escape, (LINK, MAIL, USER, PHONE)))})")
LANGUAGES = {"ur": "ur", "hi": "hi", "en": "en"}


@cache
def load_invented() -> pl.DataFrame:
    """Return the invented posts that ship with awaaz: text, stance, frame, form and country."""
    lines = files("config").joinpath("sample", "posts.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in lines.splitlines() if line.strip()]
    records = [{name: row.get(name) for name in FIELDS} for row in rows]
    posts = pl.DataFrame(records, schema=dict.fromkeys(FIELDS, pl.String))
    return posts.filter(
        pl.col("stance").is_in(STANCES), pl.col("frame").is_in(FRAMES), pl.col("text") != ""
    )


def draw_invented(posts: pl.DataFrame, filters: Filters, limit: int) -> pl.DataFrame:
    """Draw invented posts of the view's stance, frame, form and country."""
    chosen = {"form": filters.forms, "country": filters.countries}
    for name, values in chosen.items():
        if values:
            posts = posts.filter(pl.col(name).is_in(values))
    for name, value in {"stance": filters.stance, "frame": filters.frame}.items():
        if value:
            posts = posts.filter(pl.col(name) == value)
    return posts.sample(min(limit, posts.height), shuffle=True, seed=filters.draw)


def frames_of(stance: str | None) -> tuple[str, ...]:
    """Return the frames of a stance, or all that are frames of some stance."""
    frames = load_codebook().frame_stances
    return tuple(
        name for name in FRAMES if name != "none" and (stance is None or frames[name] == stance)
    )


def render_posts(posts: pl.DataFrame) -> str:
    """Return posts as HTML: masked, escaped, and laid out in their own direction."""
    cards = "".join(render_post(row) for row in posts.iter_rows(named=True))
    return f'<div class="aw-posts">{cards}</div>'


def render_post(row: dict[str, object]) -> str:
    """Return one post as HTML; nothing that the post says is ever read as markup."""
    form = str(row["form"])
    direction = "rtl" if form == "ur" else "auto" if form == "other" else "ltr"
    language = f' lang="{LANGUAGES[form]}"' if form in LANGUAGES else ""
    text = mark_up(mask_text(str(row["text"])))
    label = " · ".join(escape(word) for word in describe_label(row))
    return (
        f'<article><p dir="{direction}"{language}>{text}</p>'
        f"<footer><b>{label}</b><br>{escape(describe_origin(row))}</footer></article>"
    )


def mark_up(text: str) -> str:
    """Return a text as HTML; hashtags and masks keep their own direction inside Urdu."""
    parts = APART.split(text)  # every second one is a match
    return "".join(
        f"<bdi>{escape(part)}</bdi>" if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )


def describe_label(row: dict[str, object]) -> list[str]:
    """Return the stance of a post and, where it has one, its frame."""
    stance, frame = str(row["stance"]), str(row["frame"])
    return [name_stance(stance)] if frame == "none" else [stance, name_frame(frame)]


def describe_origin(row: dict[str, object]) -> str:
    """Return where a post comes from, as far as is told, and how it is written."""
    parts = [
        wording.COUNTRY.get(str(row["country"]), wording.COUNTRY["unknown"]),
        wording.FORM.get(str(row["form"]), wording.FORM["other"]),
    ]
    if row.get("day"):
        parts += [name_platform(str(row["platform"])), say_day(row["day"])]  # type: ignore[arg-type]  # a Date column
    return ", ".join(parts)
