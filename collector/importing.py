"""Importing: an archive's posts into the store, in batches, with a report of every line."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from collector.archives.archive import Archive, Item, open_archive
from collector.enrich import enrich
from collector.errors import ArchiveError, StoreError
from collector.forgetting import PostId, forget_batch
from collector.opt_outs import OPTED_OUT, find_opted_out, leave_out
from collector.post import Country, Sighting
from collector.posts import Tally, upsert_posts
from collector.runs import (
    PageCount,
    Stop,
    count_page,
    end_abandoned_runs,
    finish_run,
    start_run,
    utc_now,
)
from collector.sources.protocol import Query, Skip
from collector.store import Store

__all__ = ["ImportReport", "import_archive"]

BATCH = 2000
"""Lines per transaction: a killed import repeats at most these."""
INTERRUPTED_S = 1.0
"""Seconds that an import waits to write down that it was interrupted."""
EXAMPLES = 3
"""Places named in the report for each reason of a skip."""


@dataclass(slots=True)
class ImportReport:
    """What became of every line of one archive."""

    path: Path
    format: str
    read: int = 0
    tally: Tally = Tally()
    skipped: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What the reader took for granted, as a sentence each."""

    @property
    def name(self) -> str:
        """The file's name as it can be stored and printed, whatever bytes it is made of."""
        return self.path.name.encode(errors="replace").decode()

    def count_skip(self, skip: Skip) -> None:
        """Count a line that was not taken, and remember where the first few were."""
        self.skipped[skip.reason] += 1
        places = self.places.setdefault(skip.reason, [])
        if skip.where and len(places) < EXAMPLES:
            places.append(skip.where)


def import_archive(
    store: Store,
    path: Path,
    *,
    file_format: str | None = None,
    columns: Mapping[str, str] | None = None,
    platform: str | None = None,
    communities: Mapping[str, Country] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import one file; importing it twice changes nothing.

    Raises ArchiveError where the file cannot be read; what comes before a damage is in, and the
    message says so. A bad line is counted and named in the report.
    `on_progress(bytes_done, bytes_all)` is called after each batch.
    """
    archive = open_archive(path, file_format, columns, platform)
    report = ImportReport(path, archive.format)
    query = Query(f"import-{archive.format}", report.name, (report.name,))
    with store.writing() as connection:
        end_abandoned_runs(connection, [query.source], utc_now())
        run_id = start_run(connection, query, None, utc_now())
    detail = "The import did not reach the end of the file; run it again."
    try:
        for batch in batches(archive):
            write_batch(store, batch, run_id, report, communities or {})
            if on_progress is not None:
                on_progress(archive.position, archive.size)
        report.notes = tuple(archive.notes)
    except KeyboardInterrupt:
        end_interrupted(store, run_id, detail)
        raise
    except ArchiveError as error:
        end_run(store, run_id, "error", detail)
        raise ArchiveError(f"{error} {tell_taken(report)}") from error
    except BaseException:
        end_run(store, run_id, "error", detail)
        raise
    end_run(store, run_id, "complete", "")
    return report


def tell_taken(report: ImportReport) -> str:
    """Say what became of the lines before the damage."""
    tally, skipped = report.tally, sum(report.skipped.values())
    return (
        f"Before the damage: {report.read:,} read, {tally.new:,} new, {tally.updated:,} updated,"
        f" {tally.unchanged:,} already there, {tally.forgotten:,} barred, {skipped:,} skipped."
    )


def end_run(
    store: Store, run_id: int, stop: Stop, detail: str, patience_s: float | None = None
) -> None:
    """Write down how the import ended."""
    with store.writing(patience_s) as connection:
        finish_run(connection, run_id, stop, detail, utc_now())


def end_interrupted(store: Store, run_id: int, detail: str) -> None:
    """Write down that Ctrl-C ended the import, if that is quickly done.

    Where another process writes meanwhile, the next import finds the run open and marks it.
    """
    with suppress(StoreError):
        end_run(store, run_id, "interrupted", detail, INTERRUPTED_S)


def batches(archive: Archive) -> Iterator[list[Item]]:
    """Yield the archive's items in lists of BATCH; of a damaged file all that comes before.

    Raises ArchiveError after the last of them.
    """
    batch: list[Item] = []
    try:
        for item in archive.items():
            batch.append(item)
            if len(batch) == BATCH:
                yield batch
                batch = []
    except ArchiveError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


def write_batch(
    store: Store,
    batch: Sequence[Item],
    run_id: int,
    report: ImportReport,
    communities: Mapping[str, Country],
) -> None:
    """Write one batch in one transaction and add it to the report."""
    now = utc_now()
    skips = [item for item in batch if isinstance(item, Skip)]
    sightings = [item for item in batch if isinstance(item, Sighting)]
    posts = enrich(sightings, now, communities)
    deleted = [PostId(*skip.deleted_id) for skip in skips if skip.deleted_id]
    with store.writing() as connection:
        barred = find_opted_out(store.key, connection, sightings)
        forget_batch(store, connection, barred, "opt_out", now)
        skips += [Skip(OPTED_OUT)] * len(barred)
        tally = upsert_posts(store, connection, leave_out(posts, barred), run_id)
        forget_batch(store, connection, deleted, "deleted", now)
        count_page(connection, run_id, PageCount(len(batch), tally, len(skips)))
    report.read += len(batch)
    report.tally += tally
    for skip in skips:
        report.count_skip(skip)
