"""The charts: what the drawings hold and how they say it."""

import json
import subprocess
import sys
from datetime import date, timedelta
from typing import Any

import altair as alt
import pytest

from config.events import Event
from dashboard.charts import (
    describe_points,
    draw_bars,
    draw_trend,
    events_between,
    number_events,
)
from dashboard.theme import COLOURS, DASHES
from dashboard.trend import count_periods
from tests.dashboard.frames import Count, daily_of

MONDAY = date(2018, 10, 8)
WEEK = timedelta(weeks=1)
EVENTS = [
    Event(MONDAY, "IN", "An event", "https://a.example"),
    Event(MONDAY + WEEK, "PK", "Another one", "https://b.example"),
    Event(MONDAY + WEEK, "other", "Everywhere", "https://c.example"),
]


def rows_of(*counts: Count, weeks: int = 3, with_none: bool = False) -> list[dict[str, Any]]:
    """Return chart rows of some weeks."""
    points = count_periods(
        daily_of(list(counts)),
        "week",
        since=MONDAY,
        until=MONDAY + weeks * WEEK - timedelta(days=1),
        with_none=with_none,
    )
    return describe_points(points, "week", with_none=with_none)


def spec_of(chart: alt.LayerChart) -> dict[str, Any]:
    """Return what a browser is given, checked against Vega-Lite's schema."""
    spec: dict[str, Any] = chart.to_dict()
    return spec


