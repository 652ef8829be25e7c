"""The pages, run by Streamlit itself on a real store."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from config.codebook import FRAMES, load_codebook
from dashboard import wording
from dashboard.filters import Filters
from dashboard.phrases import name_frame, say_share, say_source
from tests.dashboard.conftest import OpenPage
from tests.dashboard.filled import FIRST, fill_store, make_labelled, make_weeks
from tests.stores import make_post, open_test_store, put_posts

HOSTILE_TEXT = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> **bold** [a](javascript:alert(3))"
    " $x^2$ :red[r] </p></article> &lt; @some_handle 0300-1234567 https://t.co/abc"
)


def text_of(app: AppTest) -> str:
    """Return everything that a page shows as HTML or text."""
    parts = [element.value for element in (*app.markdown, *app.caption, *app.title, *app.header)]
    parts += [element.proto.body for element in app.get("html")]
    return "\n".join(part for part in parts if "<style>" not in part)


def charts_of(app: AppTest) -> list[dict[str, Any]]:
    """Return the charts of a page as Vega-Lite."""
    return [json.loads(element.proto.spec) for element in app.get("vega_lite_chart")]


def params_of(app: AppTest) -> dict[str, str]:
    """Return the query string's parts, whether the page or the test has set them."""
    return {
        name: value if isinstance(value, str) else value[0]
        for name, value in app.query_params.items()
    }


@pytest.fixture
def filled(sqlite_address: str) -> None:
    """Fill the store with eight weeks of posts."""
    fill_store(sqlite_address, make_weeks())


def test_empty_store_says_what_to_do(open_page: OpenPage) -> None:
    text = text_of(open_page())
    assert wording.EMPTY_TITLE in text
    assert all(f"awaaz {name}" in text for name in ("demo", "import", "label", "doctor"))


def test_unlabelled_store_asks_to_label(open_page: OpenPage, sqlite_address: str) -> None:
    store = open_test_store(sqlite_address)
    put_posts(store, make_post(1), make_post(2))
    store.close()
    assert "2 posts</b> in the store wait for a label" in text_of(open_page())


@pytest.mark.usefixtures("filled")
def test_trend_shows_sentence_charts_and_denominators(open_page: OpenPage) -> None:
    app = open_page()
    text = text_of(app)
    assert "Of 30 posts that take a stance in the week of 22 to 28\u00a0October 2018" in text
    assert "as counted, not corrected" in text
    assert "320 posts with a label in this view: 240 (75\u00a0%) take a stance" in text
    assert "Country unknown for 0\u00a0% of 320 posts." in text
    assert wording.WEIGHTED not in text
    assert "more than one chart" not in text
    lines, bars = charts_of(app)
    assert {layer["mark"]["type"] for layer in lines["layer"]} >= {"line", "point", "rule"}
    assert bars["layer"][0]["mark"]["type"] == "rect"
    table = app.dataframe[0].value
    assert table["n"].sum() == 240
    assert set(table["base"]) == {"posts that take a stance"}


@pytest.mark.usefixtures("filled")
def test_url_reproduces_the_view(open_page: OpenPage) -> None:
    app = open_page(country="PK", period="month", of="all", since="2018-09-10")
    text = text_of(app)
    assert "posts in October 2018" not in text  # the data end before the month does
    assert "140 posts with a label in this view" in text
    assert app.multiselect(key="countries").value == ["PK"]
    assert app.segmented_control(key="period").value == "month"
    assert app.toggle(key="with_none").value is True
    assert app.date_input(key="since").value == date(2018, 9, 10)
    assert params_of(app)["country"] == "PK"


@pytest.mark.usefixtures("filled")
def test_choice_goes_into_the_url(open_page: OpenPage) -> None:
    app = open_page()
    app.multiselect(key="countries").set_value(["IN"]).run()
    app.toggle(key="as_counts").set_value(True).run()
    assert not app.exception
    assert params_of(app)["country"] == "IN"
    assert params_of(app)["show"] == "counts"
    assert "Posts from India only. 320 posts match the other filters" in text_of(app)


@pytest.mark.usefixtures("filled")
def test_a_chart_that_is_passed_on_tells_of_what_it_is(open_page: OpenPage) -> None:
    lines, _ = charts_of(open_page(country="PK", platform="x"))
    assert lines["title"]["text"] == [
        "Awaaz, public posts on #MeToo, as counted, not corrected",
        "Only posts from Pakistan; on X",
    ]


