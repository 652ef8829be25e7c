"""Labelling: every post without a label of the live model gets one, batch by batch."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from classifier.labels import count_unlabelled, read_unlabelled, write_labels
from classifier.registry import live_model, make_live
from classifier.stance_classifier import StanceClassifier
from collector.store import Store

__all__ = ["Labelled", "label_posts"]

BATCH = 1024
"""Posts per transaction: a killed process repeats at most these; sorting by length wants many."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a turn of labelling did."""

    model: str
    labelled: int


def label_posts(
    store: Store,
    classifier: StanceClassifier,
    on_progress: Progress | None = None,
    *,
    batch_size: int = BATCH,
) -> Labelled:
    """Label what has no label from this model, which becomes the live one; can be run again.

    `on_progress(done, total)` is called after each batch. Labels and daily counts of a batch are
    one transaction, so a process that is killed leaves both true.
    """
    model = classifier.version
    with store.reading() as connection:
        is_live = live_model(connection) == model
        total = count_unlabelled(connection, model)["waiting"]
    if not is_live:
        with store.writing() as connection:
            make_live(connection, model, asdict(classifier.settings), datetime.now(UTC))
    done, after = 0, 0
    while True:
        with store.reading() as connection:
            batch = read_unlabelled(connection, model, after=after, limit=batch_size)
        if not batch:
            return Labelled(model, done)
        predictions = classifier.predict([one.text for one in batch])
        with store.writing() as connection:
            done += write_labels(connection, model, batch, predictions, datetime.now(UTC))
        after = batch[-1].post_id
        if on_progress is not None:
            on_progress(min(done, total), total)
