"""Export: posts with their labels as CSV, Parquet or JSON lines, and a manifest beside them."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import polars as pl
from sqlalchemy import Connection, Select, and_, func, literal, select

from classifier.registry import live_model
from classifier.schema import labels
from collector.post import COUNTRIES, FORMS
from collector.schema import posts
from collector.store import Store
from config.codebook import STANCES, load_codebook
from dashboard.errors import ExportError
from dashboard.export_files import open_export, tell_faults, write_manifest

__all__ = ["EXPORT_COLUMNS", "Exported", "Filters", "check_filters", "export_posts"]

FileFormat = Literal["csv", "parquet", "jsonl"]
CHUNK = 20_000

EXPORT_COLUMNS: dict[str, tuple[Any, str]] = {
    "id": (pl.String, "public id, platform:native_id"),
    "platform": (pl.String, "where it was posted"),
    "created_at": (pl.String, "when it was posted, UTC"),
    "collected_at": (pl.String, "when it was first collected, UTC"),
    "day": (pl.String, "local day: Karachi for PK, Kolkata for IN, UTC otherwise"),
    "kind": (pl.String, "post, reply, quote or comment"),
    "lang": (pl.String, "language that the platform declares"),
    "form": (pl.String, "written form: en, hi, ur, roman, or other, which is not labelled"),
    "country": (pl.String, "where it is from: PK, IN, other or unknown"),
    "country_evidence": (pl.String, "kind of evidence for country"),
    "about": (pl.String, "which country it speaks of"),
    "about_evidence": (pl.String, "kind of evidence for about"),
    "weight": (pl.Float64, "inverse of the probability with which the post was sampled"),
    "model": (pl.String, "version of the model that labelled it; empty: not labelled"),
    "stance": (pl.String, "most probable stance; empty: not labelled"),
    "frame": (pl.String, "most probable frame of that stance"),
    **{f"p_{s}": (pl.Float64, f"the model's probability of {s}") for s in STANCES},
    "text": (pl.String, "the text; only with --with-text, empty where it has expired"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which posts are exported; an empty filter takes all. `until` is included."""

    countries: Collection[str] = ()
    platforms: Collection[str] = ()
    forms: Collection[str] = ()
    stances: Collection[str] = ()
    since: date | None = None
    until: date | None = None


def check_filters(filters: Filters) -> None:
    """Raise ExportError for a filter that could choose nothing because it is misspelt."""
    known = {"country": COUNTRIES, "form": FORMS, "stance": STANCES}
    given = {"country": filters.countries, "form": filters.forms, "stance": filters.stances}
    for name, values in given.items():
        if unknown := sorted(set(values) - set(known[name])):
            choices = ", ".join(known[name])
            raise ExportError(f"There is no {name} {', '.join(unknown)}; choose from {choices}.")
    if filters.since and filters.until and filters.since > filters.until:
        raise ExportError(f"No day is after {filters.since} and before {filters.until}: swap them.")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and where."""

    path: Path
    manifest: Path
    rows: int
    labelled: int


def export_posts(
    store: Store,
    path: Path,
    file_format: FileFormat,
    filters: Filters,
    *,
    with_text: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write the chosen posts to `path` with a manifest beside it.

    The files appear when they are whole: an export that is interrupted leaves what was there.
    Raises ExportError where the place cannot be written.
    """
    rows = labelled = 0
    columns = [name for name in EXPORT_COLUMNS if with_text or name != "text"]
    with tell_faults(path):
        with store.reading() as connection, open_export(path, file_format) as write:
            model = live_model(connection)
            total = count_posts(connection, model, filters)
            for frame in read_chunks(connection, model, filters):
                write(frame.select(columns))
                rows += frame.height
                labelled += frame.height - frame["stance"].null_count()
                if on_progress is not None:
                    on_progress(rows, total)
        manifest = write_manifest(path, describe(model, filters, rows, labelled, columns))
    return Exported(path, manifest, rows, labelled)


def count_posts(connection: Connection, model: str | None, filters: Filters) -> int:
    """Return how many posts the filters choose."""
    chosen = choose_posts(model, filters).subquery()
    return connection.scalar(select(func.count()).select_from(chosen)) or 0


def read_chunks(
    connection: Connection, model: str | None, filters: Filters
) -> Iterator[pl.DataFrame]:
    """Yield the chosen posts in the order in which they were stored; at least one frame."""
    schema = {name: dtype for name, (dtype, _) in EXPORT_COLUMNS.items()}
    query, after = choose_posts(model, filters).order_by(posts.c.id).limit(CHUNK), -1
    while True:
        rows = connection.execute(query.where(posts.c.id > after)).all()
        data = [tuple(plain(value) for value in row[1:]) for row in rows]
        yield pl.DataFrame(data, schema=schema, orient="row")
        if len(rows) < CHUNK:
            return
        after = rows[-1][0]


def choose_posts(model: str | None, filters: Filters) -> Select[Any]:
    """Return the query for the chosen posts with the counted labels of `model`."""
    label = and_(labels.c.post_id == posts.c.id, labels.c.model == model, labels.c.counted)
    query = select(
        posts.c.id,
        (posts.c.platform + literal(":") + posts.c.native_id).label("public_id"),
        *(posts.c[name] for name in ("platform", "created_at", "collected_at", "day", "kind")),
        *(posts.c[name] for name in ("language", "form", "country", "country_evidence", "about")),
        *(posts.c[name] for name in ("about_evidence", "weight")),
        *(labels.c[name] for name in ("model", "stance", "frame")),
        *(labels.c[f"p_{stance}"] for stance in STANCES),
        posts.c.text,
    ).outerjoin(labels, label)
    chosen = {
        posts.c.country: filters.countries,
        posts.c.platform: filters.platforms,
        posts.c.form: filters.forms,
        labels.c.stance: filters.stances,
    }
    for column, values in chosen.items():
        if values:
            query = query.where(column.in_(list(values)))
    if filters.since is not None:
        query = query.where(posts.c.day >= filters.since)
    if filters.until is not None:
        query = query.where(posts.c.day <= filters.until)
    return query


def plain(value: object) -> object:
    """Return a value as exports write it: moments and days in ISO 8601."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value


def describe(
    model: str | None, filters: Filters, rows: int, labelled: int, columns: list[str]
) -> dict[str, object]:
    """Return what the manifest says of this export."""
    return {
        "rows": rows,
        "labelled": labelled,
        "model": model,
        "codebook": load_codebook().version,
        "labels": "machine-made: a model trained on labels that machines made by the codebook",
        "filters": {k: v for k, v in asdict(filters).items() if v},
        "columns": {name: EXPORT_COLUMNS[name][1] for name in columns},
    }
