"""`awaaz run` as an organisation has it: processes of its own, killed, watched and doubled."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.collector.test_store_faults import count_posts
from tests.commanding import Command, call, wait_until
from tests.servers.arctic_server import ArcticServer
from tests.servers.reddit_server import CLIENT_ID, CLIENT_SECRET, RedditServer
from tests.servers.webhook_server import WebhookServer
from tests.servers.x_faults import refuse
from tests.servers.x_server import XServer

TOKEN = "invented-bearer"
POST = "I believe her, whatever they write about the case. #MeToo"


@pytest.fixture
def x() -> Iterator[XServer]:
    with XServer(token=TOKEN, clock=lambda: datetime.now(UTC)) as server:
        server.corpus.post(POST, datetime.now(UTC) - timedelta(hours=3))
        yield server


def environment_of(x: XServer) -> dict[str, Any]:
    return {
        "AWAAZ_X__ENDPOINT": x.url,
        "AWAAZ_X_BEARER_TOKEN": TOKEN,
        "AWAAZ_REDDIT__ENABLED": "false",
        "AWAAZ_X__QUERIES": '{"latin": ["#MeToo"], "devanagari": ["मी टू"], "urdu": ["می ٹو"]}',
        "AWAAZ_X__WINDOWS_PER_TURN": "1",
        "AWAAZ_SCHEDULE__X_MINUTES": "0.02",
        "AWAAZ_SCHEDULE__LABEL_MINUTES": "600",
        "AWAAZ_WATCH__FAILURES": "1",
    }


@contextmanager
def running(**environment: Any) -> Iterator[Command]:
    """Start `awaaz run`, and end it whatever happens."""
    process = Command(("run",), environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.ended()


def health(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "data" / "health.json"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def has_collected(tmp_path: Path, *jobs: str) -> Callable[[], bool]:
    def has() -> bool:
        taken = health(tmp_path).get("jobs", {})
        return all(taken.get(job, {}).get("last_success") for job in jobs or ("x",))

    return has


@pytest.fixture
def reddit() -> Iterator[RedditServer]:
    with RedditServer() as server:
        server.comment("pakistan", POST, datetime.now(UTC) - timedelta(hours=3))
        yield server


def with_reddit(reddit: RedditServer) -> dict[str, Any]:
    return {
        "AWAAZ_REDDIT__ENABLED": "true",
        "AWAAZ_REDDIT__ENDPOINT": reddit.url,
        "AWAAZ_REDDIT__SUBREDDITS": '{"pakistan": "PK"}',
        "AWAAZ_REDDIT_CLIENT_ID": CLIENT_ID,
        "AWAAZ_REDDIT_CLIENT_SECRET": CLIENT_SECRET,
    }


def with_archive(archive: ArcticServer) -> dict[str, Any]:
    return {
        "AWAAZ_ARCTIC_SHIFT__ENABLED": "true",
        "AWAAZ_ARCTIC_SHIFT__ENDPOINT": archive.url,
        "AWAAZ_ARCTIC_SHIFT__PACE_S": "0",
        "AWAAZ_REDDIT__SUBREDDITS": '{"pakistan": "PK"}',
    }


def test_a_second_run_leaves_and_a_killed_one_frees_the_store(
    x: XServer, reddit: RedditServer, tmp_path: Path
) -> None:
    environment = environment_of(x) | with_reddit(reddit)
    with running(**environment) as first:
        wait_until(has_collected(tmp_path, "x", "reddit"), "a turn at both")
        told = call("run", code=1, **environment).stderr
        assert "Another `awaaz run`" in told
        assert f"process {first.pid}" in told
        assert "well" in call("status", "--check", **environment).stdout
        first.send_signal(signal.SIGKILL)
        first.ended()
    (tmp_path / "data" / "health.json").unlink()
    with running(**environment) as third:
        wait_until(has_collected(tmp_path, "x", "reddit"), "a turn after the kill")
        third.send_signal(signal.SIGTERM)
        assert third.ended(60).returncode == 0
    assert "was ended at" in call("status", "--check", code=1, **environment).stderr
    status = call("status", **environment).stdout
    assert "awaaz run (process" in status
    assert "interrupted" not in status.split("awaaz run (process")[1]


def test_a_backfill_beside_a_run_disturbs_neither(x: XServer, tmp_path: Path) -> None:
    environment = environment_of(x)
    with ArcticServer() as archive, running(**environment) as process:
        wait_until(has_collected(tmp_path), "a turn")
        for n in range(150):
            archive.comment("pakistan", POST, datetime(2018, 10, 1, n // 60, n % 60, tzinfo=UTC))
        told = call(
            *(
                "backfill",
                "--source",
                "reddit-archive",
                "--since",
                "2018-10-01",
                "--until",
                "2018-10-02",
            ),
            **environment | with_archive(archive),
        ).stdout
        assert "150 new" in told
        store = tmp_path / "data" / "awaaz.db"
        wait_until(lambda: count_posts(store) == 151, "the run's own post")
        process.send_signal(signal.SIGTERM)
        done = process.ended(60)
    assert done.returncode == 0, done.stderr
    assert '"level": "ERROR"' not in done.stderr


def test_its_log_is_json_lines_without_secret_or_post(x: XServer, tmp_path: Path) -> None:
    with running(**environment_of(x)) as process:
        wait_until(has_collected(tmp_path), "a turn")
        process.send_signal(signal.SIGTERM)
        done = process.ended(60)
    assert done.stdout == ""
    logged = done.stderr
    lines = [json.loads(line) for line in logged.splitlines()]
    assert {"INFO"} <= {line["level"] for line in lines}
    assert any("new posts" in line["message"] for line in lines)
    assert "I believe" not in logged
    assert TOKEN not in logged


def test_trouble_is_told_once_and_seen_by_the_supervisor(x: XServer, tmp_path: Path) -> None:
    x.script(*[refuse(401, "Unauthorized")] * 500)
    with WebhookServer() as hook:
        environment = environment_of(x) | {"AWAAZ_WEBHOOK_URL": hook.url}
        # The watch looks at once and then each minute: a second start looks again.
        with running(**environment) as process:
            wait_until(
                lambda: bool(health(tmp_path).get("jobs", {}).get("x", {}).get("failures")),
                "a failure",
            )
            process.send_signal(signal.SIGTERM)
            process.ended(60)
        with running(**environment) as process:
            wait_until(lambda: bool(hook.told), "a notification")
            told = call("status", "--check", code=1, **environment).stderr
            assert "AWAAZ_X_BEARER_TOKEN" in told
            assert TOKEN not in told
            process.send_signal(signal.SIGTERM)
            logged = process.ended(60).stderr
        assert [message["condition"] for message in hook.told] == ["failing:x"]
        assert hook.url.rsplit("/", 1)[1] not in logged
    assert "AWAAZ_X_BEARER_TOKEN" in call("status", **environment).stderr


def test_half_a_mail_set_up_ends_at_once() -> None:
    told = call("run", code=1, AWAAZ_WATCH__SMTP_HOST="127.0.0.1").stderr
    assert "watch.mail_to" in told
    shown = call("doctor", code=1, AWAAZ_WATCH__SMTP_HOST="127.0.0.1").stdout
    assert "watch.mail_to" in shown
    shown = call("doctor", AWAAZ_WEBHOOK_URL="https://chat.invalid/a-secret-key").stdout
    assert "told by webhook" in shown
    assert "a-secret-key" not in shown