def test_invented_posts_are_called_so_in_the_chart() -> None:
    first, last = date(2018, 10, 1), date(2018, 10, 31)
    (line,) = say_source(Filters(), first, last, invented=True)
    assert line == "Awaaz demo, invented posts, as counted, not corrected"
    everything = Filters(("PK", "IN"), ("x", "reddit"), ("en", "roman"), first, last)
    assert max(map(len, say_source(everything, first, last, invented=True))) <= 56


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.004, "under 1 %"), (0.995, "over 99 %"), (0.9999, "over 99 %"), (1, "100 %")],
)
def test_a_share_that_is_neither_none_nor_all_is_not_called_so(share: float, said: str) -> None:
    assert say_share(share).replace("\u00a0", " ") == said


@pytest.mark.usefixtures("filled")
def test_page_names_what_the_filters_leave_out(open_page: OpenPage) -> None:
    assert "Only posts" not in text_of(open_page())
    text = text_of(open_page(country="PK,IN", platform="x", form="en", since="2018-09-10"))
    assert (
        "Only posts from Pakistan and India; on X; in English;"
        " of 10\u00a0September to 28\u00a0October 2018<" in text
    )


@pytest.mark.usefixtures("filled")
def test_help_on_filters_is_no_pale_caption(open_page: OpenPage) -> None:
    app = open_page()
    assert not app.caption
    assert f'<p class="aw-note">{wording.FILTERS_HELP}</p>' in text_of(app)


@pytest.mark.usefixtures("filled")
def test_filters_outlive_a_change_of_page(open_page: OpenPage) -> None:
    app = open_page(country="IN", period="day")
    app.switch_page("pages/about.py").run()
    app.switch_page("pages/trend.py").run()
    assert not app.exception
    assert app.multiselect(key="countries").value == ["IN"]
    assert app.segmented_control(key="period").value == "day"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    "params",
    [
        {"country": "<b>", "period": "year", "since": "2018-99-99", "draw": "x"},
        {"since": "1850-01-01", "until": "2990-01-01"},
        {"since": "2018-10-20", "until": "2018-09-10"},
        {"since": "2030-01-01"},
        {"platform": "no_such_platform"},
        {"form": "ur"},
    ],
)
def test_odd_urls_do_no_harm(open_page: OpenPage, params: dict[str, str]) -> None:
    assert text_of(open_page(**params))


@pytest.mark.usefixtures("filled")
def test_filter_without_posts_says_so(open_page: OpenPage) -> None:
    assert wording.NO_MATCH in text_of(open_page(form="ur"))


def test_posts_without_a_stance_are_not_said_to_be_absent(
    open_page: OpenPage, sqlite_address: str
) -> None:
    fill_store(sqlite_address, [make_labelled(1, FIRST, "none")])
    text = text_of(open_page())
    assert wording.NO_MATCH not in text
    assert "Of 1 post with a label in this view, none takes a stance" in text
    assert wording.OF_ALL_LABEL in text


@pytest.mark.usefixtures("filled")
def test_dates_the_wrong_way_round_are_said_to_be_so(open_page: OpenPage) -> None:
    app = open_page()
    app.date_input(key="since").set_value(date(2018, 10, 20))
    app.date_input(key="until").set_value(date(2018, 9, 10)).run()
    assert [warning.value for warning in app.warning] == [wording.DATES_CROSSED]
    assert "320 posts with a label in this view" in text_of(app)
    assert not {"since", "until"} & params_of(app).keys()
    app.date_input(key="until").set_value(date(2018, 10, 21)).run()
    assert not app.warning
    assert params_of(app)["since"] == "2018-10-20"


@pytest.mark.usefixtures("filled")
def test_open_page_goes_along_when_new_days_come_in(
    open_page: OpenPage, sqlite_address: str
) -> None:
    app = open_page()
    later = date(2018, 10, 29)
    fill_store(sqlite_address, [make_labelled(7777, later, "solidarity")])
    st.cache_data.clear()
    app.toggle(key="as_counts").set_value(True).run()
    assert app.date_input(key="until").value == later
    assert "until" not in params_of(app)
    assert "321 posts with a label in this view" in text_of(app)


def test_shares_of_a_sample_say_why_they_are_not_the_posts_divided(
    open_page: OpenPage, sqlite_address: str
) -> None:
    posts = [make_labelled(i, FIRST, "solidarity") for i in range(3)]
    fill_store(sqlite_address, [*posts, make_labelled(9, FIRST, "ridicule", weight=5.0)])
    assert wording.WEIGHTED in text_of(open_page())


