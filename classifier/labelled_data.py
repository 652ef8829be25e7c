"""Labelled posts from a researcher's table, with everything that is wrong with them told at once.

    data = read_labelled([Path("posts.csv"), Path("more.jsonl")])
    data.examples   what can be used
    data.notes      what was left out, and what is odd about the rest

Columns: text and stance (or label); frame, form, country, source, weight, id, unsure where known.
A missing form is guessed from the text. A column part (train, validation, test) fixes the split;
chosen (true) keeps a post from the linear companion, which must see posts as they are drawn.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from classifier.dataset import (
    NO,
    PARTS,
    YES,
    Example,
    near_duplicates,
    read_table,
    to_example,
)
from classifier.errors import DatasetError
from classifier.text import normalise
from collector.form import detect_forms
from config.codebook import FRAMES, STANCES, stance_of_frame

__all__ = ["LabelledData", "check_split", "few_classes", "hash_files", "read_labelled"]

FORMS = ("en", "hi", "ur", "roman", "other")
FLAGS = ("unsure", "chosen")
SHOWN = 3  # rows named in a complaint

Row = Mapping[str, Any]


@dataclass(frozen=True)
class LabelledData:
    """Examples that can be used, and what the reader noticed, in sentences."""

    examples: list[Example]
    notes: list[str]
    data_hash: str = ""


def read_labelled(paths: Sequence[Path]) -> LabelledData:
    """Read tables (csv, tsv, jsonl, parquet) as one.

    Rows without a text are left out and counted. Raises DatasetError, with every kind of mistake in
    it, where labels, frames, forms or weights are not known.
    """
    examples: list[Example] = []
    notes: list[str] = []
    for path in paths:
        found, said = _read_one(path)
        examples += found
        notes += said
    if not examples:
        reason = " ".join(["no row has a text and a stance.", *notes])
        raise DatasetError(f"{', '.join(map(str, paths))}: {reason} Check the columns.")
    return LabelledData(examples, [*notes, *_repeats(examples)], hash_files(paths))


def hash_files(paths: Sequence[Path]) -> str:
    """SHA-256 over the bytes of files, in the order of their names."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda p: p.name):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read_one(path: Path) -> tuple[list[Example], list[str]]:
    table = read_table(path)
    label = next((name for name in ("stance", "label") if name in table.columns), None)
    if label is None or "text" not in table.columns:
        raise DatasetError(
            f"{path} needs the columns text and stance (or label); it has"
            f" {', '.join(table.columns)}. Rename what holds them; an export has texts only with"
            " --with-text."
        )
    rows = list(enumerate(table.iter_rows(named=True), 1))
    full = [(n, row) for n, row in rows if _cell(row, "text") and _cell(row, label)]
    if faults := _faults(full, label):
        raise DatasetError(f"{path.name} cannot be used:\n" + "\n".join(f"  {f}" for f in faults))
    found = [to_example(row, label, f"{path.name}, row {n}", path.stem) for n, row in full]
    empty = [n for n, row in rows if not _cell(row, "text")]
    bare = [n for n, row in rows if _cell(row, "text") and not _cell(row, label)]
    said = [
        f"{path.name}: {len(numbers):,} rows without a {what} left out{_where(numbers)}."
        for what, numbers in (("text", empty), (label, bare))
        if numbers
    ]
    return _fill_forms(found, [row for _, row in full]), said


