"""What a query owes: the windows that a turn fills, drawn at random where the budget binds."""

from collections.abc import Sequence
from datetime import timedelta

from collector.budget import read_spent
from collector.errors import ClockAstray, CredentialRefused, QueryRefused
from collector.holds import end_of_period
from collector.plans import Turn
from collector.rates import PRIOR, Pace, Rate, choose_probability, read_pace
from collector.runs import covered_windows
from collector.sampling import Chosen, Draw, Rules, draw_windows, leave_out, read_draws
from collector.sources.protocol import Counter, Query, Window
from collector.windows import find_gaps, plan_windows

__all__ = ["find_missing", "find_owed"]

HOUR = timedelta(hours=1)


def find_owed(turn: Turn, query: Query) -> list[Chosen]:
    """Return the windows to fill, oldest first; may ask the source how much there is."""
    plan, reach = turn.plan, turn.source.reach(turn.plan.clock())
    if turn.within is not None:
        length = plan.window or timedelta(days=1)
        parts = [cut_window(gap, length) for gap in find_missing(turn, query, turn.within)]
        return [Chosen(window) for part in parts for window in part]
    with turn.store.reading() as connection:
        covered = covered_windows(connection, query, reach.since)
        known = read_draws(connection, query.source, reach)
    if plan.window is None or not (turn.limited or known):
        windows = plan_windows(covered, reach, plan.window, plan.windows_per_turn)
        return [Chosen(window) for window in windows]
    gaps = find_gaps(covered, reach)
    rules = rules_of(turn, reach) if gaps else None
    if rules is None:
        return []
    with turn.store.writing() as connection:
        return draw_windows(connection, query.source, gaps, rules)


def find_missing(turn: Turn, query: Query, within: Window) -> list[Window]:
    """Return what the source can give of a span and no run has covered.

    Slices that were once drawn, or left out, stay so: filling some of them later would give
    their posts the weight of certainty beside neighbours that stand for several.
    """
    reach = turn.source.reach(turn.plan.clock())
    span = Window(max(within.since, reach.since), min(within.until, reach.until))
    if span.since >= span.until:
        return []
    with turn.store.reading() as connection:
        gaps = find_gaps(covered_windows(connection, query, span.since), span)
        drawn = read_draws(connection, query.source, span)
    return leave_out(gaps, [draw.window for draw in drawn])


def cut_window(window: Window, length: timedelta) -> list[Window]:
    """Return a window in pieces of at most `length`, oldest first."""
    return plan_windows([], window, length, 1 + int((window.until - window.since) / length))


def rules_of(turn: Turn, reach: Window) -> Rules:
    """Return how slices are drawn in this turn; the same for all its queries."""
    plan = turn.plan
    if turn.probability is None:
        turn.probability = settle_probability(turn, reach) if turn.limited else 1.0
    length = plan.window or plan.slice
    return Rules(
        turn.probability, plan.slice, length, plan.windows_per_turn, reach.until, plan.chance
    )


def settle_probability(turn: Turn, reach: Window) -> float:
    """Return the share of the month's remaining time that the rest of the budget pays for."""
    now = turn.plan.clock()
    rest = (end_of_period(now, "month") - now) / HOUR
    need = Rate()
    for query in turn.source.queries():
        with turn.store.reading() as connection:
            pace = read_pace(connection, query, turn.purse.most, now)
            covered = covered_windows(connection, query, reach.since)
            known = read_draws(connection, query.source, reach)
        pace = pace or count_pace(turn, query, reach)
        need += pace.need(hours_owed(find_gaps(covered, reach), known), rest)
    with turn.store.reading() as connection:
        spent = read_spent(connection, turn.source.name, now)
    return choose_probability(turn.plan.budget, spent, need, turn.room)


def hours_owed(gaps: Sequence[Window], known: Sequence[Draw]) -> float:
    """Return the hours of `gaps` that were not left out by a draw."""
    left = leave_out(gaps, [draw.window for draw in known if not draw.drawn])
    return sum((gap.until - gap.since for gap in left), timedelta()) / HOUR


def count_pace(turn: Turn, query: Query, reach: Window) -> Pace:
    """Return the pace by the source's own count; a high guess where it does not count."""
    guess = Rate(PRIOR * turn.purse.most.posts, PRIOR * turn.purse.most.micros)
    if not isinstance(turn.source, Counter):
        return Pace(guess, guess)
    try:
        total = turn.source.count(query, reach, turn.counting)
    except (ClockAstray, CredentialRefused, QueryRefused):
        # Counting may need a right that searching does not; a clock is told of as it searches.
        return Pace(guess, guess)
    charge = turn.plan.charge(total, total)
    rate = Rate(charge.posts, charge.micros) * (HOUR / (reach.until - reach.since))
    return Pace(rate, rate)
