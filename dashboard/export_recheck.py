"""Earlier exports looked at again: which of their posts were forgotten since."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from sqlalchemy import select

from collector.schema import tombstones
from collector.store import Store
from dashboard.errors import ExportError

__all__ = ["find_exports", "find_forgotten"]

MANIFEST = ".manifest.json"
CHUNK = 500


def find_exports(path: Path) -> list[Path]:
    """Return the export that `path` is, or those under the folder, found by their manifests.

    Raises ExportError where there is none.
    """
    if path.is_dir():
        found = sorted(path.rglob(f"*{MANIFEST}"))
        exports = [each.with_name(each.name.removesuffix(MANIFEST)) for each in found]
        exports = [each for each in exports if each.is_file()]
    else:
        exports = [path] if path.is_file() else []
    if not exports:
        raise ExportError(
            f"There is no export at {path}. Give a file that `awaaz export` wrote, or a folder"
            " where such files lie beside their manifests."
        )
    return exports


def find_forgotten(store: Store, path: Path) -> list[str]:
    """Return the public ids of the export's posts that have a tombstone, in its order.

    Ids are compared by their keyed hashes and kept nowhere. Raises ExportError for a file that
    is no export.
    """
    ids = read_ids(path)
    chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    return [public_id for chunk in chunks for public_id in forgotten_among(store, chunk)]


def forgotten_among(store: Store, public_ids: Sequence[str]) -> Iterator[str]:
    """Yield those of up to CHUNK public ids that have a tombstone."""
    parts = {public_id: public_id.partition(":") for public_id in public_ids}
    hashes = {each: store.key.hash_post(p[0], p[2]) for each, p in parts.items()}
    query = select(tombstones.c.hash).where(tombstones.c.hash.in_(list(hashes.values())))
    with store.reading() as connection:
        found = set(connection.scalars(query))
    yield from (public_id for public_id, hashed in hashes.items() if hashed in found)


def read_ids(path: Path) -> list[str]:
    """Return the ids of an export in any of its formats."""
    try:
        match path.suffix.lower():
            case ".parquet":
                table = pl.scan_parquet(path)
            case ".jsonl" | ".ndjson":
                table = pl.scan_ndjson(path, infer_schema_length=None)
            case _:
                table = pl.scan_csv(path, infer_schema=False)
        column = table.select(pl.col("id").cast(pl.String)).drop_nulls().collect()["id"]
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ExportError(
            f"{path} cannot be read as an export ({type(error).__name__}). It needs the column id."
        ) from None
    ids: list[str] = column.unique(maintain_order=True).to_list()
    if not all(":" in each for each in ids):
        # such an id is never found among what was forgotten: "nothing must go" would be no answer
        raise ExportError(
            f"{path} is no export of awaaz: its ids do not name their platform, as x:1052 does."
            " Give a file that `awaaz export` wrote."
        )
    return ids
