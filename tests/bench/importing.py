"""Benchmark of archive import: what the enrichments cost."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count
from pathlib import Path
from statistics import median
from unittest.mock import patch

from collector.archives.archive import open_archive
from collector.enrich import clean_text, enrich
from collector.importing import BATCH, import_archive
from collector.post import Country, Post, Sighting
from collector.posts import upsert_posts
from collector.runs import start_run
from collector.store import Store
from tests.bench.timing import median_ratio, seconds_in_turns, show
from tests.stores import QUERY, START, open_test_store

__all__ = ["bench_import", "sample_texts"]

POSTS = 10_000
ROUNDS = 11


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
    """Compare an archive's import with all enrichments to the same import without any."""
    archive = folder / "archive.jsonl"
    write_archive(archive, sample_texts(POSTS))
    show_ratios(archive, folder)


def show_ratios(archive: Path, folder: Path) -> None:
    """Show how fast the archive is imported, and as a ratio to importing less of it."""
    stores, posts = open_stores(folder), read_posts(archive)
    whole, upsert_only, upsert_alone = seconds_in_turns(
        [
            lambda: import_archive(next(stores), archive),
            lambda: import_without_enrichments(next(stores), archive),
            lambda: write_posts(next(stores), posts),
        ],
        ROUNDS,
    )
    show("import: posts/s with all enrichments", len(posts) / median(whole))
    show("import: posts/s, same file without enrichments", len(posts) / median(upsert_only))
    show(
        "import: posts/s, upsert alone, file read and enriched before",
        len(posts) / median(upsert_alone),
    )
    show(
        "import: ratio to import without enrichments (issue asks 0.5)",
        median_ratio(upsert_only, whole),
    )
    show("import: ratio to upsert alone (stricter, not asked)", median_ratio(upsert_alone, whole))


def open_stores(folder: Path) -> Iterator[Store]:
    """Yield empty stores, each in a file of its own."""
    for number in count():
        yield open_test_store(f"sqlite:///{folder}/{number}.db")


def import_without_enrichments(store: Store, archive: Path) -> None:
    """Read, parse and upsert the file as every import does, telling nothing of the posts."""
    with patch("collector.importing.enrich", pass_on):
        import_archive(store, archive)


def pass_on(
    sightings: Sequence[Sighting], collected_at: datetime, _: Mapping[str, Country]
) -> list[Post]:
    """Return the posts as `enrich` does, but with neither form nor country told."""
    return [
        Post(
            platform=sighting.platform,
            native_id=sighting.native_id,
            text=clean_text(sighting.text),  # no enrichment: a store cannot keep every text
            created_at=sighting.created_at,
            collected_at=collected_at,
            kind=sighting.kind,
            form="other",
            language=sighting.language,
            country="unknown",
            country_evidence="none",
            about="unknown",
            about_evidence="none",
            current_id=sighting.current_id,
            revision=sighting.revision,
        )
        for sighting in sightings
    ]


def write_posts(store: Store, posts: Sequence[Post]) -> None:
    """Upsert posts that were read and enriched before, in batches as an import does."""
    with store.writing() as connection:
        run_id = start_run(connection, QUERY, None, START)
    for start in range(0, len(posts), BATCH):
        with store.writing() as connection:
            upsert_posts(store, connection, posts[start : start + BATCH], run_id)


def read_posts(archive: Path) -> list[Post]:
    """Return the archive's posts with everything told of them."""
    items = open_archive(archive, None, None, None).items()
    return enrich([item for item in items if isinstance(item, Sighting)], START)
