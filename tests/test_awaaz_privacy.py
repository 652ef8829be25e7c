"""The command line of re-checking, forgetting and opting out, through its own process."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commanding import call
from tests.conftest import ROOT
from tests.servers.reddit_server import CLIENT_ID, CLIENT_SECRET, RedditServer
from tests.servers.x_server import XServer

IDS = [f"10500000000000000{n:02}" for n in range(1, 6)]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive.jsonl"
    rows = [
        {
            "id": i,
            "text": f"Words of {i} #MeToo",
            "created_at": "2018-10-10T10:00:00Z",
            "lang": "en",
        }
        for i in IDS
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def servers() -> Iterator[tuple[XServer, RedditServer]]:
    def now() -> datetime:
        return datetime.now(UTC)

    with XServer(token="invented-bearer", clock=now) as x, RedditServer() as reddit:
        reddit.subreddits.add("pakistan")
        yield x, reddit


def environment_of(x: XServer, reddit: RedditServer) -> dict[str, Any]:
    return {
        "AWAAZ_X__ENDPOINT": x.url,
        "AWAAZ_X_BEARER_TOKEN": "invented-bearer",
        "AWAAZ_REDDIT__ENDPOINT": reddit.url,
        "AWAAZ_REDDIT_CLIENT_ID": CLIENT_ID,
        "AWAAZ_REDDIT_CLIENT_SECRET": CLIENT_SECRET,
        "AWAAZ_REDDIT__SUBREDDITS": '{"pakistan": "PK"}',
    }


def test_comply_forgets_what_is_gone_and_status_tells_the_oldest_check(
    servers: tuple[XServer, RedditServer], tmp_path: Path
) -> None:
    x, reddit = servers
    environment = environment_of(x, reddit)
    now = datetime.now(UTC)
    tweets = [
        x.corpus.post(f"I believe her, {n}. #MeToo", now - timedelta(hours=3)) for n in (1, 2)
    ]
    name = reddit.comment("pakistan", "Once said. #MeToo", now - timedelta(hours=3))
    call("collect", **environment)
    assert "Oldest check on x: 20" in call("status").stdout
    x.corpus.delete(tweets[0])
    reddit.delete(name)
    shown = call("comply", **environment).stdout
    assert "0 posts asked about" in shown, "collection counts as a check"
    soon: dict[str, Any] = {"AWAAZ_COMPLIANCE__CHECK_HOURS": "0.000001"}
    shown = call("comply", **environment, **soon).stdout
    assert "x-batch: 2 posts asked about: 1 forgotten" in shown
    files = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("awaaz.db*"))
    assert tweets[0]["id"].encode() not in files
    assert b"I believe her, 1" not in files
    assert tweets[1]["id"].encode() in files
    status = call("status").stdout
    assert "x-batch" in status
    assert "Oldest check on x" in status


def test_comply_without_credentials_says_what_is_missing(archive: Path) -> None:
    call("import", str(archive))
    told = call("comply", code=1).stderr.replace("\n", " ")
    assert "AWAAZ_X_BEARER_TOKEN is not set" in told
    assert "nothing was checked" in told, "a cron job must not think that all is well"
    assert "never seen alive since they were stored: 5 of 5" in call("status").stdout


def test_forget_takes_links_and_files_and_asks_once(archive: Path, tmp_path: Path) -> None:
    call("import", str(archive))
    listed = tmp_path / "asked.txt"
    listed.write_text(f"# asked on Monday\nx:{IDS[1]}\nx.com/invented_handle/status/{IDS[2]}\n")
    link = f"https://x.com/invented_handle/status/{IDS[0]}?s=20"
    done = subprocess.run(
        [sys.executable, str(ROOT / "awaaz.py"), "forget", link, "--file", str(listed)],
        input="y\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Forget 3 posts for good?" in done.stdout
    assert "3 removed; 3 barred" in done.stdout
    assert "invented_handle" not in done.stdout + done.stderr
    files = b"".join(path.read_bytes() for path in (tmp_path / "data").glob("awaaz.db*"))
    assert b"invented_handle" not in files
    assert not [i for i in IDS[:3] if i.encode() in files]
    assert IDS[3].encode() in files
    listed.write_text("https://x.com/invented_handle\n")
    told = call("forget", "--yes", "--file", str(listed), code=1).stderr
    assert "line 1" in told
    assert "invented_handle" not in told
    listed.write_bytes("x:1".encode("utf-16"))
    told = call("forget", "--yes", "--file", str(listed), code=1).stderr
    assert "Give a text file in UTF-8" in told
    call("forget", "--yes", code=2)


def test_opt_outs_are_counted_and_removed(archive: Path) -> None:
    assert "Nobody" in call("opt-out", "list").stdout
    assert "1 authors added" in call("opt-out", "add", "x:@invented_handle").stdout
    assert call("opt-out", "list").stdout == "x: 1\n"
    told = call("opt-out", "add", "invented_handle", code=1).stderr
    assert "invented_handle" not in told
    assert "1 authors removed" in call("opt-out", "remove", "x:@Invented_Handle").stdout


def test_an_earlier_export_is_told_what_must_go(archive: Path, tmp_path: Path) -> None:
    call("import", str(archive))
    folder = tmp_path / "exports"
    for file_format in ("csv", "jsonl", "parquet"):
        path = folder / file_format / f"posts.{file_format}"
        call("export", "--format", file_format, "--out", str(path))
    assert call("export", "--recheck", str(folder)).stdout == ""
    call("forget", "--yes", f"x:{IDS[1]}", f"x:{IDS[3]}")
    told = call("export", "--recheck", str(folder), code=1)
    assert told.stdout.splitlines() == [f"x:{IDS[1]}", f"x:{IDS[3]}"] * 3
    one = call("export", "--recheck", str(folder / "csv" / "posts.csv"), code=1)
    assert "2 posts must go" in one.stderr.replace("\n", " ")
    assert "no export" in call("export", "--recheck", str(tmp_path / "nowhere"), code=1).stderr
    broken = tmp_path / "other.csv"
    broken.write_text("a,b\n1,2\n")
    assert "column id" in call("export", "--recheck", str(broken), code=1).stderr
    assert "no export of awaaz" in call("export", "--recheck", str(archive), code=1).stderr
    call("export", code=2)


def test_doctor_makes_the_key_and_a_lost_one_stops_every_writing_command(
    archive: Path, tmp_path: Path
) -> None:
    key = tmp_path / "data" / "forget.key"
    assert "There is none yet" in call("doctor").stdout.replace("\n", " ")
    assert not key.exists()
    call("doctor", "--fix")
    assert key.stat().st_mode & 0o077 == 0
    call("import", str(archive))
    call("forget", "--yes", f"x:{IDS[0]}")
    kept = key.read_text()
    key.unlink()
    for arguments in (
        ("import", str(archive)),
        ("collect",),
        ("comply",),
        ("forget", "--yes", f"x:{IDS[1]}"),
        ("opt-out", "add", "x:@invented"),
    ):
        assert "is lost" in call(*arguments, code=1).stderr
        assert not key.exists(), "no new key in place of the lost one"
    assert "is lost" in call("doctor", "--fix", code=1).stdout.replace("\n", " ")
    assert not key.exists()
    another = {"AWAAZ_FORGET_KEY": "another key, and long enough"}
    assert "not the one" in call("import", str(archive), code=1, **another).stderr
    assert "Labelled" in call("status").stdout, "reading needs no key"
    key.write_text(kept)
    assert "1 barred" in call("import", str(archive)).stdout


def test_run_has_jobs_that_recheck_and_scrub(
    servers: tuple[XServer, RedditServer], tmp_path: Path
) -> None:
    x, reddit = servers
    tweet = x.corpus.post("I believe her. #MeToo", datetime.now(UTC) - timedelta(hours=3))
    environment = environment_of(x, reddit)
    call("collect", **environment)
    x.corpus.delete(tweet)
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "awaaz.py"), "run"],
        env={**os.environ, **environment, "AWAAZ_COMPLIANCE__CHECK_HOURS": "0.0005"}
        | {"AWAAZ_COMPLIANCE__SCRUB_MINUTES": "0.02", "AWAAZ_SCHEDULE__LABEL_MINUTES": "60"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said: list[str] = []
    try:
        while "scrub: nothing" not in "".join(said[-1:]) or not is_empty(tmp_path):
            said.append(process.stderr.readline())
            assert said[-1], "the process ended"
        process.terminate()
        said += process.communicate(timeout=60)[1].splitlines()
    finally:
        process.kill()
    assert "I believe her" not in "".join(said)
    assert tweet["id"] not in "".join(said)


def is_empty(tmp_path: Path) -> bool:
    connection = sqlite3.connect(tmp_path / "data" / "awaaz.db")
    count = connection.execute("SELECT count(*) FROM posts").fetchone()[0]
    connection.close()
    return bool(count == 0)
