"""The models a store knows; exactly one is live, and its labels are the ones counted in charts."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from classifier.schema import models
from collector.store import insert_new

__all__ = ["live_model", "make_live"]


def live_model(connection: Connection) -> str | None:
    """Return the version of the live model, None before anything was labelled."""
    return connection.scalar(select(models.c.version).where(models.c.live))


def make_live(connection: Connection, version: str, card: Mapping[str, Any], now: datetime) -> None:
    """Register a model where it is new and make it the live one; labels of others stay."""
    row: dict[str, object] = {
        "version": version,
        "base": str(card.get("base", "")),
        "data_hash": str(card.get("data_hash", "")),
        "codebook": str(card.get("codebook", "")),
        "metrics": json.dumps(card.get("metrics", {})),
        "calibration": json.dumps(card.get("calibration", {})),
        "live": False,
        "added_at": now,
    }
    insert_new(connection, models, [row])
    connection.execute(update(models).where(models.c.version != version).values(live=False))
    connection.execute(update(models).where(models.c.version == version).values(live=True))
