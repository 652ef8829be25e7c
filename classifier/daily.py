"""Daily counts: kept in the transaction that changes a label."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from classifier.schema import PAIRS, daily, daily_frame, labels
from collector.schema import posts
from config.codebook import STANCES

__all__ = ["DIMENSIONS", "add_labels", "subtract_posts"]

DIMENSIONS = ("day", "platform", "country", "about", "form", "model")
Key = tuple[object, ...]


def add_labels(connection: Connection, model: str, post_ids: Sequence[int]) -> None:
    """Add the counted labels of these posts by one model to the daily counts."""
    shift_counts(connection, post_ids, sign=1, model=model)


def subtract_posts(connection: Connection, post_ids: Sequence[int]) -> None:
    """Take every counted label of these posts, by whatever model, out of the daily counts."""
    shift_counts(connection, post_ids, sign=-1)
    for table in (daily, daily_frame):
        connection.execute(delete(table).where(table.c.n <= 0))


def shift_counts(
    connection: Connection, post_ids: Sequence[int], *, sign: int, model: str | None = None
) -> None:
    """Add (sign 1) or subtract (sign -1) what the counted labels of these posts amount to."""
    by_stance, by_frame = sum_labels(connection, post_ids, sign, model)
    measures = ["n", "w", "w2", *(f"wp_{i}" for i in range(4)), *(f"wpp_{i}_{j}" for i, j in PAIRS)]
    shift_rows(connection, daily, [*DIMENSIONS, "stance"], measures, by_stance)
    shift_rows(connection, daily_frame, [*DIMENSIONS, "frame"], ["n", "w"], by_frame)


def sum_labels(
    connection: Connection, post_ids: Sequence[int], sign: int, model: str | None
) -> tuple[dict[Key, list[float]], dict[Key, list[float]]]:
    """Return the sums by dimensions and stance, and by dimensions and frame."""
    query = (
        select(
            *(posts.c[name] for name in DIMENSIONS[:-1]),
            labels.c.model,
            labels.c.stance,
            labels.c.frame,
            posts.c.weight,
            *(labels.c[f"p_{stance}"] for stance in STANCES),
        )
        .join(posts, posts.c.id == labels.c.post_id)
        .where(labels.c.post_id.in_(post_ids), labels.c.counted)
    )
    if model is not None:
        query = query.where(labels.c.model == model)
    by_stance: dict[Key, list[float]] = {}
    by_frame: dict[Key, list[float]] = {}
    for *dimensions, stance, frame, weight, p0, p1, p2, p3 in connection.execute(query):
        w, p = sign * weight, (p0, p1, p2, p3)
        sums = [sign, w, w * weight, *(w * pi for pi in p), *(w * p[i] * p[j] for i, j in PAIRS)]
        accumulate(by_stance, (*dimensions, stance), sums)
        accumulate(by_frame, (*dimensions, frame), [sign, w])
    return by_stance, by_frame


def accumulate(sums: dict[Key, list[float]], key: Key, values: list[float]) -> None:
    """Add `values` to the sums under `key`, element by element."""
    known = sums.get(key)
    sums[key] = values if known is None else [a + b for a, b in zip(known, values, strict=True)]


def shift_rows(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    measures: Sequence[str],
    sums: dict[Key, list[float]],
) -> None:
    """Add sums to the rows of a daily table, making those that are not there."""
    if not sums:
        return
    names = [*keys, *measures]
    rows = [dict(zip(names, (*key, *values), strict=True)) for key, values in sums.items()]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    grown = {name: table.c[name] + statement.excluded[name] for name in measures}
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=grown), rows)
