"""Reddit's past from the archive: a server on this machine, its faults, and a real store."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from collector.backfill_reddit import BackfillError, fill_from_archive
from collector.checks import count_unchecked, mark_seen, read_queue, read_states
from collector.collecting import Collected
from collector.errors import QueryRefused, StopRequested
from collector.holds import lift_hold
from collector.schema import posts, runs, tombstones
from collector.sources.arctic_client import ArcticClient
from collector.sources.arctic_shift import ArcticShiftSource
from collector.sources.protocol import Window
from collector.store import Store
from config.secrets import Secrets
from config.settings import Settings, load_settings
from tests.commanding import call
from tests.servers.arctic_server import SLOW, ArcticServer, Question, page_of
from tests.servers.reddit_server import Answer, json_answer
from tests.stores import open_test_store

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
START = datetime(2018, 10, 1, tzinfo=UTC)
FIRST, LAST = date(2018, 10, 1), date(2018, 10, 21)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def server() -> Iterator[ArcticServer]:
    with ArcticServer() as running:
        yield running


class Bench:
    """A store, the archive, and every wait noted and not slept."""

    def __init__(self, store: Store, server: ArcticServer) -> None:
        self.store, self.server = store, server
        self.waits: list[float] = []
        self.on_wait: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.on_wait()

    def fill(
        self,
        on_page: Callable[[Collected], None] | None = None,
        last: date = LAST,
        now: datetime = NOW,
        **changes: Any,
    ) -> Collected:
        return fill_from_archive(
            self.store,
            settings_for(self.server, **changes),
            FIRST,
            last,
            on_page,
            clock=lambda: now,
            wait=self.wait,
        )

    def resume(self) -> None:
        """Let the archive be asked again, as `awaaz resume` does."""
        with self.store.writing() as connection:
            lift_hold(connection, "reddit-archive")

    def stored(self) -> set[str]:
        with self.store.reading() as connection:
            return set(connection.scalars(select(posts.c.native_id)))

    def ends(self) -> list[str]:
        with self.store.reading() as connection:
            return list(connection.scalars(select(runs.c.stop).order_by(runs.c.id)))


def settings_for(server: ArcticServer, **changes: Any) -> Settings:
    shipped = load_settings()
    archive = {"enabled": True, "endpoint": server.url, "pace_s": 0.0, "timeout_s": 5.0}
    reddit = {"subreddits": {"pakistan": "PK", "india": "IN"}, "terms": ["#MeToo", "me too"]}
    return shipped.model_copy(
        update={
            "arctic_shift": shipped.arctic_shift.model_copy(update=archive | changes),
            "reddit": shipped.reddit.model_copy(update=reddit),
        }
    )


@pytest.fixture
def bench(store: Store, server: ArcticServer) -> Bench:
    return Bench(store, server)


def fill_archive(server: ArcticServer, number: int = 250) -> set[str]:
    """Post to both subreddits, some of it on other things, and return what is to be found."""
    truth = set()
    for n in range(number):
        at = START + n * timedelta(hours=2, seconds=n % 3)
        truth.add(server.comment("pakistan", f"I believe her, {n}. #MeToo", at))
        if n % 5 == 0:
            truth.add(server.submit("india", "Me too, a list", at, f"Number {n}"))
            server.comment("pakistan", f"Cricket, {n}", at)
    return truth


@pytest.mark.parametrize("keyword_search", [True, False])
def test_all_of_the_past_is_fetched_once(bench: Bench, *, keyword_search: bool) -> None:
    truth = fill_archive(bench.server)
    collected = bench.fill(keyword_search=keyword_search)
    assert collected.stops == []
    assert bench.stored() == truth
    assert collected.tally.new == len(truth)
    assert set(bench.ends()) == {"complete"}
    assert len(bench.ends()) == 3 * 4, "three weeks of two kinds from two subreddits"
    asked = len(bench.server.asked)
    assert bench.fill(keyword_search=keyword_search).runs == 0
    assert len(bench.server.asked) == asked
    with bench.store.reading() as connection:
        rows = connection.execute(
            select(posts.c.platform, posts.c.country, runs.c.source).join(runs)
        )
        assert {tuple(row) for row in rows} == {
            ("reddit", "PK", "reddit-archive"),
            ("reddit", "IN", "reddit-archive"),
        }
    assert bench.fill(last=date(2018, 10, 23), keyword_search=keyword_search).runs == 4


def test_many_things_of_one_second_are_not_lost(bench: Bench) -> None:
    truth = {
        bench.server.comment("pakistan", f"#MeToo {n}", START + timedelta(seconds=n // 70))
        for n in range(350)
    }
    assert bench.fill().stops == []
    assert bench.stored() == truth


def test_a_second_that_the_archive_cannot_give_whole_is_not_called_covered(bench: Bench) -> None:
    for n in range(130):
        bench.server.comment("pakistan", f"#MeToo {n}", START + HOUR)
    later = bench.server.comment("pakistan", "#MeToo", START + 2 * HOUR)
    bench.fill()
    assert later in bench.stored()
    assert len(bench.stored()) == 101
    assert bench.ends().count("ceiling") == 1


def test_what_is_marked_as_deleted_goes_and_stays_away(bench: Bench) -> None:
    truth = fill_archive(bench.server, 10)
    bench.fill()
    gone = sorted(truth)[:3]
    bench.server.mark_deleted(gone[0])
    bench.server.delete(gone[1])
    bench.server.delete(gone[2], "[removed]")
    with bench.store.writing() as connection:
        connection.execute(runs.update().values(covered_until=None))
    bench.fill(keyword_search=False)
    assert bench.stored() == truth - set(gone)
    with bench.store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(tombstones)) == 3
    for name in gone:
        bench.server.things[name].pop("_meta", None)
        bench.server.things[name] |= {"body": "I am back. #MeToo", "author": "invented"}
    bench.fill(last=LAST, keyword_search=True)
    assert bench.stored() == truth - set(gone)


PASSING = [
    Answer(500, b"<html>bad gateway</html>", times=2),
    Answer(body=b"<html>You are in a queue</html>"),
    Answer(body=b'{"data": [{"id":'),
    Answer(body=b"\xff\xfe\x00"),
    Answer(body=b"[" * 100_000),
    json_answer({"data": None}),
    json_answer({"data": {"x": 1}}),
    json_answer([]),
    Answer(204),
    Answer(302, headers={"location": "https://elsewhere.invalid/"}),
    Answer(body=b'{"data": []}' * 9, cut=True),
    json_answer({"error": "Too many"}, 429, headers={"x-ratelimit-reset": "7"}),
    json_answer({"error": "Too many"}, 429, headers={"retry-after": "3"}),
    json_answer(SLOW, 422),
    json_answer(SLOW),
    page_of([]),
]


@pytest.mark.parametrize("number", range(len(PASSING)))
@pytest.mark.parametrize("before", [0, 2])
def test_a_fault_that_passes_costs_nothing(
    sqlite_address: str, server: ArcticServer, number: int, before: int
) -> None:
    store = open_test_store(sqlite_address)
    bench = Bench(store, server)
    truth = fill_archive(server, 60)
    fault = PASSING[number]
    if before == 0 and fault.body == b'{"data": []}':
        pytest.skip("nothing at the start is what an empty window looks like")
    first = ArcticServer.give

    def give(question: Any) -> Answer:
        return fault if len(server.asked) == before + 1 else first(server, question)

    server.give = give  # type: ignore[method-assign]  # one question of many is answered amiss
    assert bench.fill().stops == []
    assert bench.stored() == truth
    store.close()


@pytest.mark.parametrize("head", [False, True])
def test_slow_drops_are_given_up(bench: Bench, *, head: bool) -> None:
    truth = fill_archive(bench.server, 20)
    bench.server.answer(Answer(body=b" " * 5_000, drip_s=0.01, drip_head=head))
    started = time.monotonic()
    assert bench.fill(timeout_s=0.2).stops == []
    assert time.monotonic() - started < 30, "each drop is in time, all of them take a minute"
    assert bench.fill(timeout_s=0.2).stops == []
    assert bench.stored() == truth


def test_a_fault_that_stays_is_recorded_and_the_next_call_repairs_it(bench: Bench) -> None:
    truth = fill_archive(bench.server)
    good = bench.server.give
    bench.server.give = lambda question: (  # type: ignore[method-assign]  # comments fail
        Answer(503) if question.kind == "comments" else good(question)
    )
    collected = bench.fill()
    assert len(collected.stops) == 2
    assert bench.ends().count("unavailable") == 2
    assert 0 < len(bench.stored()) < len(truth)
    assert max(bench.waits) <= 61
    bench.server.give = good  # type: ignore[method-assign]
    assert bench.fill().stops == []
    assert bench.stored() == truth


@pytest.mark.parametrize(
    ("answer", "stop", "told"),
    [
        (json_answer({}, 429, headers={"x-ratelimit-reset": "7200"}), "rate_limited", "wait until"),
        (
            json_answer({}, 429, headers={"x-ratelimit-reset": str(NOW.timestamp() + 7200)}),
            "rate_limited",
            "2026-03-08 14:00",
        ),
        (json_answer({}, 429), "cap_spent", "does not say until when"),
        (json_answer({"error": "unknown parameter"}, 400), "query_refused", "keyword_search"),
        (Answer(403, b"<html>Just a moment</html>"), "unavailable", "403"),
    ],
)
def test_what_is_refused_is_on_the_run(bench: Bench, answer: Answer, stop: str, told: str) -> None:
    truth = fill_archive(bench.server, 5)
    bench.server.answer(*[answer] * (5 if stop == "unavailable" else 1))
    collected = bench.fill()
    assert bench.ends()[0] == stop
    assert told in collected.stops[0]
    bench.resume()
    bench.fill()
    assert bench.stored() == truth


def test_the_allowance_is_waited_for_before_it_is_overdrawn(bench: Bench) -> None:
    truth = fill_archive(bench.server)
    bench.server.allowance = 3

    def refill() -> None:
        bench.server.allowance = 3

    bench.on_wait = refill
    assert bench.fill().stops == []
    assert bench.stored() == truth
    assert set(bench.waits) == {30.0}


def test_a_question_that_is_too_much_is_made_smaller(bench: Bench) -> None:
    truth = fill_archive(bench.server)
    bench.server.most_s, bench.server.most = 3 * 86_400, 30
    assert bench.fill().stops == []
    assert bench.stored() == truth
    bench.server.most_s = 60
    collected = bench.fill(last=date(2018, 11, 1))
    assert "too long" in collected.stops[0]


def replace_param(server: ArcticServer, name: str, value: str) -> None:
    """Let the server hear another value than the one it was asked with."""
    give = server.give

    def deaf(question: Question) -> Answer:
        return give(Question(question.kind, {**question.params, name: value}))

    server.give = deaf  # type: ignore[method-assign]  # the server is deaf to one parameter


def ignore_order(server: ArcticServer) -> None:
    replace_param(server, "sort", "desc")


def ignore_start(server: ArcticServer) -> None:
    replace_param(server, "after", str(int(START.timestamp()) - 1))


@pytest.mark.parametrize("change", [ignore_order, ignore_start])
def test_an_archive_that_ignores_what_is_asked_covers_nothing(
    bench: Bench, change: Callable[[ArcticServer], None]
) -> None:
    for n in range(300):
        bench.server.comment("pakistan", "#MeToo", START + n * timedelta(minutes=5))
    change(bench.server)
    assert bench.fill().stops
    with bench.store.reading() as connection:
        ended = connection.execute(
            select(runs.c.covered_until).where(runs.c.query.like("pakistan/comments%"))
        ).scalars()
        assert set(ended) == {None}


def test_a_page_that_repeats_the_one_before_doubles_nothing(bench: Bench) -> None:
    truth = fill_archive(bench.server)
    bench.server.repeats = 86_400
    assert bench.fill().tally.new == len(truth)
    assert bench.stored() == truth


def test_odd_things_are_counted_and_skipped(bench: Bench) -> None:
    truth = fill_archive(bench.server, 5)
    second = int(START.timestamp())
    odd: list[dict[str, Any]] = [
        {"id": None, "created_utc": second},
        {"id": ["x"], "body": "#MeToo", "created_utc": second},
        {"id": "zz1", "body": None, "created_utc": second},
        {"id": "zz2", "body": "#MeToo \ud800", "created_utc": second},
        {"id": "zz3", "body": "#MeToo", "created_utc": "soon"},
        {"id": "zz4", "body": "#MeToo", "created_utc": 10**30},
        {"id": "zz5", "body": "#MeToo " + "x" * 1_000_000, "created_utc": second},
    ]
    give = bench.server.give

    def give_odd(question: Question) -> Answer:
        found = json.loads(give(question).body)["data"]
        first = int(question.params["after"]) < second
        return page_of([None, *odd, *found] if first else found)

    bench.server.give = give_odd  # type: ignore[method-assign]  # odd things stand among good ones
    assert bench.fill().stops == []
    assert truth | {"t1_zz2", "t1_zz5"} == bench.stored()
    with bench.store.reading() as connection:
        assert connection.scalar(select(func.sum(runs.c.skipped)))


def test_a_call_that_was_stopped_goes_on(bench: Bench) -> None:
    truth = fill_archive(bench.server)

    def stop(collected: Collected) -> None:
        if collected.fetched > 120:
            raise StopRequested("The process is ending.")

    with pytest.raises(StopRequested):
        bench.fill(stop)
    assert 0 < len(bench.stored()) < len(truth)
    assert bench.ends()[-1] == "interrupted"
    asked = {tuple(q.params.items()) for q in bench.server.asked}
    assert bench.fill().stops == []
    assert bench.stored() == truth
    again = [q for q in bench.server.asked[len(asked) :] if tuple(q.params.items()) in asked]
    assert len(again) <= 4, "only the window at hand is read again"


def test_the_last_days_are_left_until_the_archive_has_them(bench: Bench) -> None:
    now = START + 3 * DAY
    bench.server.comment("pakistan", "#MeToo", now - HOUR)
    early = bench.server.comment("pakistan", "#MeToo", START + HOUR)
    bench.fill(now=now)
    assert bench.stored() == {early}
    bench.fill(now=now + 3 * DAY)
    assert len(bench.stored()) == 2
    assert bench.fill(now=START - 9 * DAY).runs == 0, "a clock set back asks for nothing"


def test_it_is_off_until_somebody_has_read_the_terms(bench: Bench) -> None:
    assert not load_settings().arctic_shift.enabled
    with pytest.raises(BackfillError, match="Read the paragraph"):
        bench.fill(enabled=False)
    with pytest.raises(BackfillError, match="--since comes first"):
        bench.fill(last=date(2018, 9, 1))
    with pytest.raises(QueryRefused, match="https://"):
        ArcticClient(endpoint="http://archive.invalid", timeout_s=1, pace_s=0, clock=lambda: NOW)


def test_posts_of_the_archive_are_unchecked_until_there_is_a_credential(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = fill_archive(bench.server, 10)
    bench.fill()
    with bench.store.reading() as connection:
        assert count_unchecked(connection, Secrets()) == len(truth)
        monkeypatch.setenv("AWAAZ_REDDIT_CLIENT_ID", "an-id")
        assert count_unchecked(connection, Secrets()) == len(truth)
        monkeypatch.setenv("AWAAZ_REDDIT_CLIENT_SECRET", "a-secret")
        assert count_unchecked(connection, Secrets()) == 0
    monkeypatch.delenv("AWAAZ_REDDIT_CLIENT_SECRET")
    with bench.store.writing() as connection:
        mark_seen(connection, list(connection.scalars(select(posts.c.id).limit(2))), NOW)
        left = count_unchecked(connection, Secrets())
    assert left == len(truth) - 2, "what Reddit showed since is checked"


def test_what_only_the_archive_showed_was_not_seen_on_reddit(bench: Bench) -> None:
    truth = fill_archive(bench.server, 10)
    bench.fill()
    with bench.store.reading() as connection:
        (state,) = read_states(connection, ["reddit"], NOW - DAY)
        assert (state.posts, state.unchecked) == (len(truth), len(truth))
        due = read_queue(connection, "reddit", asked_before=NOW - DAY, limit=100)
    assert len(due) == len(truth), "the first that a re-check asks about"


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(st.sampled_from([0, 0, 0, 1, 2, 60, 3_599, 86_400]), max_size=160),
    most=st.sampled_from([10, 13, 100]),
    most_s=st.sampled_from([7_200, 90_000, 10**9]),
    repeats=st.sampled_from([0, 1, 30]),
)
def test_any_past_is_read_whole(
    server: ArcticServer, gaps: list[int], most: int, most_s: int, repeats: int
) -> None:
    server.things.clear()
    server.most, server.most_s, server.repeats = most, most_s, repeats
    at, truth, counts = START, set(), dict[datetime, int]()
    for gap in gaps:
        at += timedelta(seconds=gap)
        counts[at] = counts.get(at, 0) + 1
        if counts[at] <= 8 and at < START + 9 * DAY:
            truth.add(server.comment("pakistan", "#MeToo", at))
    window = Window(START, START + 9 * DAY)
    source = ArcticShiftSource(
        subreddits=["pakistan"],
        terms=["metoo"],
        span=window,
        clock=lambda: NOW,
        endpoint=server.url,
        pace_s=0,
        wait=lambda _: None,
    )
    pages = list(source.pages(source.queries()[1], window))
    source.close()
    found = [sighting.native_id for page in pages for sighting in page.sightings]
    assert len(found) == len(set(found))
    assert set(found) == truth
    assert pages[-1].covered == window
    assert all(page.covered is None for page in pages[:-1])


def test_the_command_fetches_and_status_says_what_is_unchecked(
    server: ArcticServer, tmp_path: Path
) -> None:
    fill_archive(server, 10)
    days = (
        "backfill",
        "--source",
        "reddit-archive",
        "--since",
        "2018-10-01",
        "--until",
        "2018-10-02",
    )
    assert "switched off" in call(*days, code=1).stderr
    assert "arctic_shift.enabled" in call("doctor").stdout
    environment: dict[str, Any] = {
        "AWAAZ_ARCTIC_SHIFT__ENABLED": "true",
        "AWAAZ_ARCTIC_SHIFT__ENDPOINT": server.url,
        "AWAAZ_ARCTIC_SHIFT__PACE_S": "0",
        "AWAAZ_REDDIT__SUBREDDITS": '{"pakistan": "PK", "india": "IN"}',
    }
    assert "10 new" in call(*days, **environment).stdout
    assert "10 posts from Reddit's archive are unchecked" in call("status", **environment).stdout
    assert "0 new" in call(*days, **environment).stdout
