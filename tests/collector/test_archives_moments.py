"""Dates in the formats that archives hold."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.archives.moments import parse_moment
from collector.archives.refusal import RefusalError

NAIVE = datetime(2018, 1, 1)  # noqa: DTZ001  hypothesis adds the zone
MOMENT = datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2018-10-10T20:19:24Z",
        "2018-10-10T20:19:24.000Z",
        "2018-10-10 20:19:24+00:00",
        "2018-10-11T01:19:24+05:00",
        "2018-10-11T01:49:24+0530",
        "2018-10-10 20:19:24 UTC",
        "2018-10-10 20:19:24.000000000 GMT",
        "20181010T201924Z",
        "Wed Oct 10 20:19:24 +0000 2018",
        "Thu Oct 11 01:19:24 +0500 2018",
        "Wed, 10 Oct 2018 20:19:24 +0000",
        "Wed, 10 Oct 2018 20:19:24 GMT",
        "Wed, 10 Oct 2018 15:19:24 EST",
        "Thu, 11 Oct 2018 01:49:24 +0530 (IST)",
        1539202764,
        1539202764.0,
        1539202764000,
        1539202764000000,
        1539202764000000000,
        "1539202764",
        "1539202764.0",
        "1539202764000",
        "1539202764000000000",
        " 1539202764 ",
        MOMENT,
    ],
)
def test_every_format_gives_the_same_time(written: object) -> None:
    assert parse_moment(written) == (MOMENT, True)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2018-10-10T20:19:24", MOMENT),
        ("2018-10-10 20:19:24", MOMENT),
        ("2018-10-10", datetime(2018, 10, 10, tzinfo=UTC)),
        ("20181010", datetime(2018, 10, 10, tzinfo=UTC)),
        (MOMENT.replace(tzinfo=None), MOMENT),
        (date(2018, 10, 10), datetime(2018, 10, 10, tzinfo=UTC)),
    ],
)
def test_a_time_without_zone_is_utc_and_says_so(written: object, expected: datetime) -> None:
    assert parse_moment(written) == (expected, False)


def test_parts_of_a_second_are_kept() -> None:
    assert parse_moment(1539202764123) == (MOMENT.replace(microsecond=123_000), True)


@pytest.mark.parametrize("written", [None, "", "  "])
def test_nothing_is_no_date(written: object) -> None:
    with pytest.raises(RefusalError, match=r"^no date$"):
        parse_moment(written)


@pytest.mark.parametrize(
    "written",
    ["10/11/2018", "10-11-2018", "soon", "2018-13-45", True, [1], {}, float("nan"), float("inf"),
     "9" * 100, "Wed Okt 10 20:19:24 +0000 2018", "2018-02-30", "²"],
)  # fmt: skip
def test_what_is_not_understood_is_refused(written: object) -> None:
    with pytest.raises(RefusalError, match=r"^date in no known format$"):
        parse_moment(written)


@pytest.mark.parametrize(
    "written",
    ["Wed, 10 Oct 2018 20:19:24 IST", "Wed Oct 10 20:19:24 PKT 2018", "10 Oct 2018 8:19:24 PM",
     "Oct 10, 2018 8:19 PM", "Oct 10, 2018 8:19 pm EST"],
)  # fmt: skip
def test_what_may_be_hours_off_is_refused(written: str) -> None:
    with pytest.raises(RefusalError, match=r"zone in letters such as IST: write"):
        parse_moment(written)


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00", -1, 10**30, "9" * 40, "-5", 1e30],
)
def test_what_no_clock_can_show_is_implausible(written: object) -> None:
    with pytest.raises(RefusalError, match=r"^implausible date$"):
        parse_moment(written)


@given(st.text() | st.integers() | st.floats() | st.datetimes() | st.none() | st.binary())
def test_anything_gives_a_time_or_a_reason(written: object) -> None:
    try:
        moment, _ = parse_moment(written)
    except RefusalError:
        return
    assert moment.tzinfo is UTC


@given(st.datetimes(NAIVE.replace(2006), NAIVE.replace(2038), timezones=st.timezones()))
def test_iso_round_trips(moment: datetime) -> None:
    assert parse_moment(moment.isoformat()) == (moment.astimezone(UTC), True)