@pytest.mark.usefixtures("filled")
def test_chart_of_too_many_days_says_what_to_choose(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.charts.OVERFULL", 40)
    hint = "56 days are more than one chart can show clearly: choose “Week” or “Month”"
    text = text_of(open_page(period="day"))
    assert hint in text
    assert "Lines join only days with 20 or more posts that take a stance" in text
    text = text_of(open_page(period="day", show="counts"))
    assert hint in text
    assert "Lines join only" not in text


def test_demo_says_on_every_page_that_posts_are_invented(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWAAZ_DASHBOARD__INVENTED", "true")
    for page in ("", "posts", "about"):
        assert wording.INVENTED in text_of(open_page(page))


def test_posts_are_invented_unless_switched_on(open_page: OpenPage, sqlite_address: str) -> None:
    fill_store(sqlite_address, [make_labelled(1, FIRST, "solidarity", text="REAL-TEXT")])
    text = text_of(open_page("posts"))
    assert wording.POSTS_INVENTED in text
    assert "<article>" in text
    assert "REAL-TEXT" not in text


def test_real_posts_are_masked_and_escaped(
    open_page: OpenPage, sqlite_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_store(sqlite_address, [make_labelled(1, FIRST, "threat", text=HOSTILE_TEXT)])
    monkeypatch.setenv("AWAAZ_PRIVACY__SHOW_REAL_POSTS", "true")
    text = text_of(open_page("posts"))
    card = re.findall(r"<article>.*</article>", text, flags=re.DOTALL)[0]
    tags = set(re.findall(r"</?([a-z]+)", card))
    assert tags == {"article", "p", "footer", "b", "br", "bdi"}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in card
    assert "**bold** [a](javascript:alert(3)) $x^2$ :red[r]" in card
    assert not re.search(r"some_handle|1234567|t\.co", card)
    assert "[user]</bdi> <bdi>[number]</bdi> <bdi>[link]" in card


def test_urdu_runs_from_right_to_left(
    open_page: OpenPage, sqlite_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_store(sqlite_address, [make_labelled(1, FIRST, "none", text="سنو", form="ur")])
    monkeypatch.setenv("AWAAZ_PRIVACY__SHOW_REAL_POSTS", "true")
    assert '<p dir="rtl" lang="ur">سنو</p>' in text_of(open_page("posts"))


def test_real_posts_follow_the_filters(
    open_page: OpenPage, sqlite_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = FIRST + timedelta(days=3)
    fill_store(
        sqlite_address,
        [
            make_labelled(1, day, "solidarity", text="FIRST-TEXT", country="PK"),
            make_labelled(2, day, "ridicule", text="SECOND-TEXT", country="PK"),
            make_labelled(3, day, "solidarity", text="THIRD-TEXT", country="IN"),
        ],
    )
    monkeypatch.setenv("AWAAZ_PRIVACY__SHOW_REAL_POSTS", "true")
    text = text_of(open_page("posts", country="PK", stance="supportive"))
    assert "FIRST-TEXT" in text
    assert not re.search("SECOND-TEXT|THIRD-TEXT", text)
    assert wording.NO_POSTS in text_of(open_page("posts", country="PK", stance="none"))


def test_show_others_draws_again(open_page: OpenPage) -> None:
    app = open_page("posts")
    before = text_of(app)
    app.button[0].click().run()
    assert not app.exception
    assert params_of(app)["draw"] == "1"
    assert text_of(app) != before


def test_about_explains_every_label_and_what_it_is_not_for(open_page: OpenPage) -> None:
    text = text_of(open_page("about"))
    codebook = load_codebook()
    assert all(name_frame(frame) in text for frame in FRAMES if frame != "none")
    assert all(codebook.meanings[stance] in text for stance in codebook.stances)
    assert "must not be used for" in text
    assert "labelled by machines" in text


def test_wrong_setting_is_said_in_words(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWAAZ_STORE__URL", "mysql://nowhere/x")
    app = open_page()
    assert "store.url" in app.error[0].value
    assert "awaaz doctor" in text_of(app)


def test_pages_speak_of_posts_only(open_page: OpenPage, sqlite_address: str) -> None:
    fill_store(sqlite_address, make_weeks(weeks=2))
    words = text_of(open_page()).lower()
    assert not re.search(r"\b(men|women think|pakistanis|indians|users)\b", words)


@pytest.mark.usefixtures("filled")
def test_no_stance_has_one_name_everywhere(open_page: OpenPage) -> None:
    name, meaning = wording.STANCE["none"], load_codebook().meanings["none"]
    assert f"<b>{name}</b>: {meaning}" in text_of(open_page(of="all"))
    assert name in open_page("posts").selectbox(key="stance").options
    assert f"<h3>{name}</h3><p>{meaning}</p>" in text_of(open_page("about"))


@pytest.mark.usefixtures("filled")
def test_what_the_stances_mean_stands_beneath_the_chart(open_page: OpenPage) -> None:
    text = text_of(open_page())
    meanings = load_codebook().meanings
    for stance in ("supportive", "skeptical", "hostile"):
        assert f"<b>{stance}</b>: {meanings[stance]}" in text
    assert meanings["none"] not in text
