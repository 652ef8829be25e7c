"""Export of annotations: codes by post, and with texts a table to train and to evaluate on."""

from pathlib import Path
from typing import Any

import polars as pl

from classifier.annotations import AnnotatedPost, read_annotations
from collector.store import Store
from dashboard.export_files import open_export, tell_faults, write_manifest

__all__ = ["ANNOTATION_COLUMNS", "export_annotations"]

ANNOTATION_COLUMNS: dict[str, tuple[Any, str]] = {
    "id": (pl.String, "public id, platform:native_id"),
    "coder": (pl.String, "code of the coder, never a name"),
    "stance": (pl.String, "stance that the coder gave"),
    "frame": (pl.String, "frame that the coder gave; empty: only the stance was coded"),
    "codebook": (pl.String, "version of the codebook"),
    "drawn_because": (pl.String, "why the post was drawn for annotation"),
    "probability": (pl.Float64, "with what probability; empty: not known"),
    "weight": (pl.Float64, "its inverse; empty: not known"),
    "chosen": (pl.Boolean, "no probability is known: kept from the linear companion in training"),
    "text_is_current": (pl.Boolean, "whether the annotation is of the post's last text"),
    "form": (pl.String, "written form: en, hi, ur, roman, or other"),
    "country": (pl.String, "where it is from: PK, IN, other or unknown"),
    "text": (pl.String, "the text that was annotated; empty: edited since, or expired"),
}


def export_annotations(store: Store, path: Path, file_format: str, *, with_text: bool) -> int:
    """Write all annotations to `path` with a manifest beside it; return how many there are.

    With texts, `awaaz train --data` and `awaaz evaluate --data` take the file as it is. Raises
    ExportError where the place cannot be written.
    """
    columns = [name for name in ANNOTATION_COLUMNS if with_text or name != "text"]
    schema = {name: dtype for name, (dtype, _) in ANNOTATION_COLUMNS.items()}
    with store.reading() as connection:
        rows = [plain_row(each) for each in read_annotations(connection)]
    with tell_faults(path):
        with open_export(path, file_format) as write:
            write(pl.DataFrame(rows, schema=schema).select(columns))
        meanings = {name: ANNOTATION_COLUMNS[name][1] for name in columns}
        write_manifest(path, {"rows": len(rows), "columns": meanings})
    return len(rows)


def plain_row(each: AnnotatedPost) -> dict[str, object]:
    """Return the columns of one annotation."""
    one = each.annotation
    return {
        "id": f"{one.post.platform}:{one.post.native_id}",
        **{name: getattr(one, name) for name in ("coder", "stance", "frame", "codebook")},
        "drawn_because": one.drawn_because,
        "probability": one.probability,
        "weight": one.probability and 1 / one.probability,
        "chosen": one.probability is None,
        "text_is_current": each.current,
        "form": each.form,
        "country": each.country,
        "text": each.text,
    }
