"""Batches of an archive, read and enriched; for a large file by a second process, running ahead.

What is stored is the same either way. The second process is at most one batch ahead: its pipe
holds no more, and it ends when this one does, however that comes about.
"""

import os
import pickle
import signal
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from operator import attrgetter
from typing import Any

from collector.archives.archive import Archive
from collector.enrich import enrich
from collector.errors import ArchiveError
from collector.post import Byline, Country, Post, Sighting
from collector.sources.protocol import Skip

__all__ = ["BATCH", "Batch", "prepare_batches"]

BATCH = 2000
"""Lines per transaction: a killed import repeats at most these."""
AHEAD_FROM = 32 * 1024**2
"""Bytes of a file whose reading takes far longer than a second process takes to start."""

COLUMNS = attrgetter(*(field.name for field in fields(Post)))


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines of an archive, ready to be written."""

    posts: list[Post]
    skips: list[Skip]
    bylines: list[Byline]
    """Of the posts whose author the archive tells."""
    position: int
    """Bytes of the file consumed when the batch had been read."""
    notes: tuple[str, ...]
    """What the reader took for granted so far."""


Batches = Generator[Batch, None, None]


def prepare_batches(archive: Archive, communities: Mapping[str, Country]) -> Batches:
    """Yield the archive in batches of BATCH lines; close the iterator to end it early.

    Raises ArchiveError, after the batches before it, where the file turns out to be damaged.
    """
    if archive.size >= AHEAD_FROM and (os.cpu_count() or 1) > 1:
        return prepare_ahead(archive, communities)
    return prepare_here(archive, communities)


def prepare_here(archive: Archive, communities: Mapping[str, Country]) -> Batches:
    """Yield the batches, each read when it is asked for."""
    items = iter(archive.items())
    while batch := list(islice(items, BATCH)):
        sightings = [item for item in batch if isinstance(item, Sighting)]
        yield Batch(
            enrich(sightings, datetime.now(UTC), communities),
            [item for item in batch if isinstance(item, Skip)],
            [Byline(s.platform, s.native_id, s.authors) for s in sightings if s.authors],
            archive.position,
            archive.notes,
        )


def prepare_ahead(archive: Archive, communities: Mapping[str, Country]) -> Batches:
    """Yield the batches, the next being read by a second process while one is written."""
    context = get_context("spawn")  # a fork would copy the locks of other threads
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(sender, archive, communities), daemon=True)
    with no_interrupt():
        process.start()
    sender.close()
    try:
        while (batch := receive(receiver, archive)) is not None:
            yield batch
    finally:
        receiver.close()
        process.terminate()
        process.join()


@contextmanager
def no_interrupt() -> Iterator[None]:
    """Start what starts here deaf to Ctrl-C, which a terminal sends to every process."""
    resource_tracker.ensure_running()  # which would undo the mask if it started later
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(sender: Connection, archive: Archive, communities: Mapping[str, Country]) -> None:
    """Send batch after batch, then None or the error that ended them; runs in the second process.

    Posts travel as tuples, which pickle several times as fast.
    """
    try:
        try:
            for one in prepare_here(archive, communities):
                rows = [COLUMNS(post) for post in one.posts]
                send(sender, (rows, one.skips, one.bylines, one.position, one.notes))
            send(sender, None)
        except ArchiveError as error:
            send(sender, error)
    except BrokenPipeError:
        return  # nobody is left to write them


def send(sender: Connection, message: object) -> None:
    """Send one message."""
    sender.send_bytes(pickle.dumps(message, pickle.HIGHEST_PROTOCOL))


def receive(receiver: Connection, archive: Archive) -> Batch | None:
    """Return the next batch, None after the last; raises ArchiveError as the reader did."""
    try:
        message: Any = receiver.recv()
    except (EOFError, OSError):
        raise ArchiveError(
            f"Reading {archive.path} was ended from outside, perhaps for want of memory. Import it"
            " again; posts that are in already are not doubled."
        ) from None
    if isinstance(message, ArchiveError):
        raise message
    if message is None:
        return None
    rows, *rest = message
    return Batch([Post(*row) for row in rows], *rest)
