"""Drawing slices of time at random where a budget does not pay for all of them.

A slice is drawn once for all queries of its source, since a post may match several of them, with
a probability that was fixed before anything of the slice was seen; posts of a drawn slice weigh
its inverse, so that weighted sums estimate the whole without bias (Horvitz and Thompson 1952).
"""

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert, select

from collector.limits_schema import draws
from collector.sources.protocol import Window
from collector.windows import find_gaps

__all__ = ["Chosen", "Draw", "Rules", "draw_windows", "leave_out", "read_draws"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Draw:
    """The fate of one slice."""

    window: Window
    probability: float
    drawn: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A window to fill and the probability with which it was drawn."""

    window: Window
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How slices are drawn and put together to windows."""

    probability: float
    """Of slices not drawn before, over 0, at most 1."""
    slice: timedelta
    length: timedelta
    """Of the longest window."""
    limit: int
    """Windows at most."""
    until: datetime
    """A slice that ends later is not drawn yet."""
    chance: Callable[[], float]
    """Gives numbers from 0 up to, not including, 1, all equally likely."""


def draw_windows(
    connection: Connection, source: str, gaps: Sequence[Window], rules: Rules
) -> list[Chosen]:
    """Return the windows of `gaps` to fill, oldest first; draw slices where that is not done yet.

    What was drawn once stays so, with its probability, however often it takes to fill it.
    """
    if not gaps:
        return []
    known = read_draws(connection, source, Window(gaps[0].since, gaps[-1].until))
    chosen: list[Chosen] = []
    for gap in gaps:
        at = gap.since
        while at < gap.until:
            draw = find_draw(known, at) or make_draw(connection, source, known, at, rules)
            if draw is None:
                break
            piece = Window(at, min(draw.window.until, gap.until))
            if draw.drawn and not add_piece(chosen, Chosen(piece, draw.probability), rules):
                return chosen
            at = piece.until
    return chosen


def find_draw(known: Sequence[Draw], at: datetime) -> Draw | None:
    """Return the draw that decided over a moment."""
    place = bisect_right(known, at, key=lambda draw: draw.window.since)
    found = known[place - 1] if place else None
    return found if found and at < found.window.until else None


def make_draw(
    connection: Connection, source: str, known: list[Draw], at: datetime, rules: Rules
) -> Draw | None:
    """Draw the slice from `at` to its end on the clock; None where it is not over."""
    until = EPOCH + ((at - EPOCH) // rules.slice + 1) * rules.slice
    place = bisect_right(known, at, key=lambda draw: draw.window.since)
    if place < len(known):  # slices of another length were drawn before
        until = min(until, known[place].window.since)
    if until > rules.until:
        return None
    drawn = rules.probability >= 1 or rules.chance() < rules.probability
    draw = Draw(Window(at, until), min(1.0, rules.probability), drawn)
    row = {"source": source, "since": at, "until": until, "probability": draw.probability}
    connection.execute(insert(draws).values(**row, drawn=drawn))
    insort(known, draw, key=lambda each: each.window.since)
    return draw


def add_piece(chosen: list[Chosen], piece: Chosen, rules: Rules) -> bool:
    """Lengthen the last window by a piece or begin a new one; False where there are enough."""
    last = chosen[-1] if chosen else None
    if (
        last is not None
        and last.window.until == piece.window.since
        and last.probability == piece.probability
        and piece.window.until - last.window.since <= rules.length
    ):
        chosen[-1] = Chosen(Window(last.window.since, piece.window.until), piece.probability)
    elif len(chosen) < rules.limit:
        chosen.append(piece)
    else:
        return False
    return True


def read_draws(connection: Connection, source: str, within: Window) -> list[Draw]:
    """Return the draws of a source that touch a window, oldest first."""
    query = (
        select(draws.c.since, draws.c.until, draws.c.probability, draws.c.drawn)
        .where(draws.c.source == source)
        .where(draws.c.since < within.until, draws.c.until > within.since)
        .order_by(draws.c.since)
    )
    return [
        Draw(Window(row.since, row.until), row.probability, row.drawn)
        for row in connection.execute(query)
    ]


def leave_out(gaps: Sequence[Window], windows: Sequence[Window]) -> list[Window]:
    """Return what of `gaps` lies in none of `windows`."""
    return [rest for gap in gaps for rest in find_gaps(windows, gap)]
