"""Annotations from a coder's table, with a report of every row that cannot be taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

from classifier.annotations import Annotation, Recorded, check_annotation, record_annotations
from classifier.errors import AnnotationError
from collector.archives.open_table import open_table
from collector.archives.records import JsonLines, Records, Row
from collector.errors import StoreError
from collector.post import hash_text
from collector.post_links import parse_id
from collector.sources.protocol import Skip
from collector.store import Store

__all__ = ["REQUIRED", "ImportedAnnotations", "import_annotations"]

REQUIRED = ("id", "coder", "stance", "codebook", "drawn_because", "probability")
"""Columns that a table must have; frame, text and text_is_current are read where there are any."""


@dataclass(frozen=True, slots=True)
class ImportedAnnotations:
    """What became of every row of one table."""

    path: Path
    read: int
    recorded: Recorded
    skips: Sequence[Skip]


def import_annotations(store: Store, path: Path) -> ImportedAnnotations:
    """Import a CSV, TSV, JSONL or Parquet table; importing it twice changes nothing.

    A row that cannot be taken is skipped and told by its line. Where a row has a text, it must be
    the one stored now; only its hash is compared. Raises AnnotationError or ArchiveError where the
    table as a whole cannot be read.
    """
    places: list[str] = []
    taken: list[Annotation] = []
    skips: list[Skip] = []
    for where, row in open_rows(path):
        one = row if isinstance(row, Skip) else take_row(row, where)
        if isinstance(one, Skip):
            skips.append(one)
        else:
            taken.append(one)
            places.append(where)
    with store.writing() as connection:
        recorded = record_annotations(connection, taken)
    left_out = [Skip(reason, places[i]) for i, reason in recorded.left_out.items()]
    return ImportedAnnotations(path, len(taken) + len(skips), recorded, [*skips, *left_out])


def open_rows(path: Path) -> Records:
    """Return the rows of a table; raises AnnotationError where the header lacks a column."""
    rows = open_table(path, "coder")
    if rows is None:
        raise AnnotationError(
            f"{path} should end in .csv, .tsv, .jsonl or .parquet. Save it as one."
        )
    header = REQUIRED if isinstance(rows, JsonLines) else rows.read_header()
    if missing := [name for name in REQUIRED if name not in header]:
        raise AnnotationError(
            f"{path} lacks the columns {', '.join(missing)}. Add them; probability may be left"
            " empty where it is not known."
        )
    return rows


def take_row(row: Row, where: str) -> Annotation | Skip:
    """Return the annotation of a row, or why there is none."""
    if read_cell(row, "text_is_current").lower() == "false":
        return Skip("The annotation is of an earlier text. Annotate the post again.", where)
    text = row.get("text")
    try:
        one = Annotation(
            post=parse_id(read_cell(row, "id")),
            coder=read_cell(row, "coder"),
            stance=read_cell(row, "stance"),
            codebook=read_cell(row, "codebook"),
            drawn_because=read_cell(row, "drawn_because"),
            probability=read_probability(read_cell(row, "probability")),
            frame=read_cell(row, "frame"),
            text_hash=hash_text(text) if isinstance(text, str) and text.strip() else "",
        )
        check_annotation(one)
    except (AnnotationError, StoreError) as error:
        return Skip(str(error), where)
    return one


def read_cell(row: Row, name: str) -> str:
    """Return a cell as text without blanks around it; empty where there is none."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def read_probability(cell: str) -> float | None:
    """Return the number of a cell, None for an empty one, and NaN, which is refused, for a word."""
    try:
        return float(cell) if cell else None
    except ValueError:
        return nan
