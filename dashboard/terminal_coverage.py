"""The coverage ledger as a calendar in the terminal."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import polars as pl
from rich.markup import escape
from rich.table import Table

from collector.budget import Budget, Charge
from collector.holds import Hold
from dashboard.terminal import out

__all__ = ["REASONS", "show_coverage", "show_holds", "show_spending"]

MARKS: Mapping[str, tuple[str, str]] = {
    "covered": ("█", "green"),
    "partly": ("▒", "yellow"),
    "uncovered": ("·", "red"),
}
"""Told apart by shape first, so that the calendar reads without colour too."""

MEANINGS = {"covered": "covered", "partly": "partly covered", "uncovered": "not covered"}
REASONS: Mapping[str, str] = {
    "ceiling": "the platform lists no more",
    "rate_limited": "rate limit",
    "cap_spent": "the platform's cap is spent",
    "credential_refused": "credential refused",
    "query_refused": "query refused",
    "clock_astray": "this machine's clock was wrong",
    "unavailable": "platform unavailable",
    "interrupted": "interrupted",
    "error": "fault",
    "running": "running now",
    "budget_spent": "the budget is spent",
    "no_room": "no more could be kept checked",
    "left_out": "left out by chance (budget)",
    "not_tried": "not tried",
    "not_over": "the day is not over",
    "out_of_reach": "the platform no longer gives it",
}
RULER = "".join(str(day % 10) for day in range(1, 32))


def show_coverage(frame: pl.DataFrame) -> None:
    """Print a row per query and month with a sign per UTC day, and what the signs mean."""
    if frame.is_empty():
        out.print("The ledger is empty: nothing was collected in this span. Begin: awaaz collect")
        return
    shown, hidden = drop_searches(frame)
    for calendar in draw_calendars(shown):
        out.print(calendar, "")
    if not shown.is_empty():
        signs = ", ".join(f"[{c}]{m}[/] {MEANINGS[state]}" for state, (m, c) in MARKS.items())
        out.print(f"Days are UTC. {signs}, blank: before the first run of these terms.")
    if hidden:
        out.print(
            f"Not shown: {hidden} searches, which bring posts but cannot cover a day, since the"
            " platform does not say what they leave out."
        )


def show_holds(holds: Iterable[Hold]) -> None:
    """Print which sources are left alone, until when and why."""
    for hold in holds:
        out.print(f"[yellow]{escape(str(hold))}[/]")


def show_spending(budgets: Mapping[str, Budget], spent: Mapping[str, Charge]) -> None:
    """Print what every source has spent this month of what it may, where it spends at all."""
    for source, budget in budgets.items():
        if not (budget or spent[source].micros):
            continue
        dollars = f" of ${budget.dollars:,.2f}" if budget.dollars else ""
        posts = f" of {budget.posts:,}" if budget.posts else ""
        key = "compliance.x_budget_dollars" if source == "x-check" else f"{source}.budget_dollars"
        none = "" if budget else f"; no budget is set ({key})"
        out.print(
            f"{source}, this month (UTC): ${spent[source].dollars:,.2f}{dollars} and "
            f"{spent[source].posts:,}{posts} posts spent or set aside{none}."
        )


def draw_calendars(frame: pl.DataFrame) -> Iterator[Table]:
    """Yield a calendar per query and wording of it, a row per month; they fit 80 columns."""
    frame = frame.with_columns(
        wording=number_wordings(frame), month=pl.col("day").dt.strftime("%Y-%m")
    )
    keys = ["source", "query", "wording"]
    for (source, query, wording), series in frame.group_by(keys, maintain_order=True):
        name = f"{source} {query!s}" + (f", terms no. {wording}" if wording else "")
        table = Table(title=f"[bold]{escape(name)}[/]", title_justify="left", box=None)
        table.add_column("month", no_wrap=True)
        table.add_column(RULER, no_wrap=True)
        table.add_column("all", no_wrap=True, justify="right")
        table.add_column("days missing, and why")
        for (month,), days in series.group_by(["month"], maintain_order=True):
            # Rounded down: 100% stands only where all is covered.
            share = f"{int(100 * days['share'].sum() / days.height)}%"
            signs = draw_days(days.iter_rows(named=True))
            table.add_row(str(month), signs, share, explain(days["reason"]))
        yield table


def draw_days(days: Iterable[Mapping[str, Any]]) -> str:
    """Return a month of signs in rich's markup, blank for the days that are not in it."""
    states: dict[int, str] = {}
    day = date.min
    for row in days:
        day = row["day"]
        states[day.day] = row["state"]
    signs = [MARKS.get(states.get(n, ""), (" ", "")) for n in range(1, 32)]
    month = signs[: monthrange(day.year, day.month)[1]]
    return "".join(f"[{colour}]{mark}[/]" if colour else mark for mark, colour in month)


def explain(reasons: pl.Series) -> str:
    """Return the reasons of a month in words, the most frequent first."""
    counted = Counter(reason for reason in reasons if reason)
    words = [f"{n} {REASONS.get(reason, reason)}" for reason, n in counted.most_common()]
    return ", ".join(words)


def number_wordings(frame: pl.DataFrame) -> pl.Series:
    """Return which wording of its query a row is of, from 1; 0 where there was only one."""
    known: dict[tuple[str, str], list[str]] = {}
    for source, query, series in (
        frame.select("source", "query", "series").unique(maintain_order=True).iter_rows()
    ):
        known.setdefault((source, query), []).append(series)
    numbers = [
        known[source, query].index(series) + 1 if len(known[source, query]) > 1 else 0
        for source, query, series in frame.select("source", "query", "series").iter_rows()
    ]
    return pl.Series(numbers, dtype=pl.Int64)


def drop_searches(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Leave out the series of which no run could ever cover anything; return how many they are."""
    tried = ~pl.col("reason").is_in(["not_tried", "not_over"])
    barren = (
        (pl.col("share").sum() == 0)
        & ((pl.col("reason") == "ceiling") | ~tried).all()
        & tried.any()
    )
    marked = frame.with_columns(barren=barren.over("source", "series"))
    hidden = marked.filter("barren").select("source", "series").n_unique()
    return marked.filter(~pl.col("barren")).drop("barren"), hidden
