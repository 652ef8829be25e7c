"""The watch: each condition is told once until it has cleared, by mail and webhook, for real."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from collector.health import read_health
from collector.jobs import Job
from collector.limits_schema import draws
from collector.notify import Channel, MailChannel, WebhookChannel
from collector.schema import runs
from collector.store import Store
from collector.watch import Watch, standing_conditions
from collector.watch_schema import notices
from config.settings import Settings, load_settings
from tests.clocks import Clock
from tests.servers.smtp_server import Mailbox, serve_mail
from tests.servers.webhook_server import WebhookServer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 3, 1, tzinfo=UTC)


def idle(check: Callable[[], None]) -> str:
    return "done"


JOBS = [Job("x", 60, idle), Job("reddit", 30, idle), Job("label", 10, idle)]


class Bench:
    """A watch over a real store, with a real mail server and webhook."""

    def __init__(self, store: Store, box: Mailbox, port: int, hook: WebhookServer) -> None:
        self.store, self.box, self.hook = store, box, hook
        self.clock = Clock(START)
        self.settings = settings_for(port)
        self.channels: Sequence[Channel] = (
            MailChannel(self.settings.watch, None),
            WebhookChannel(hook.url, 5),
        )
        self.watch = self.restart()

    def restart(self) -> Watch:
        """Begin again as another process would."""
        self.watch = Watch(
            self.store, self.settings, JOBS, ["x", "reddit"], self.channels, self.clock
        )
        return self.watch

    def look(self) -> None:
        self.watch.job.turn(lambda: None)

    def take(self, job: str, **row: Any) -> None:
        """Let a job take a turn that leaves a run in the ledger."""
        self.watch.begin_turn(job)
        put_run(self.store, source=job, started_at=self.clock.now, **row)
        self.watch.end_turn(job, "done", failed=False)

    def told(self) -> list[str]:
        """Return what the webhook was told so far; the mails must be the same."""
        names = [message["condition"] for message in self.hook.told]
        assert [str(mail["subject"]) for mail in self.box.mails] == [f"awaaz: {n}" for n in names]
        return names


def settings_for(port: int) -> Settings:
    settings = load_settings()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    people = {"mail_from": "awaaz@ngo.invalid", "mail_to": ["one@ngo.invalid"]}
    watch = settings.watch.model_copy(update=mail | people)
    return settings.model_copy(update={"watch": watch})


def put_run(store: Store, **row: Any) -> None:
    values = {"query": "latin", "query_hash": "aa", "stop": "complete"} | row
    with store.writing() as connection:
        connection.execute(insert(runs).values(**values))


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    with serve_mail() as (box, port), WebhookServer() as hook:
        yield Bench(store, box, port, hook)


def test_three_failures_are_told_once_until_a_success(bench: Bench) -> None:
    for _ in range(2):
        bench.take("x", stop="unavailable", detail="X is busy.")
        bench.look()
    assert bench.told() == []
    bench.take("x", stop="credential_refused", detail="Check the token.")
    bench.look()
    bench.look()
    assert bench.told() == ["failing:x"]
    assert "3 turns in a row. The last time: Check the token." in bench.hook.told[0]["text"]
    bench.restart()
    bench.take("x", stop="unavailable", detail="X is busy.")
    bench.look()
    assert bench.told() == ["failing:x"], "another process knows that it was told"
    bench.take("x", new=1)
    bench.look()
    for stop in ("unavailable", "query_refused", "clock_astray"):
        bench.take("x", stop=stop)
    bench.look()
    assert bench.told() == ["failing:x", "failing:x"]


def test_a_limit_or_a_ceiling_is_no_failure(bench: Bench) -> None:
    for stop in ("rate_limited", "ceiling", "complete", "interrupted", "rate_limited"):
        bench.take("x", stop=stop)
    bench.look()
    assert bench.told() == []


def test_a_turn_that_raised_counts_for_any_job(bench: Bench) -> None:
    for _ in range(3):
        bench.watch.begin_turn("label")
        bench.watch.end_turn("label", "The model cannot be read.", failed=True)
    bench.look()
    assert bench.told() == ["failing:label"]


@pytest.mark.parametrize("stop", ["cap_spent", "budget_spent"])
def test_a_spent_cap_is_told_until_it_is_given_again(bench: Bench, stop: str) -> None:
    bench.take("x", stop=stop, detail="402")
    bench.look()
    bench.look()
    assert bench.told() == ["cap:x"]
    with bench.store.reading() as connection:
        assert [says for _, says in standing_conditions(connection)] == [
            "x gives no more in this period: 402"
        ]
    bench.take("x")
    bench.look()
    with bench.store.reading() as connection:
        assert standing_conditions(connection) == []
    bench.take("x", stop="cap_spent")
    bench.look()
    assert bench.told() == ["cap:x", "cap:x"]


def cover(bench: Bench, since: datetime, until: datetime, **row: Any) -> None:
    planned = {"planned_since": since, "planned_until": until}
    bench.take("x", **planned, covered_since=since, covered_until=until, **row)


def test_low_coverage_is_told_and_clears_when_it_is_repaired(bench: Bench) -> None:
    cover(bench, START - DAY, START)
    bench.clock.now = START + 4 * DAY
    cover(bench, START + 2 * DAY, bench.clock.now)
    bench.take("x", query="all/search", query_hash="bb", planned_until=bench.clock.now)
    bench.look()
    assert bench.told() == ["coverage:x"]
    assert "x 48% is covered" in bench.hook.told[0]["text"]
    cover(bench, START, START + 2 * DAY)
    bench.look()
    assert bench.told() == ["coverage:x"]
    with bench.store.reading() as connection:
        assert standing_conditions(connection) == []


def put_draws(bench: Bench, since: datetime, hours: int, drawn: int) -> None:
    """Draw the first slices of a span and leave the others out."""
    with bench.store.writing() as connection:
        for hour in range(hours):
            at = since + hour * HOUR
            row = {"source": "x", "since": at, "until": at + HOUR, "probability": 0.25}
            connection.execute(insert(draws).values(**row, drawn=hour < drawn))


def test_what_chance_left_out_is_no_gap_but_what_it_drew_is(bench: Bench) -> None:
    cover(bench, START - DAY, START)
    put_draws(bench, START, hours=96, drawn=24)
    bench.clock.now = START + 4 * DAY
    cover(bench, START, START + DAY)
    bench.look()
    assert bench.told() == [], "three of four slices are planned gaps"
    bench.clock.now = START + 8 * DAY
    put_draws(bench, START + 4 * DAY, hours=96, drawn=72)
    cover(bench, START + 4 * DAY, START + 5 * DAY)
    bench.look()
    assert bench.told() == ["coverage:x"]
    assert "is covered" in bench.hook.told[0]["text"]
    cover(bench, START + 5 * DAY, START + 7 * DAY)
    bench.look()
    with bench.store.reading() as connection:
        assert standing_conditions(connection) == []


def test_a_week_that_was_left_out_altogether_is_no_gap(bench: Bench) -> None:
    cover(bench, START - DAY, START)
    put_draws(bench, START, hours=96, drawn=0)
    bench.clock.now = START + 4 * DAY
    bench.take("x", planned_until=bench.clock.now)
    bench.look()
    assert bench.told() == []


def test_coverage_is_not_judged_on_the_first_day_nor_by_old_terms(bench: Bench) -> None:
    cover(bench, START - 6 * DAY, START - 5 * DAY)
    bench.clock.now = START + 20 * HOUR
    bench.take("x", planned_until=bench.clock.now)
    bench.look()
    assert bench.told() == []
    bench.clock.now = START + 3 * DAY
    cover(bench, START - DAY, bench.clock.now, query_hash="new terms")
    bench.look()
    assert bench.told() == []


def test_silence_is_told_where_posts_were_expected(bench: Bench) -> None:
    for day in range(7):
        bench.clock.now = START + day * DAY
        bench.take("x", new=2)
        bench.take("reddit", new=0)
    for hours in (12, 23):
        bench.clock.now = START + 6 * DAY + hours * HOUR
        bench.take("x")
        bench.look()
    assert bench.told() == []
    bench.clock.now += 2 * HOUR
    bench.take("x")
    bench.look()
    assert bench.told() == ["silent:x"]
    bench.clock.now += 20 * DAY
    bench.take("x")
    bench.look()
    assert bench.told() == ["silent:x"], "it stays until something comes"
    bench.take("x", new=1)
    bench.look()
    with bench.store.reading() as connection:
        assert standing_conditions(connection) == []


def test_a_pause_of_the_process_is_no_silence(bench: Bench) -> None:
    bench.take("x", new=50)
    bench.clock.now += 3 * DAY
    bench.restart()
    bench.look()
    assert bench.told() == []
    bench.take("x", new=4)
    bench.look()
    assert bench.told() == []


def test_one_way_that_fails_is_tried_again_and_the_other_is_not_doubled(bench: Bench) -> None:
    bench.hook.status = 500
    bench.take("x", stop="cap_spent")
    bench.look()
    bench.clock.now += 5 * MINUTE
    bench.hook.status = 200
    bench.look()
    assert (len(bench.box.mails), bench.hook.told) == (1, [])
    bench.clock.now += 15 * MINUTE
    bench.look()
    bench.look()
    assert bench.told() == ["cap:x"]


def test_a_clock_set_back_does_not_hold_a_notification(bench: Bench) -> None:
    bench.hook.status = 500
    bench.take("x", stop="cap_spent")
    bench.look()
    bench.hook.status = 200
    bench.clock.now -= 30 * DAY
    bench.look()
    assert bench.told() == ["cap:x"]


def test_the_health_file_follows(bench: Bench) -> None:
    path = bench.settings.health_path
    assert path is not None
    bench.take("x", stop="unavailable", detail="X is busy.")
    health = read_health(path)
    assert health is not None
    assert (health.jobs["x"].failures, health.jobs["x"].says) == (1, "X is busy.")
    bench.clock.now += HOUR
    bench.look()
    bench.watch.end()
    health = read_health(path)
    assert health is not None
    assert health.ended_at == bench.clock.now


def test_nothing_secret_is_kept_of_it(bench: Bench) -> None:
    bench.take("x", stop="cap_spent")
    bench.look()
    with bench.store.reading() as connection:
        kept = repr(connection.execute(select(notices)).all())
    assert "mail" in kept
    assert "hook" not in kept.replace("webhook", "")
