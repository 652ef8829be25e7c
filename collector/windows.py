"""Which windows of time a source still owes, by the ledger and by what the platform can give."""

from collections.abc import Sequence
from datetime import timedelta

from collector.sources.protocol import Window

__all__ = ["find_gaps", "plan_windows"]


def plan_windows(
    covered: Sequence[Window], reach: Window, length: timedelta | None, limit: int
) -> list[Window]:
    """Return up to `limit` windows to fill, oldest first, none longer than `length`.

    With `length` None the source gives newest-first listings, which fill everything since the
    latest covered moment in one go: then it is that one window.
    """
    if length is None:
        since = max([reach.since, *(w.until for w in covered if w.until <= reach.until)])
        return [Window(since, reach.until)] if since < reach.until else []
    planned: list[Window] = []
    for gap in find_gaps(covered, reach):
        since = gap.since
        while since < gap.until and len(planned) < limit:
            until = min(since + length, gap.until)
            planned.append(Window(since, until))
            since = until
    return planned


def find_gaps(covered: Sequence[Window], reach: Window) -> list[Window]:
    """Return the parts of `reach` that no covered window covers, oldest first."""
    gaps: list[Window] = []
    since = reach.since
    for window in sorted(covered, key=lambda w: w.since):
        if window.since > since:
            gaps.append(Window(since, min(window.since, reach.until)))
        since = max(since, window.until)
        if since >= reach.until:
            break
    if since < reach.until:
        gaps.append(Window(since, reach.until))
    return [gap for gap in gaps if gap.since < gap.until]
