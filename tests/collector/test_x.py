"""X through the real tweepy, against a loopback server that speaks X's wire format."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.errors import QueryRefused
from collector.post import Sighting
from collector.sources.protocol import Page, Source, Window
from collector.sources.x import XSource
from tests.servers.x_faults import change, give_no_posts, repeat_page, shuffle_page
from tests.servers.x_server import XServer

BEARER = "invented-bearer"
NOW = datetime(2026, 1, 15, 12, 0, 0, 250_000, tzinfo=UTC)
DAY = Window(since=NOW - timedelta(days=1), until=NOW - timedelta(hours=1))
TERMS = ["#MeToo", "me too", "می ٹو", "#मी_टू"]


@pytest.fixture
def server() -> Iterator[XServer]:
    with XServer(token=BEARER, clock=lambda: NOW) as running:
        yield running


def make_source(server: XServer, **options: Any) -> XSource:
    defaults: dict[str, Any] = {"queries": {"all": TERMS}, "timeout_s": 5.0, "page_size": 10}
    return XSource(
        bearer_token=BEARER,
        endpoint=server.url,
        clock=lambda: NOW,
        **defaults | {"pause_s": 0.0} | options,
    )


def collect(source: XSource, window: Window = DAY) -> list[Page]:
    (query,) = source.queries()
    return list(source.pages(query, window))


def sightings_of(pages: list[Page]) -> list[Sighting]:
    return [sighting for page in pages for sighting in page.sightings]


def fill(server: XServer, number: int) -> list[str]:
    """Post so many within the day, a minute apart, and return their ids, newest first."""
    start = DAY.until - timedelta(minutes=number)
    posts = [
        server.corpus.post(f"Invented {n} #metoo", start + timedelta(minutes=n))
        for n in range(number)
    ]
    return [each["id"] for each in reversed(posts)]


def test_pages_to_the_end_and_covers_the_window(server: XServer) -> None:
    ids = fill(server, 25)
    source: Source = make_source(server)
    (query,) = source.queries()
    pages = list(source.pages(query, DAY))

    assert [each.native_id for each in sightings_of(pages)] == ids
    assert [page.reads for page in pages] == [10, 10, 5]
    assert [page.covered is None for page in pages] == [True, True, False]
    covered = pages[-1].covered
    assert covered is not None
    assert covered.since <= DAY.since
    assert covered.until >= DAY.until


def test_asks_for_what_it_needs_and_no_more(server: XServer) -> None:
    fill(server, 11)
    collect(make_source(server))
    first, second = server.asked

    assert first.path == "/2/tweets/search/recent"
    assert first.params["query"] == '(#MeToo OR "me too" OR "می ٹو" OR #मी_टू) -is:retweet'
    assert first.params["start_time"] == "2026-01-14T12:00:00Z"
    assert first.params["end_time"] == "2026-01-15T11:00:01Z"
    assert first.params["user.fields"] == "location"
    assert first.params["place.fields"] == "country_code"
    assert second.params == first.params | {"next_token": second.params["next_token"]}


def test_an_empty_window_is_covered(server: XServer) -> None:
    (page,) = collect(make_source(server))
    assert (page.sightings, page.reads) == ([], 0)
    assert page.covered is not None


def test_reads_scripts_places_and_long_posts(server: XServer) -> None:
    at = DAY.since + timedelta(hours=1)
    server.corpus.places["p1"] = {"id": "p1", "full_name": "Invented", "country_code": "IN"}
    server.corpus.post("می ٹو، ایجاد", at, lang="ur", location="Karachi")
    server.corpus.post("यह #मी_टू", at + timedelta(minutes=1), lang="hi", geo={"place_id": "p1"})
    server.corpus.post("Long ...", at + timedelta(minutes=2), note_tweet={"text": "Long, me too"})
    server.corpus.post("Elsewhere altogether", at)
    long, hindi, urdu = sightings_of(collect(make_source(server)))

    assert (long.text, long.location, long.place_country) == ("Long, me too", None, None)
    assert (hindi.language, hindi.place_country) == ("hi", "IN")
    assert (urdu.language, urdu.location) == ("ur", "Karachi")


def test_an_edited_post_comes_once_in_its_newest_version(server: XServer) -> None:
    at = DAY.since + timedelta(hours=1)
    first = server.corpus.post("Invented #metoo", at)
    second = server.corpus.edit(first, "Invented and edited #metoo", at + timedelta(minutes=9))
    (sighting,) = sightings_of(collect(make_source(server)))

    assert (sighting.native_id, sighting.current_id) == (first["id"], second["id"])
    assert sighting.created_at == at.replace(microsecond=0)
    assert sighting.text == "Invented and edited #metoo"


def test_retweets_are_not_asked_for_and_skipped_when_they_come(server: XServer) -> None:
    at = DAY.since + timedelta(hours=1)
    retweet = server.corpus.post(
        "RT #metoo", at, referenced_tweets=[{"type": "retweeted", "id": "1"}]
    )
    assert collect(make_source(server))[0].reads == 0

    server.script(change(data=[retweet]))
    (page,) = collect(make_source(server))
    assert (len(page.sightings), page.reads) == (0, 1)
    assert [(each.reason, each.where) for each in page.skips] == [
        ("a retweet, though none were asked for", f"x:{retweet['id']}")
    ]


def test_what_cannot_be_read_is_skipped_with_its_reason(server: XServer) -> None:
    (good,) = fill(server, 1)
    tweet = server.corpus.tweets[good]
    server.script(change(data=[None, {}, tweet | {"text": None}, tweet], includes=None))
    (page,) = collect(make_source(server))

    assert [each.native_id for each in page.sightings] == [good]
    assert page.reads == 4
    assert [each.reason for each in page.skips] == [
        "not an object where a post is due",
        "the post has no id, or none that X gives",
        "the post has no text",
    ]


def test_partial_errors_leave_the_rest(server: XServer) -> None:
    (good,) = fill(server, 1)
    errors = [
        {"title": "Forbidden", "resource_type": "user", "parameter": "author_id", "value": "1"},
        {"title": "Authorization Error", "resource_type": "tweet", "value": "2"},
        None,
    ]
    server.script(change(errors=errors, includes={"users": [None, {"id": 3}], "places": None}))
    (page,) = collect(make_source(server))

    assert [each.native_id for each in page.sightings] == [good]
    assert [each.reason for each in page.skips] == ["X names the post and withholds it"]
    assert page.covered is not None


def test_an_empty_page_with_a_token_goes_on(server: XServer) -> None:
    ids = fill(server, 15)
    server.script(give_no_posts, give_no_posts)
    pages = collect(make_source(server))

    assert [page.reads for page in pages] == [0, 0, 10, 5]
    assert [each.native_id for each in sightings_of(pages)] == ids


def test_repeated_and_shuffled_pages_lose_nothing(server: XServer) -> None:
    ids = fill(server, 25)
    server.script(shuffle_page, repeat_page, shuffle_page)
    pages = collect(make_source(server))

    assert [page.reads for page in pages] == [10, 10, 10, 5]
    assert {each.native_id for each in sightings_of(pages)} == set(ids)
    assert pages[-1].covered is not None


def test_lone_surrogates_pass(server: XServer) -> None:
    server.corpus.post("broken \ud83d #metoo", DAY.since + timedelta(hours=1))
    server.script(change())
    (sighting,) = sightings_of(collect(make_source(server)))
    assert sighting.text.startswith("broken ")


def test_reach(server: XServer) -> None:
    recent = make_source(server).reach(NOW)
    assert recent.until == datetime(2026, 1, 15, 11, 59, 45, tzinfo=UTC)
    assert timedelta(0) < recent.since - (NOW - timedelta(days=7)) < timedelta(minutes=10)
    archive = make_source(server, archive=True).reach(NOW)
    assert archive == Window(datetime(2006, 3, 26, tzinfo=UTC), recent.until)


def test_a_window_is_narrowed_to_what_x_gives(server: XServer) -> None:
    source = make_source(server)
    pages = collect(source, Window(NOW - timedelta(days=30), NOW + timedelta(days=1)))
    assert pages[-1].covered == source.reach(NOW)
    with pytest.raises(QueryRefused, match="only from 2026-01-08"):
        collect(source, Window(NOW - timedelta(days=30), NOW - timedelta(days=20)))


def test_the_archive_has_its_own_path_and_bounds(server: XServer) -> None:
    post = server.corpus.post("Invented #metoo", datetime(2018, 10, 9, 12, tzinfo=UTC))
    terms = [f"#tag_{number:03}" for number in range(60)] + ["#metoo"]
    source = make_source(server, archive=True, queries={"g": terms}, page_size=9000)
    year = Window(datetime(2018, 1, 1, tzinfo=UTC), datetime(2019, 1, 1, tzinfo=UTC))
    (page,) = collect(source, year)

    assert [each.native_id for each in page.sightings] == [post["id"]]
    assert page.covered == year
    assert server.asked[0].path == "/2/tweets/search/all"
    assert server.asked[0].params["max_results"] == "500"
    assert 512 < len(server.asked[0].params["query"]) <= 1024


def test_the_probe_asks_for_no_posts(server: XServer) -> None:
    make_source(server).probe()
    assert [each.path for each in server.asked] == ["/2/usage/tweets"]
