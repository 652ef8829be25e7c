"""SIGKILL at twenty seeded points of all that writes posts, then again: the same store."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from collector.importing import import_archive
from tests.conftest import ROOT
from tests.stores import START, open_test_store


def write_archive(path: Path, lines: int) -> None:
    """Write invented posts as twarc2 writes them."""
    with path.open("w", encoding="utf-8") as file:
        for n in range(lines):
            row = {
                "id": str(1049000000000000000 + n * 4096),
                "text": f"Post {n - n % 10} on a long day: I believe her. #MeToo",
                "created_at": START.isoformat().replace("+00:00", ".000Z"),
                "lang": "en",
                "author": {"location": "Lahore, Pakistan" if n % 20 else "Pune, India"},
            }
            file.write(json.dumps(row) + "\n")


def kill(action: str, folder: Path, source: Path, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.killing", action, str(folder), str(source), "7"]
    done = subprocess.run(
        [*command, str(count)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-500:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_an_import_killed_anywhere_ends_in_the_same_store(tmp_path: Path) -> None:
    archive = tmp_path / "archive.jsonl"
    write_archive(archive, 600)
    answer = kill("import", tmp_path, archive, 20)
    assert answer["kills"] == 20
    assert answer["rows"]["posts"] == 600


def test_labelling_killed_anywhere_ends_in_the_same_counts(tmp_path: Path) -> None:
    archive = tmp_path / "archive.jsonl"
    write_archive(archive, 50)
    store = open_test_store(f"sqlite:///{tmp_path}/unlabelled.db")
    import_archive(store, archive)
    store.close()
    answer = kill("label", tmp_path, tmp_path / "unlabelled.db", 20)
    assert answer["kills"] == 20
    assert answer["rows"]["labels"] == answer["rows"]["posts"] == 50


def test_a_collection_killed_anywhere_ends_in_the_same_store(tmp_path: Path) -> None:
    answer = kill("collect", tmp_path, tmp_path, 20)
    assert answer["kills"] == 20
    rows = answer["rows"]
    assert rows["posts"] > 30
    assert rows["draws"]
    assert rows["tombstones"]


def test_a_backfill_killed_anywhere_ends_in_the_same_store(tmp_path: Path) -> None:
    answer = kill("backfill", tmp_path, tmp_path, 20)
    assert answer["kills"] == 20
    rows = answer["rows"]
    assert (rows["posts"], rows["tombstones"]) == (2 * 15 - 3, 3)
    assert rows["covered"] == 2, "all of the submissions, and all of the comments"
