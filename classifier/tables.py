"""Reading tables of posts, whatever their form, with every value as it is written."""

from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from classifier.errors import TableError

__all__ = ["read_table"]


def read_table(path: Path) -> pl.DataFrame:
    """Read a CSV, TSV, JSONL or Parquet table by the ending of its name.

    CSV values stay text as they are written: ids are not numbers. Raises TableError.
    """
    try:
        return read_by_suffix(path)
    except (OSError, PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise TableError(f"The table {path} cannot be read: {reason}.") from None


def read_by_suffix(path: Path) -> pl.DataFrame:
    """Read a table by the ending of its name."""
    match path.suffix.lower():
        case ".parquet":
            return pl.read_parquet(path)
        case ".jsonl" | ".ndjson":
            return pl.read_ndjson(path, infer_schema_length=None)
        case ".tsv" | ".tab":
            return read_tsv(path)
        case ".csv" | ".txt":
            return pl.read_csv(path, infer_schema=False)
    raise TableError(f"{path} should end in .csv, .tsv, .jsonl or .parquet.")


def read_tsv(path: Path) -> pl.DataFrame:
    """Read tab-separated values, whose quotation marks often are just marks of the text."""
    try:
        return pl.read_csv(path, separator="\t", infer_schema=False)
    except PolarsError:
        return pl.read_csv(path, separator="\t", infer_schema=False, quote_char=None)
