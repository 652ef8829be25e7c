"""Labelled posts from tables, and their split into training, validation and test by id.

Rows of one id, and near-duplicates, stay on one side of the split: otherwise a rewrite or a
repeated headline would be tested on its own twin.
"""

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import polars as pl

from classifier import tables
from classifier.errors import DatasetError, TableError
from classifier.text import URL, USER, normalise
from config.codebook import FRAMES, STANCES, stance_of_frame

__all__ = [
    "Example",
    "group_examples",
    "near_duplicates",
    "read_examples",
    "read_table",
    "read_texts",
    "split_examples",
    "to_example",
]

SHINGLE = 4  # words
BANDS, ROWS = 10, 4  # MinHash: posts that share half of their shingles meet in some band
_COMMON_TAGS = frozenset((URL, USER, "me", "too", "india", "pakistan"))
PARTS = ("train", "validation", "test")
YES, NO = ("true", "yes", "1", "1.0"), ("", "false", "no", "0", "0.0")
"""What tools write into the columns unsure and chosen; pandas makes numbers of them."""


@dataclass(frozen=True)
class Example:
    """One labelled post; `frame` is empty where only the stance is known."""

    key: str
    text: str
    stance: str
    frame: str = ""
    form: str = "en"
    source: str = ""
    country: str = ""
    weight: float = 1.0
    rewritten: bool = False
    invented: bool = False
    unsure: bool = False
    chosen: bool = False
    """Picked by a model or a search, so that words and stances do not mix as in drawn posts."""
    part: str = ""
    """The part of the split that the table puts it in; empty: it is dealt."""

    @property
    def drawn(self) -> bool:
        """Whether people wrote it and chance drew it: what the linear companion learns from."""
        return not (self.invented or self.chosen)


def read_table(path: Path) -> pl.DataFrame:
    """Read a CSV, TSV, JSONL or Parquet table; DatasetError where it cannot be read."""
    try:
        return tables.read_table(path)
    except TableError as error:
        raise DatasetError(str(error)) from None


def read_texts(path: Path) -> list[str]:
    """The texts of a table with a `text` column."""
    table = read_table(path)
    if "text" not in table.columns:
        raise DatasetError(f"{path} has no `text` column; it has {', '.join(table.columns)}.")
    return [str(text) for text in table["text"].drop_nulls()]


def read_examples(path: Path) -> list[Example]:
    """The labelled posts of a table with columns text, stance (or label), and perhaps frame,
    form, country, source, weight, unsure and id. Raises DatasetError on a row that cannot be used.
    """
    table = read_table(path)
    columns = set(table.columns)
    label = "stance" if "stance" in columns else "label"
    if not {"text", label} <= columns:
        raise DatasetError(f"{path} needs the columns text and stance (or label).")
    return [
        to_example(row, label, f"{path.name}, row {number}", path.stem)
        for number, row in enumerate(table.iter_rows(named=True), 1)
    ]


def to_example(row: dict[str, object], label: str, place: str, origin: str) -> Example:
    """The example of a table's row; `place` names the row in errors, `origin` is its file."""

    def cell(name: str) -> str:
        value = row.get(name)
        return "" if value is None else str(value).strip()

    text, stance, frame = cell("text"), cell(label), cell("frame")
    if not text:
        raise DatasetError(f"{place}: the text is empty; leave the row out.")
    if stance not in STANCES:
        near = get_close_matches(stance, STANCES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(STANCES)}."
        raise DatasetError(f"{place}: unknown stance {stance!r}; {hint}")
    if frame and (frame not in FRAMES or stance_of_frame(frame) != stance):
        raise DatasetError(f"{place}: frame {frame!r} is no frame of {stance}.")
    part = "train" if origin.startswith("invented") else cell("part")
    if part not in ("", *PARTS):
        raise DatasetError(f"{place}: unknown part {part!r}; use one of {', '.join(PARTS)}.")
    rewritten = "rewrites" in origin
    return Example(
        key=cell("id") or hashlib.sha256(text.encode()).hexdigest()[:16],
        text=text,
        stance=stance,
        frame=frame,
        form=cell("form") or "en",
        source=cell("source") or origin,
        country=cell("country"),
        weight=float(cell("weight") or 1),
        rewritten=rewritten,
        invented=origin.startswith("invented"),
        unsure=cell("unsure").lower() in YES,
        chosen=cell("chosen").lower() in YES,
        part=part,
    )


