"""Labelling: every post without a label of the live model gets one, batch by batch."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from classifier.errors import RegistryError
from classifier.labels import count_unlabelled, read_unlabelled, write_labels
from classifier.registry import (
    Promotion,
    add_candidate,
    find_model,
    live_model,
    make_live,
    record_promotion,
)
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
    since: date | None = None,
    candidate: Path | None = None,
) -> Labelled:
    """Label what has no label from this model, which becomes the live one; can be run again.

    `since` leaves out posts of earlier days. A `candidate`, given by its folder, does not become
    live: its labels make a series of their own, beside those of the live model.
    `on_progress(done, total)` is called after each batch. Labels and daily counts of a batch are
    one transaction, so a process that is killed leaves both true.
    """
    model = classifier.version
    with store.reading() as connection:
        is_live = live_model(connection) == model
        total = count_unlabelled(connection, model, since)["waiting"]
    if not is_live:
        register(store, classifier, candidate)
    done, after = 0, 0
    while True:
        with store.reading() as connection:
            batch = read_unlabelled(connection, model, after=after, limit=batch_size, since=since)
        if not batch:
            return Labelled(model, done)
        predictions = classifier.predict([one.text for one in batch])
        with store.writing() as connection:
            done += write_labels(connection, model, batch, predictions, datetime.now(UTC))
        after = batch[-1].post_id
        if on_progress is not None:
            on_progress(min(done, total), total)


def register(store: Store, classifier: StanceClassifier, candidate: Path | None) -> None:
    """Make the model live, or known as a candidate.

    A new version of the model that a store began with takes its place; what was promoted stays
    live until something else is. Raises RegistryError for a retired candidate, and for a model that
    is not the promoted one.
    """
    version, card, now = classifier.version, asdict(classifier.settings), datetime.now(UTC)
    with store.writing() as connection:
        if candidate is not None:
            known = find_model(connection, version)
            if known is not None and known.state == "retired":
                raise RegistryError(f"{version} is retired. Promote it to use it again.")
            add_candidate(connection, version, card, now, str(candidate.resolve()))
            return
        live = live_model(connection)
        model = find_model(connection, live) if live else None
        if model is not None and model.folder:
            raise RegistryError(
                f"{live} was promoted, but the model at hand is {version}. If {model.folder} was"
                f" trained anew, promote it: awaaz models promote {model.folder}"
            )
        make_live(connection, version, card, now)
        own = Promotion(version, live, now, "the model that model.live names", None, "")
        record_promotion(connection, own, [])
