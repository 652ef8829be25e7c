"""What the command line prints of the store and of a turn of labelling."""

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from classifier.labels import count_labels, count_unlabelled
from classifier.registry import live_model
from collector.runs import recent_runs
from collector.store import Store
from dashboard.terminal import out

if TYPE_CHECKING:  # what labels needs the model; what is said of it does not
    from classifier.labelling import Labelled

__all__ = ["show_labelled", "show_status"]


def show_labelled(store: Store, labelled: "Labelled") -> None:
    """Print what was labelled and what was not, with the reason."""
    with store.reading() as connection:
        left = count_unlabelled(connection, labelled.model)
    out.print(
        f"{labelled.labelled:,} posts labelled by {labelled.model}; {left['waiting']:,} wait; "
        f"{left['other_form']:,} are in a language that the model does not read."
    )


def show_status(store: Store) -> None:
    """Print what the store holds, what waits, and the last runs."""
    with store.reading() as connection:
        model = live_model(connection)
        labelled = count_labels(connection, model) if model else 0
        left = count_unlabelled(connection, model)
        rows = recent_runs(connection, 15)
    out.print(f"Store: {escape(store.engine.url.render_as_string())}")
    out.print(
        f"Labelled by {model or 'no model yet'}: {labelled:,}; waiting: {left['waiting']:,}; "
        f"in a language that the model does not read: {left['other_form']:,}"
    )
    table = Table(title="Last runs", title_justify="left")
    for name in ("started (UTC)", "source", "query", "read", "new", "skipped", "end"):
        table.add_column(name, overflow="fold")
    for row in rows:
        counts = (f"{row.fetched:,}", f"{row.new:,}", f"{row.skipped:,}")
        end = row.stop + (f": {row.detail}" if row.detail else "")
        started = row.started_at.strftime("%Y-%m-%d %H:%M")
        table.add_row(started, row.source, escape(row.query), *counts, escape(end))
    out.print(table if rows else "No runs yet. Begin with: awaaz import FILE, or awaaz collect")