def _cell(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _fill_forms(examples: list[Example], rows: Sequence[Row]) -> list[Example]:
    """Guess the form where the table does not say it."""
    missing = [i for i, row in enumerate(rows) if not _cell(row, "form")]
    for i, form in zip(missing, detect_forms([examples[i].text for i in missing]), strict=True):
        examples[i] = replace(examples[i], form=form)
    return examples


# ---- mistakes that stop ----


def _faults(rows: Sequence[tuple[int, Row]], label: str) -> list[str]:
    """Say what cannot be understood: each unknown word once, with its rows and the nearest one."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, row in rows:
        for fault in _row_faults(row, label):
            places[fault].append(number)
    return [_explain(kind, word, numbers) for (kind, word), numbers in places.items()]


def _row_faults(row: Row, label: str) -> list[tuple[str, str]]:
    stance, frame, form = _cell(row, label), _cell(row, "frame"), _cell(row, "form")
    found = [] if stance in STANCES else [("stance", stance)]
    if frame and frame not in FRAMES:
        found.append(("frame", frame))
    elif frame and stance in STANCES and stance_of_frame(frame) != stance:
        found.append(("pair", f"{frame} under {stance}"))
    if form and form not in FORMS:
        found.append(("form", form))
    if _cell(row, "part") not in ("", *PARTS):
        found.append(("part", _cell(row, "part")))
    found += [
        (name, _cell(row, name)) for name in FLAGS if _cell(row, name).lower() not in (*YES, *NO)
    ]
    if not _is_weight(_cell(row, "weight")):
        found.append(("weight", _cell(row, "weight")))
    return found


def _is_weight(word: str) -> bool:
    try:
        return not word or 0 < float(word) < float("inf")
    except ValueError:
        return False


def _explain(kind: str, word: str, numbers: list[int]) -> str:
    known: dict[str, Sequence[str]] = {
        "stance": STANCES,
        "frame": FRAMES,
        "form": FORMS,
        "part": PARTS,
    }
    where = f"{len(numbers):,} row{'s' * (len(numbers) > 1)}{_where(numbers)}"
    if kind in FLAGS:
        return f"{kind} {word!r} in {where}: write true or false."
    if kind == "weight":
        return f"weight {word!r} in {where}: a weight is a number above 0."
    if kind == "pair":
        return f"frame {word} in {where}: the codebook has that frame under another stance."
    near = get_close_matches(word.lower(), known[kind], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"use one of {', '.join(known[kind])}."
    return f"unknown {kind} {word!r} in {where}: {hint}"


def _where(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:SHOWN]))
    return f" (row {shown}{' ...' if len(numbers) > SHOWN else ''})" if numbers else ""


# ---- what is odd but can be used ----


def _repeats(examples: Sequence[Example]) -> list[str]:
    """Say how many texts stand there twice, and how many of those with two different stances."""
    stances: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        stances[normalise(example.text)].append(example)
    twice = [same for same in stances.values() if len(same) > 1]
    split = [same for same in twice if len({e.stance for e in same}) > 1]
    notes = []
    if twice:
        spare = sum(len(same) - 1 for same in twice)
        notes.append(f"{len(twice):,} texts stand there more than once ({spare:,} rows too many).")
    if split:
        ids = ", ".join("/".join(e.key for e in same[:2]) for same in split[:SHOWN])
        notes.append(
            f"{len(split):,} texts bear two different stances (ids {ids}"
            f"{' ...' if len(split) > SHOWN else ''}): decide for one; until then both count."
        )
    return notes


def few_classes(examples: Sequence[Example], fewest: int) -> list[str]:
    """Say which stances have fewer than `fewest` examples."""
    counts = Counter(e.stance for e in examples)
    return [
        f"Only {counts[s]:,} posts are {s}: fewer than {fewest}, too few to learn or to measure."
        for s in STANCES
        if counts[s] < fewest
    ]


def check_split(parts: Mapping[str, Sequence[Example]]) -> list[str]:
    """Say which parts of a split share posts: the same id, the same text, or nearly the same."""
    names = [name for name, examples in parts.items() for _ in examples]
    examples = [e for part in parts.values() for e in part]
    texts = [normalise(e.text) for e in examples]
    kinds: dict[str, Sequence[object]] = {
        "ids": [e.key for e in examples],
        "texts": texts,
        "nearly the same texts": near_duplicates([e.text for e in examples]),
    }
    return [said for kind, keys in kinds.items() for said in _shared(kind, keys, names)]


def _shared(kind: str, keys: Sequence[object], names: Sequence[str]) -> list[str]:
    found: dict[object, set[str]] = defaultdict(set)
    for key, name in zip(keys, names, strict=True):
        found[key].add(name)
    counts: Counter[tuple[str, ...]] = Counter(
        tuple(n for n in dict.fromkeys(names) if n in have)
        for have in found.values()
        if len(have) > 1
    )
    return [
        f"{count:,} {kind} stand in {' and in '.join(sharing)}: figures will flatter the model."
        for sharing, count in counts.items()
    ]
