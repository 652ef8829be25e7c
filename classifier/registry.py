"""The models a store knows; exactly one is live, and its labels are the ones counted in charts.

A model is a candidate until it is promoted; a retired one is kept with its labels and not used.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, insert, select, update

from classifier.errors import RegistryError
from classifier.registry_schema import promotions
from classifier.schema import labels, models
from collector.store import insert_new

__all__ = [
    "Model",
    "Promotion",
    "add_candidate",
    "count_by_model",
    "find_model",
    "list_models",
    "list_promotions",
    "live_model",
    "make_live",
    "record_promotion",
    "retire_model",
]

State = Literal["live", "candidate", "retired"]


@dataclass(frozen=True)
class Model:
    """A model as the store knows it."""

    version: str
    base: str
    data_hash: str
    codebook: str
    metrics: Mapping[str, Any]
    folder: str
    """Where its weights are; empty for the model that `model.live` of the settings names."""
    added_at: datetime
    state: State


@dataclass(frozen=True)
class Promotion:
    """One promotion: what it rested on, and the reason given where that spoke against it."""

    version: str
    replaced: str | None
    at: datetime
    basis: str
    difference: float | None
    anyway: str


def live_model(connection: Connection) -> str | None:
    """Return the version of the live model, None before anything was labelled."""
    return connection.scalar(select(models.c.version).where(models.c.live))


def list_models(connection: Connection) -> list[Model]:
    """Return every model, the live one first, then the newest."""
    query = select(models).order_by(models.c.live.desc(), models.c.added_at.desc())
    return [_to_model(row) for row in connection.execute(query)]


def find_model(connection: Connection, version: str) -> Model | None:
    """Return the model of a version, None where it is not known."""
    row = connection.execute(select(models).where(models.c.version == version)).first()
    return None if row is None else _to_model(row)


def _to_model(row: Row[Any]) -> Model:
    state: State = "live" if row.live else "retired" if row.retired_at else "candidate"
    return Model(
        version=row.version,
        base=row.base,
        data_hash=row.data_hash,
        codebook=row.codebook,
        metrics=json.loads(row.metrics),
        folder=row.folder,
        added_at=row.added_at,
        state=state,
    )


def add_candidate(
    connection: Connection,
    version: str,
    card: Mapping[str, Any],
    now: datetime,
    folder: str | None = None,
) -> None:
    """Register a model where it is new; a `folder` given is where its weights are from now on."""
    row: dict[str, object] = {
        "version": version,
        "base": str(card.get("base", "")),
        "data_hash": str(card.get("data_hash", "")),
        "codebook": str(card.get("codebook", "")),
        "metrics": json.dumps(card.get("metrics", {})),
        "calibration": json.dumps(card.get("calibration", {})),
        "live": False,
        "added_at": now,
        "folder": folder or "",
    }
    insert_new(connection, models, [row])
    if folder is not None:
        known = update(models).where(models.c.version == version)
        connection.execute(known.values(folder=folder))


def make_live(
    connection: Connection,
    version: str,
    card: Mapping[str, Any],
    now: datetime,
    folder: str | None = None,
) -> None:
    """Register a model where it is new and make it the live one; labels of others stay."""
    add_candidate(connection, version, card, now, folder)
    connection.execute(update(models).where(models.c.version != version).values(live=False))
    this = update(models).where(models.c.version == version)
    connection.execute(this.values(live=True, retired_at=None))


def retire_model(connection: Connection, version: str, now: datetime) -> None:
    """Set a model aside; its labels stay. Raises RegistryError for the live one."""
    model = find_model(connection, version)
    if model is None:
        raise RegistryError(f"There is no model {version}; `awaaz models list` names them.")
    if model.state == "live":
        raise RegistryError(f"{version} is live. Promote another model first, then retire it.")
    connection.execute(update(models).where(models.c.version == version).values(retired_at=now))


def record_promotion(
    connection: Connection, promotion: Promotion, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Keep who replaced whom, when, on what grounds, and the comparison by part."""
    connection.execute(
        insert(promotions).values(
            version=promotion.version,
            replaced=promotion.replaced,
            at=promotion.at,
            basis=promotion.basis,
            difference=promotion.difference,
            rows=json.dumps(list(rows)),
            anyway=promotion.anyway,
        )
    )


def list_promotions(connection: Connection, version: str | None = None) -> list[Promotion]:
    """Return promotions, the newest first; of one version where it is given."""
    columns = (promotions.c[name] for name in Promotion.__dataclass_fields__)
    query = select(*columns).order_by(promotions.c.id.desc())
    if version is not None:
        query = query.where(promotions.c.version == version)
    return [Promotion(*row) for row in connection.execute(query)]


def count_by_model(connection: Connection) -> dict[str, int]:
    """Return how many counted labels each model has given."""
    query = select(labels.c.model, func.count()).where(labels.c.counted).group_by(labels.c.model)
    return {row[0]: row[1] for row in connection.execute(query)}
