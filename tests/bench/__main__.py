"""Benchmarks as ratios measured in one run: `make bench`.

Absolute figures depend on the machine and on what else it does; the ratios are what to quote.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

from collector.enrich import enrich
from collector.importing import BATCH, import_archive
from collector.post import Post
from collector.posts import upsert_posts
from collector.runs import start_run
from tests.bench.labelling import bench_first_label, bench_labelling
from tests.bench.timing import median_seconds, show
from tests.conftest import ROOT
from tests.stores import QUERY, START, open_test_store

POSTS = 10_000


def sample_texts(count: int) -> list[str]:
    """Return invented posts of real length, varied so that none is a copy."""
    lines = files("config").joinpath("sample/posts.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    return [f"{texts[n % len(texts)]} {n}" for n in range(count)]


def write_archive(path: Path, texts: Sequence[str]) -> None:
    """Write the texts as twarc2 writes flattened tweets."""
    with path.open("w", encoding="utf-8") as file:
        for n, text in enumerate(texts):
            row = {
                "id": str(1049000000000000000 + n * 4096),
                "text": text,
                "created_at": (START + timedelta(seconds=n)).isoformat(),
                "lang": "en",
                "author": {"location": f"House {n % 500}, Lahore, Pakistan"},
            }
            file.write(json.dumps(row) + "\n")


def bench_import(folder: Path) -> None:
    """Compare the whole import with writing the same posts, read and enriched beforehand."""
    archive = folder / "archive.jsonl"
    write_archive(archive, sample_texts(POSTS))
    names = iter(range(1000))

    def whole() -> None:
        import_archive(open_test_store(f"sqlite:///{folder}/whole-{next(names)}.db"), archive)

    full = median_seconds(whole)  # before thousands of posts lie in memory
    posts = read_posts(archive)

    def upsert_only() -> None:
        store = open_test_store(f"sqlite:///{folder}/upsert-{next(names)}.db")
        with store.writing() as connection:
            run_id = start_run(connection, QUERY, None, START)
        for start in range(0, len(posts), BATCH):
            with store.writing() as connection:
                upsert_posts(store, connection, posts[start : start + BATCH], run_id)

    least = median_seconds(upsert_only)
    show("import: posts/s, whole", POSTS / full)
    show("import: posts/s, upsert only", POSTS / least)
    show("import: ratio whole to upsert only (issue asks 0.5)", least / full)


def read_posts(archive: Path) -> list[Post]:
    """Return the archive's posts with everything told of them."""
    from collector.archives.archive import open_archive
    from collector.post import Sighting

    items = open_archive(archive, None, None, None).items()
    return enrich([item for item in items if isinstance(item, Sighting)], START)


def bench_start() -> None:
    """Time whole processes: the first answer, and the help."""

    def start(*arguments: str) -> None:
        command = [sys.executable, "awaaz.py", *arguments]
        subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    python = median_seconds(lambda: subprocess.run([sys.executable, "-c", ""], check=True))
    show("start: seconds of python alone", python)
    show("start: seconds of awaaz --help", median_seconds(lambda: start("--help")))
    show("start: seconds of awaaz predict", median_seconds(lambda: start("predict", "me too")))


def main() -> None:
    """Run all benchmarks."""
    with tempfile.TemporaryDirectory() as folder:
        bench_import(Path(folder))
    bench_labelling(sample_texts(1500))
    bench_first_label()
    bench_start()


if __name__ == "__main__":
    main()