def values_of(spec: dict[str, Any], layer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that a layer draws: its own, or those of the whole drawing."""
    data = layer["data"] if "data" in layer else spec["data"]
    values: list[dict[str, Any]] = spec["datasets"][data["name"]]
    return values


def layers_with(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    """Return the layers that draw with a mark."""
    return [layer for layer in spec["layer"] if layer["mark"]["type"] == mark]


def test_row_names_numerator_and_denominator() -> None:
    row = rows_of((MONDAY, "supportive", 30), (MONDAY, "hostile", 10))[0]
    assert row["period"] == "8 to 14\u00a0October 2018"
    assert row["count_words"] == "30 of 40 posts that take a stance"
    assert row["share_words"] == "75\u00a0%"
    assert row["few"] is False
    assert row["middle"] == "2018-10-11T12:00:00Z"


def test_gap_stays_a_gap() -> None:
    rows = rows_of((MONDAY, "supportive", 30))
    gap = [row for row in rows if row["start"].startswith("2018-10-15")]
    assert [row["share"] for row in gap] == [None, None, None]
    line = layers_with(spec_of(draw_trend(rows, [])), "line")[0]
    assert line["encoding"]["y"]["field"] == "share"
    assert "impute" not in line["encoding"]["y"]


def test_every_stance_differs_in_colour_and_in_dash() -> None:
    line = layers_with(spec_of(draw_trend(rows_of((MONDAY, "hostile", 30)), [])), "line")[0]
    colour, dash = (line["encoding"][name]["scale"] for name in ("color", "strokeDash"))
    assert colour["domain"] == dash["domain"] == ["supportive", "skeptical", "hostile"]
    assert colour["range"] == [COLOURS[stance] for stance in colour["domain"]]
    assert len({tuple(pattern) for pattern in dash["range"]}) == 3


def test_none_is_drawn_only_when_it_is_counted() -> None:
    rows = rows_of((MONDAY, "none", 30), with_none=True)
    line = layers_with(spec_of(draw_trend(rows, [])), "line")[0]
    assert line["encoding"]["color"]["scale"]["domain"][-1] == "none"


def test_few_posts_are_hollow() -> None:
    rows = rows_of((MONDAY, "supportive", 20), (MONDAY + WEEK, "supportive", 19))
    assert [row["few"] for row in rows if row["n"]] == [False, True]
    filled, hollow, hit = layers_with(spec_of(draw_trend(rows, [])), "point")
    assert filled["transform"][-1] == {"filter": "!(datum.few)"}
    assert hollow["transform"][-1] == {"filter": "datum.few"}
    assert hollow["mark"]["fill"] == "white"
    assert {tip["field"] for tip in hit["encoding"]["tooltip"]} >= {"share_words", "count_words"}


def test_overfull_lines_join_only_what_stands_on_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.charts.OVERFULL", 2)
    monkeypatch.setattr("dashboard.charts.CROWDED", 1)
    rows = rows_of((MONDAY, "supportive", 30))
    line = layers_with(spec_of(draw_trend(rows, [])), "line")[0]
    assert line["transform"] == [{"calculate": "datum.few ? null : datum.share", "as": "share"}]
    assert line["mark"]["strokeWidth"] == 1
    counted = layers_with(spec_of(draw_trend(rows, [], as_counts=True)), "line")[0]
    assert "transform" not in counted  # a number is whole however small it is
    bars = layers_with(spec_of(draw_bars(rows)), "rect")[0]
    assert bars["mark"]["strokeWidth"] == 0  # white gaps would leave nothing of thin bars


def test_no_share_is_left_out_where_there_is_room() -> None:
    spec = spec_of(draw_trend(rows_of((MONDAY, "supportive", 3)), []))
    assert "transform" not in layers_with(spec, "line")[0]


def test_numbers_instead_of_shares() -> None:
    line = layers_with(
        spec_of(draw_trend(rows_of((MONDAY, "hostile", 30)), [], as_counts=True)), "line"
    )[0]
    assert line["encoding"]["y"]["field"] == "n"


def test_events_are_numbered_rules() -> None:
    spec = spec_of(draw_trend(rows_of((MONDAY, "hostile", 30)), EVENTS))
    rule = layers_with(spec, "rule")[0]
    assert [value["title"][:2] for value in values_of(spec, rule)] == ["1.", "2.", "3."]
    text = layers_with(spec, "text")[0]
    assert [value["label"] for value in values_of(spec, text)] == ["1", "2–3"]


def test_close_events_share_a_label() -> None:
    days = [MONDAY, MONDAY + timedelta(days=2), MONDAY + timedelta(days=30)]
    assert number_events(days, 5) == [(MONDAY + timedelta(days=1), "1–2"), (days[2], "3")]
    assert number_events(days, 0.5) == [(day, str(i)) for i, day in enumerate(days, start=1)]
    assert number_events([], 5) == []


def test_events_follow_dates_and_countries() -> None:
    def titles(*countries: str, until: date = MONDAY + WEEK) -> list[str]:
        return [event.title for event in events_between(EVENTS, countries, MONDAY, until)]

    assert titles() == ["An event", "Another one", "Everywhere"]
    assert titles("PK") == ["Another one", "Everywhere"]
    assert titles("unknown") == titles()
    assert titles(until=MONDAY) == ["An event"]


def test_both_charts_share_the_time_axis() -> None:
    rows = rows_of((MONDAY, "hostile", 30))
    lines, bars = spec_of(draw_trend(rows, EVENTS)), spec_of(draw_bars(rows))
    axes = [layer["encoding"]["x"] for layer in (*lines["layer"], *bars["layer"])]
    assert {json.dumps(axis["scale"], sort_keys=True) for axis in axes} == {
        json.dumps(
            {
                "type": "utc",
                "domain": ["2018-10-08T00:00:00Z", "2018-10-29T00:00:00Z"],
                "nice": False,
            },
            sort_keys=True,
        )
    }
    assert lines["width"] == bars["width"] == "container"


def test_bars_stack_to_the_denominator() -> None:
    rows = rows_of((MONDAY, "supportive", 30), (MONDAY, "hostile", 10))
    spec = spec_of(draw_bars(rows))
    values = values_of(spec, spec["layer"][0])
    first = [value for value in values if value["start"] == rows[0]["start"]]
    assert [(value["low"], value["high"]) for value in first] == [(0, 30), (30, 30), (30, 40)]


def test_no_axis_counts_half_a_post() -> None:
    rows = rows_of((MONDAY, "supportive", 1))
    lines, bars = spec_of(draw_trend(rows, [], as_counts=True)), spec_of(draw_bars(rows))
    counts = [layers_with(lines, "line")[0], layers_with(bars, "rect")[0]]
    assert [layer["encoding"]["y"]["axis"]["tickMinStep"] for layer in counts] == [1, 1]


def test_drawings_compile() -> None:
    compiler = pytest.importorskip("vl_convert")
    rows = rows_of((MONDAY, "supportive", 30), (MONDAY + WEEK, "none", 10), with_none=True)
    for chart in (draw_trend(rows, EVENTS), draw_trend(rows, [], as_counts=True), draw_bars(rows)):
        assert compiler.vegalite_to_vega(json.dumps(spec_of(chart)))["marks"]


def test_colours_have_contrast_on_white() -> None:
    assert set(COLOURS) == set(DASHES)
    assert all(contrast_on_white(colour) >= 4.5 for colour in COLOURS.values())


def contrast_on_white(colour: str) -> float:
    """Return the contrast ratio of WCAG 2 against white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_two_first_visitors_at_once_find_all_of_numpy() -> None:
    # Streamlit imports both only as it draws; Altair, drawing for another, saw half of numpy.
    code = "import sys, dashboard.charts; sys.exit(not {'numpy', 'pandas'} <= sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_partial_period_is_said_to_be_partial() -> None:
    points = count_periods(
        daily_of([(MONDAY, "supportive", 30)]), "month", since=MONDAY, until=MONDAY + 4 * WEEK
    )
    rows = describe_points(points, "month", with_none=False)
    assert rows[0]["period"] == "October 2018 (in part)"
