"""What a backfill would bring and cost, for the terminal."""

from collections.abc import Sequence
from datetime import timedelta

from rich.markup import escape
from rich.table import Table

from collector.backfilling import Estimate, sum_estimates
from collector.budget import Budget, Charge
from dashboard.terminal import err, out

__all__ = ["show_estimate"]


def show_estimate(
    estimates: Sequence[Estimate], budget: Budget, spent: Charge, room: int | None
) -> None:
    """Print per query what is missing and its price, and whether all of it can be had.

    `room` is how many posts can still be kept checked; None for any number.
    """
    table = Table(title="Missing", title_justify="left")
    for name in ("query", "days", "posts", "at most"):
        table.add_column(name, justify="left" if name == "query" else "right")
    for estimate in estimates:
        days = f"{estimate.missing / timedelta(days=1):,.1f}"
        price = f"${estimate.most.dollars:,.2f}"
        table.add_row(escape(estimate.query), days, f"{estimate.posts:,}", price)
    total = sum_estimates(estimates)
    out.print(table)
    out.print(
        f"About {total.posts:,} posts for at most ${total.dollars:,.2f}; less where one author"
        " wrote several posts of a page."
    )
    if not budget.has_room(spent + total):
        err.print(
            "[yellow]This month's budget does not pay for all of it.[/] It ends where the budget"
            " ends; call it again next month, or raise the budget."
        )
    if room is not None and room < total.posts:
        err.print(
            f"[yellow]No more than {room:,} posts can be kept checked.[/] It ends there; `awaaz"
            " doctor` says what re-checking may cost."
        )
