"""The events: what ships is sound, and a bad line is named."""

import pytest

from config.errors import ConfigError
from config.events import load_events, parse_events

HEADER = "date,country,title,link"


def test_shipped_events_are_few_sorted_and_linked() -> None:
    events = load_events()
    assert 5 <= len(events) <= 15
    assert [event.day for event in events] == sorted(event.day for event in events)
    assert all(event.link.startswith(("http://", "https://")) for event in events)
    assert {event.country for event in events} >= {"PK", "IN"}


def test_events_come_out_earliest_first() -> None:
    lines = [
        HEADER,
        "2019-01-02,PK,later,https://a.example",
        "2018-01-02,IN,first,https://b.example",
    ]
    assert [event.title for event in parse_events(lines)] == ["first", "later"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2018-13-01,PK,a title,https://a.example", "Line 2.*2018-13-01"),
        ("2018-01-01,PX,a title,https://a.example", "Line 2.*country"),
        ("2018-01-01,PK, ,https://a.example", "Line 2.*title"),
        ("2018-01-01,PK,a title,javascript:alert(1)", "Line 2.*link"),
        ("2018-01-01,PK", "Line 2"),
    ],
)
def test_bad_line_is_named(line: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        parse_events([HEADER, line])


def test_other_columns_are_refused() -> None:
    with pytest.raises(ConfigError, match="columns"):
        parse_events(["day,title", "2018-01-01,a title"])
