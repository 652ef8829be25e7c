"""A large archive is read by a second process: the same store, and no process left behind."""

import gzip
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from collector import batches
from collector.archives.archive import open_archive
from collector.errors import ArchiveError
from collector.importing import ImportReport, import_archive
from collector.opt_outs import add_opt_outs
from tests.conftest import ROOT
from tests.killing import dump
from tests.stores import START, open_test_store

LINES = 4_500


def write_tweets(path: Path) -> None:
    """Write tweets with everything that an import meets, in three batches."""
    with path.open("w", encoding="utf-8") as file:
        for n in range(LINES):
            row = {
                "id": str(1049000000000000000 + n * 4096),
                "text": f"मैं भी {n} in Karachi #MeTooIndia" if n % 3 else f"Me too, {n}",
                "created_at": START.isoformat(),
                "lang": "hi" if n % 3 else "en",
                "author": {"id": str(1 + n % 50), "location": "Pune, India" if n % 5 else ""},
            }
            file.write("not a tweet\n" if n % 900 == 7 else json.dumps(row) + "\n")


def write_table(path: Path) -> None:
    """Write a table whose times name no zone, of which the report has a note."""
    rows = [f"{n},Me too {n},2018-10-09 10:00:00,mastodon\n" for n in range(1, LINES)]
    path.write_text("id,text,created_at,platform\n" + "".join(rows), encoding="utf-8")


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every archive read by a second process."""
    monkeypatch.setattr(batches, "AHEAD_FROM", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def bring_in(archive: Path, name: str) -> tuple[ImportReport, dict[str, list[list[object]]]]:
    """Import into a new store in which one author is barred; return report and store."""
    file = archive.with_name(f"{name}.db")
    store = open_test_store(f"sqlite:///{file}")
    add_opt_outs(store, [("x", "id:17")], START)
    seen: list[int] = []
    report = import_archive(store, archive, on_progress=lambda done, _: seen.append(done))
    store.close()
    assert seen == sorted(seen)
    assert seen[-1] == archive.stat().st_size
    return report, dump(file)


@pytest.mark.parametrize(
    ("name", "write"), [("tweets.jsonl", write_tweets), ("table.csv", write_table)]
)
def test_a_second_process_makes_the_same_store(
    name: str, write: Callable[[Path], None], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    archive = tmp_path / name
    write(archive)
    alone = bring_in(archive, "alone")
    request.getfixturevalue("ahead")
    assert bring_in(archive, "ahead") == alone
    assert alone[0].tally.new > LINES * 9 // 10
    assert multiprocessing.active_children() == []


@pytest.mark.usefixtures("ahead")
def test_a_damaged_file_is_told_and_what_came_before_is_kept(tmp_path: Path) -> None:
    plain, packed = tmp_path / "tweets.jsonl", tmp_path / "tweets.jsonl.gz"
    write_tweets(plain)
    whole = gzip.compress(plain.read_bytes())
    packed.write_bytes(whole[: len(whole) * 9 // 10])
    store = open_test_store(f"sqlite:///{tmp_path}/damaged.db")
    with pytest.raises(ArchiveError, match="is damaged after line"):
        import_archive(store, packed)
    packed.write_bytes(whole)
    report = import_archive(store, packed)
    assert report.tally.unchanged >= batches.BATCH - 10
    assert report.tally.new > 0


@pytest.mark.usefixtures("ahead")
def test_a_killed_reader_is_told(tmp_path: Path) -> None:
    archive = tmp_path / "tweets.jsonl"
    write_tweets(archive)
    with closing(batches.prepare_batches(open_archive(archive), {})) as read:
        assert len(next(read).posts) > 0
        (reader,) = multiprocessing.active_children()
        reader.kill()
        reader.join()
        with pytest.raises(ArchiveError, match="ended from outside"):
            list(read)


@pytest.mark.usefixtures("ahead")
def test_the_reader_ends_with_its_importer(tmp_path: Path) -> None:
    archive = tmp_path / "tweets.jsonl"
    write_tweets(archive)
    with closing(batches.prepare_batches(open_archive(archive), {})) as read:
        next(read)
        assert len(multiprocessing.active_children()) == 1
    assert multiprocessing.active_children() == []


IMPORT = """
import sys
from pathlib import Path
from collector import batches
from collector.importing import import_archive
from tests.stores import open_test_store
batches.AHEAD_FROM, batches.BATCH = 0, 100
def say(done, size):
    print(done, flush=True)
try:
    import_archive(open_test_store(sys.argv[1]), Path(sys.argv[2]), on_progress=say)
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals to a group")
@pytest.mark.skipif(os.cpu_count() == 1, reason="one core reads without a second process")
def test_ctrl_c_to_both_processes_is_quiet(tmp_path: Path) -> None:
    archive = tmp_path / "tweets.jsonl"
    write_tweets(archive)
    command = [sys.executable, "-c", IMPORT, f"sqlite:///{tmp_path}/a.db", str(archive)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as importer:
        assert importer.stdout is not None
        importer.stdout.readline()
        os.killpg(importer.pid, signal.SIGINT)
        _, errors = importer.communicate(timeout=60)
    assert (importer.returncode, errors) == (130, "")
