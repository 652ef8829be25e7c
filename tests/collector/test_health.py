"""The health file: what a supervisor reads of `awaaz run`."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.health import Health, HealthError, HealthFile, find_troubles, read_health

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
JOBS = {"x": 60.0, "label": 10.0}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "health.json"


def troubles(health: Health | None, now: datetime) -> list[str]:
    return find_troubles(health, now, stuck=6 * HOUR, most=3)


def read(path: Path) -> Health:
    health = read_health(path)
    assert health is not None
    return health


def test_a_turn_leaves_when_it_ended_and_when_the_next_is_due(path: Path) -> None:
    file = HealthFile(path, JOBS, NOW)
    file.begin_turn("x", NOW)
    assert read(path).jobs["x"].turn_since == NOW
    file.end_turn("x", "4 new posts", NOW + 5 * MINUTE, failed=False)
    job = read(path).jobs["x"]
    assert (job.last_success, job.next_turn) == (NOW + 5 * MINUTE, NOW + HOUR)
    assert (job.last_failure, job.failures, job.turn_since) == (None, 0, None)
    assert read(path) == file.health
    assert [p.name for p in path.parent.iterdir()] == ["health.json"]


def test_failures_in_a_row_outlive_the_process_and_end_with_a_success(path: Path) -> None:
    for _ in range(2):
        HealthFile(path, JOBS, NOW).end_turn("x", "X is busy.", NOW, failed=True)
    file = HealthFile(path, JOBS, NOW)
    file.end_turn("x", "X is busy.", NOW, failed=True)
    assert file.health.jobs["x"].failures == 3
    assert "failed 3 turns in a row (X is busy.)" in troubles(file.health, NOW)[0]
    file.end_turn("x", "fine", NOW, failed=False)
    assert file.health.jobs["x"].failures == 0
    assert file.health.jobs["x"].last_failure == NOW
    assert troubles(file.health, NOW) == []


def test_what_is_wrong_is_told(path: Path) -> None:
    assert "no health file" in troubles(read_health(path), NOW)[0]
    file = HealthFile(path, JOBS, NOW)
    assert troubles(read(path), NOW + 5 * MINUTE) == []
    assert "no sign of life" in troubles(read(path), NOW + 6 * MINUTE)[0]
    file.begin_turn("x", NOW)
    file.end_turn("label", "done", NOW, failed=False)
    later = NOW + 7 * HOUR
    file.beat(later)
    told = troubles(read(path), later)
    assert len(told) == 2
    assert told[0].startswith("x: a turn has not ended since 2026-03-08 12:00")
    assert told[1].startswith("label: a turn was due at 2026-03-08 12:10")
    file.end(later)
    assert "was ended at" in troubles(read(path), later)[0]


@pytest.mark.parametrize("jump", [-400 * 24 * HOUR, -HOUR])
def test_a_clock_set_back_makes_nothing_late(path: Path, jump: timedelta) -> None:
    file = HealthFile(path, JOBS, NOW)
    file.begin_turn("x", NOW)
    file.end_turn("x", "done", NOW + jump, failed=False)
    assert troubles(read(path), NOW + jump) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"jobs": {"x": {"wrong": 1}}}', '{"jobs": {"x": 1}}', "\x00\xff"]
)
def test_a_file_that_is_not_one_is_told_and_replaced(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="latin-1")
    with pytest.raises(HealthError, match="writes it anew"):
        read_health(path)
    HealthFile(path, JOBS, NOW)
    assert read(path).started_at == NOW


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HealthError, match="health_file"):
        HealthFile(tmp_path / "file" / "health.json", JOBS, NOW)


def test_no_file_is_asked_for() -> None:
    assert set(HealthFile(None, JOBS, NOW).health.jobs) == set(JOBS)


def test_others_can_read_it_without_python(path: Path) -> None:
    HealthFile(path, JOBS, NOW).end_turn("x", "done", NOW, failed=False)
    assert json.loads(path.read_text())["jobs"]["x"]["last_success"] == "2026-03-08T12:00:00+00:00"
