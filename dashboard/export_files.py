"""Writers of exported tables that take a table piece by piece, and of the manifests beside them."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from dashboard.errors import ExportError

__all__ = ["open_export", "tell_faults", "write_manifest"]

Write = Callable[[pl.DataFrame], None]


@contextmanager
def tell_faults(path: Path) -> Iterator[None]:
    """Raise ExportError where the place of an export cannot be written."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error  # a writer of tables gives its own words only
        raise ExportError(
            f"The export to {path} failed ({reason}). Choose a place with room to write."
        ) from None


@contextmanager
def open_export(path: Path, file_format: str) -> Iterator[Write]:
    """Yield a writer of `path`, which appears, or is replaced, only when it is whole.

    A link stays one: the file that it leads to is replaced. Raises ExportError for what is no file.
    """
    refuse_no_file(path)
    path = path.resolve()
    draft = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_writer(draft, file_format) as write:
            yield write
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def refuse_no_file(path: Path) -> None:
    """Raise ExportError for a folder, a device or a pipe: an export would take its place."""
    if not path.name or path.is_dir():
        raise ExportError(f"{path} is a folder. Name the file to write in it.")
    if path.exists() and not path.is_file():
        raise ExportError(f"{path} is no file but a device or pipe. Name a file to write.")


def write_manifest(path: Path, facts: Mapping[str, object]) -> Path:
    """Write beside an export what its reader must know to cite and to hold it."""
    manifest = path.with_name(path.name + ".manifest.json")
    content = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        **facts,
        "terms": "X: pass on ids rather than texts, and never texts publicly (see its developer"
        " policy). Remove here what is deleted on its platform. A label speaks of a post, not of"
        " a person.",
    }
    manifest.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    return manifest


@contextmanager
def open_writer(path: Path, file_format: str) -> Iterator[Write]:
    """Yield a function that appends frames of one schema to a csv, jsonl or parquet file."""
    if file_format == "parquet":
        with open_parquet(path) as write:
            yield write
        return
    with path.open("wb") as file:
        first = True

        def write(frame: pl.DataFrame) -> None:
            nonlocal first
            if file_format == "jsonl":
                frame.write_ndjson(file)
            else:
                frame.write_csv(file, include_header=first)
            first = False

        yield write


@contextmanager
def open_parquet(path: Path) -> Iterator[Write]:
    """Yield a function that appends frames as row groups."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # 0.2 s that only this format needs

    writer: pq.ParquetWriter | None = None

    def write(frame: pl.DataFrame) -> None:
        nonlocal writer
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)

    try:
        yield write
    finally:
        if writer is not None:
            writer.close()