def near_duplicates(texts: Sequence[str]) -> list[int]:
    """A group number per text; texts that share about half of their 4-word runs share one.

    MinHash with banding (Broder 1997; Leskovec et al., Mining of Massive Datasets, ch. 3).
    """
    groups = list(range(len(texts)))
    buckets: dict[tuple[int, tuple[int, ...]], int] = {}
    for index, text in enumerate(texts):
        for band, signature in enumerate(_signature(text)):
            first = buckets.setdefault((band, signature), index)
            groups[_root(groups, index)] = _root(groups, first)
    return [_root(groups, index) for index in range(len(texts))]


def _signature(text: str) -> list[tuple[int, ...]]:
    words = [w for w in normalise(text).split() if w not in _COMMON_TAGS and w.isalnum()]
    runs = {" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))}
    hashes = [zlib.crc32(run.encode()) for run in runs]
    # multiply-shift hashing: odd multipliers derived from the golden ratio
    mins = [
        min((h * (2 * k + 1) * 2654435761 + k * 40503) & 0xFFFFFFFF for h in hashes)
        for k in range(BANDS * ROWS)
    ]
    return [tuple(mins[b * ROWS : (b + 1) * ROWS]) for b in range(BANDS)]


def _root(groups: list[int], index: int) -> int:
    while groups[index] != index:
        groups[index] = groups[groups[index]]
        index = groups[index]
    return index


def split_examples(
    examples: Sequence[Example], *, validation: float = 0.1, test: float = 0.1, seed: int = 13
) -> dict[str, list[Example]]:
    """Split by id into train, validation and test, near-duplicates together, stratified.

    Groups are dealt out in the order of a hash of their key within each stratum of source, form
    and stance, so that the split is the same on every machine. Posts that their table puts in a
    part go there, invented ones to training; what is put in training and is a near-duplicate of a
    held-out post is dropped.
    """
    parts: dict[str, list[Example]] = {part: [] for part in PARTS}
    strata: dict[tuple[str, str, str], list[list[Example]]] = defaultdict(list)
    for members in _group(e for e in examples if not e.part):
        head = min(members, key=lambda e: (e.rewritten, e.key))
        strata[head.source, head.form, head.stance].append(members)
    for stratum in sorted(strata):
        ordered = sorted(strata[stratum], key=lambda m: _rank(m, seed))
        offset = _unit("/".join((*stratum, str(seed))))
        for position, members in enumerate(ordered):
            place = (position + offset) / len(ordered)
            parts[_part(place, validation, test)].extend(members)
    for part in PARTS[1:]:
        parts[part] += [e for e in examples if e.part == part]
    held = [*parts["validation"], *parts["test"]]
    parts["train"] += _far_from(held, [e for e in examples if e.part == "train"])
    return parts


def _far_from(held: Sequence[Example], others: Sequence[Example]) -> list[Example]:
    """The others that are no near-duplicates of held-out examples."""
    groups = group_examples([*held, *others]) if others else []
    taken = set(groups[: len(held)])
    return [e for e, group in zip(others, groups[len(held) :], strict=True) if group not in taken]


def _part(place: float, validation: float, test: float) -> str:
    if place < test:
        return "test"
    return "validation" if place < test + validation else "train"


def _rank(members: Sequence[Example], seed: int) -> float:
    return min(_unit(f"{seed}/{e.key}") for e in members)


def _unit(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48


def group_examples(rows: Sequence[Example]) -> list[int]:
    """A group number per example; those that share an id or are near-duplicates share one."""
    groups = near_duplicates([e.text for e in rows])
    first: dict[str, int] = {}
    for index, example in enumerate(rows):
        other = first.setdefault(example.key, index)
        groups[_root(groups, index)] = _root(groups, other)
    return [_root(groups, index) for index in range(len(rows))]


def _group(examples: Iterable[Example]) -> list[list[Example]]:
    """Examples of one group, in lists."""
    rows = list(examples)
    members: dict[int, list[Example]] = defaultdict(list)
    for group, example in zip(group_examples(rows), rows, strict=True):
        members[group].append(example)
    return list(members.values())
