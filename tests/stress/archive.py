"""A backfill from an archive in a process of its own, to be killed."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from collector.backfill_reddit import fill_from_archive
from collector.store import Store
from config.settings import load_settings
from tests.conftest import ROOT
from tests.servers.arctic_days import END, NOW, START


@contextmanager
def backfilling() -> Iterator[Callable[[Store], None]]:
    """Yield a backfill from an archive that is there as long as the context is."""
    command = [sys.executable, "-m", "tests.servers.arctic_days"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        endpoint = process.stdout.readline().strip()
        yield lambda store: backfill(store, endpoint)
        process.stdin.close()


def backfill(store: Store, endpoint: str) -> None:
    """Fetch all its days in windows of two, on a clock that stands still."""
    shipped = load_settings()
    archive = {"enabled": True, "endpoint": endpoint, "pace_s": 0.0, "window_days": 2}
    reddit = {"subreddits": {"pakistan": "PK"}, "terms": ["#MeToo"]}
    settings = shipped.model_copy(
        update={
            "arctic_shift": shipped.arctic_shift.model_copy(update=archive),
            "reddit": shipped.reddit.model_copy(update=reddit),
        }
    )
    last = (END - timedelta(days=1)).date()
    collected = fill_from_archive(store, settings, START.date(), last, clock=lambda: NOW)
    if collected.stops:
        raise SystemExit(f"the archive refused: {collected.stops}")
