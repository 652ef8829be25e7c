"""Opening a store with both rooms' tables, whose labels and annotations follow every change."""

from classifier import annotations, labels
from classifier.schema import CLASSIFIER_STEPS
from collector.forget_key import ForgetKey
from collector.migrations import COLLECTOR_STEPS
from collector.store import Store

__all__ = ["open_store"]


def open_store(address: str, *, key: ForgetKey | None = None, busy_timeout_s: float = 60) -> Store:
    """Open the store at `address`; whoever changes posts through it keeps counts and codes true."""
    steps = (*COLLECTOR_STEPS, *CLASSIFIER_STEPS)
    store = Store.open(address, key=key, steps=steps, busy_timeout_s=busy_timeout_s)
    store.on_change(labels.follow_posts)
    store.on_change(annotations.follow_posts)
    return store
