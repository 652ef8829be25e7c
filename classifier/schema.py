"""The classifier's tables: models, labels, and the daily counts that charts read."""

from itertools import combinations_with_replacement

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from classifier.annotation_schema import add_annotations, annotations
from classifier.registry_schema import add_registry
from collector.database import drop_statistics, keep_no_statistics
from collector.migrations import Step
from collector.schema import Moment, posts
from config.codebook import STANCES

__all__ = ["CLASSIFIER_STEPS", "PAIRS", "daily", "daily_frame", "labels", "models"]

PAIRS: tuple[tuple[int, int], ...] = tuple(combinations_with_replacement(range(len(STANCES)), 2))
"""The ten unordered pairs of stances, in the order of the columns `wpp_i_j`."""

metadata = MetaData()

models = Table(
    "models",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("base", Text, nullable=False),
    Column("data_hash", String(64), nullable=False),
    Column("codebook", String(8), nullable=False),
    Column("metrics", Text, nullable=False),
    Column("calibration", Text, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("added_at", Moment, nullable=False),
    # These two came with step 2; it adds them to tables of step 1 that lack them.
    Column("folder", Text, nullable=False, server_default=""),
    Column("retired_at", Moment),
    Index(
        "models_one_live",
        "live",
        unique=True,
        sqlite_where=text("live"),
        postgresql_where=text("live"),
    ),
)

labels = Table(
    "labels",
    metadata,
    # No cascade: a post deleted behind the back of the counts must fail, not vanish.
    Column("post_id", ForeignKey(posts.c.id), primary_key=True),
    Column("model", ForeignKey(models.c.version), primary_key=True),
    Column("text_hash", String(32), primary_key=True),
    *(Column(f"p_{stance}", Float, nullable=False) for stance in STANCES),
    Column("stance", String(16), nullable=False),
    Column("frame", String(24), nullable=False),
    Column("p_frame", Float, nullable=False),
    Column("counted", Boolean, nullable=False),
    Column("labelled_at", Moment, nullable=False),
)


def dimension_columns() -> list[Column[object]]:
    """Return the key columns that both daily tables share."""
    return [
        Column("day", Date, primary_key=True),
        Column("platform", String(16), primary_key=True),
        Column("country", String(8), primary_key=True),
        Column("about", String(8), primary_key=True),
        Column("form", String(8), primary_key=True),
        Column("model", ForeignKey(models.c.version), primary_key=True),
    ]


daily = Table(
    "daily",
    metadata,
    *dimension_columns(),
    Column("stance", String(16), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("w", Float, nullable=False),
    Column("w2", Float, nullable=False),
    *(Column(f"wp_{i}", Float, nullable=False) for i in range(len(STANCES))),
    *(Column(f"wpp_{i}_{j}", Float, nullable=False) for i, j in PAIRS),
)

daily_frame = Table(
    "daily_frame",
    metadata,
    *dimension_columns(),
    Column("frame", String(24), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("w", Float, nullable=False),
)


def create_first_tables(connection: Connection) -> None:
    """Create models, labels, daily and daily_frame."""
    metadata.create_all(connection)


def hide_hashes(connection: Connection) -> None:
    """Keep hashes of texts out of PostgreSQL's statistics, where a forgotten one would stay."""
    keep_no_statistics(connection, labels.c.text_hash, annotations.c.text_hash)


def clear_statistics(connection: Connection) -> None:
    """Drop what PostgreSQL's ANALYZE once kept of them."""
    drop_statistics(connection, labels.c.text_hash, annotations.c.text_hash)


CLASSIFIER_STEPS: tuple[Step, ...] = (
    Step("classifier-1-tables", create_first_tables),
    Step("classifier-2-registry", add_registry),
    Step("classifier-3-annotations", add_annotations),
    Step("classifier-4-hashes", hide_hashes),
    Step("classifier-5-statistics", clear_statistics),
)
