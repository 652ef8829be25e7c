"""Scores of a model on labelled posts, in all and by form, country and source, with intervals."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from classifier.bootstrap import Floats, Ints, interval_of, resample_counts
from classifier.dataset import Example
from classifier.evaluation import compare, confusion, f1_of_tables
from classifier.miscalibration import error_with_interval
from config.codebook import STANCES

__all__ = ["FEWEST", "Part", "compare_parts", "score_parts", "split_parts"]

FEWEST = 10  # posts of each stance; with fewer a macro-F1 is noise
CALIBRATED = 200  # posts; with fewer a calibration error says nothing
SIZE = len(STANCES)


@dataclass(frozen=True)
class Part:
    """Scores of one part of the posts; a value stands before its interval: [value, low, high]."""

    kind: str
    """all, origin, form, native form, country or source."""
    name: str
    n: int
    groups: int
    """Posts that are no rewrites or near-copies of one another; intervals rest on these."""
    short: dict[str, int]
    """Stances with fewer than ten posts, and how many there are; where any, macro-F1 is noise."""
    macro_f1: list[float]
    accuracy: float
    counts: dict[str, int]
    f1: dict[str, list[float]]
    precision: dict[str, list[float]]
    recall: dict[str, list[float]]
    confusion: list[list[int]]
    """Rows are true stances, columns predicted ones."""
    calibration_error: list[float] | None
    """Debiased, over ten bins of equal mass; None under 200 posts."""

    @property
    def enough(self) -> bool:
        """Whether every stance has ten posts or more."""
        return not self.short

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "enough": self.enough}


def split_parts(examples: Sequence[Example]) -> dict[tuple[str, str], Ints]:
    """Row numbers by (kind, name) of every part that figures are given for."""
    rows: dict[tuple[str, str], list[int]] = {("all", "all posts"): list(range(len(examples)))}
    for i, e in enumerate(examples):
        origin = "invented" if e.invented else "rewritten" if e.rewritten else "as written"
        keys = [("origin", origin), ("form", e.form)]
        keys += [("native form", e.form)] if origin == "as written" else []
        keys += [("country", e.country)] if e.country else []
        keys += [("source", e.source)] if e.source else []
        for key in keys:
            rows.setdefault(key, []).append(i)
    order: tuple[str, ...] = ("form", "country", "source")
    if ("origin", "rewritten") in rows:
        order = ("form", "native form", "origin", "country", "source")
    keys = [("all", "all posts")]
    for kind in order:
        names = sorted(key for key in rows if key[0] == kind)
        keys += names if len(names) > 1 or kind == "form" else []
    return {key: np.array(rows[key]) for key in keys}


def score_parts(examples: Sequence[Example], stance: Floats, groups: Ints) -> list[Part]:
    """Score probabilities (n, 4) on every part of the posts."""
    truth = np.array([STANCES.index(e.stance) for e in examples])
    return [
        _score(kind, name, truth[rows], stance[rows], groups[rows])
        for (kind, name), rows in split_parts(examples).items()
    ]


def _score(kind: str, name: str, truth: Ints, stance: Floats, groups: Ints) -> Part:
    guess = stance.argmax(axis=1)
    table = confusion(truth, guess)
    rounds = resample_counts(truth * SIZE + guess, groups, SIZE * SIZE).reshape(-1, SIZE, SIZE)
    f1, f1_rounds = f1_of_tables(table), f1_of_tables(rounds)
    counts = dict(zip(STANCES, map(int, table.sum(axis=1)), strict=True))
    return Part(
        kind=kind,
        name=name,
        n=len(truth),
        groups=len(np.unique(groups)),
        short={s: c for s, c in counts.items() if c < FEWEST},
        macro_f1=[round(float(f1.mean()), 4), *interval_of(f1_rounds.mean(axis=-1))],
        accuracy=round(float((truth == guess).mean()), 4),
        counts=counts,
        f1=_by_stance(f1, f1_rounds),
        precision=_by_stance(_share(table, 0), _share(rounds, -2)),
        recall=_by_stance(_share(table, 1), _share(rounds, -1)),
        confusion=table.tolist(),
        calibration_error=_calibration(truth, stance, groups),
    )


def _share(tables: Ints, axis: int) -> Floats:
    """Hits over the sums along an axis: the first for precision, the last for recall."""
    hits = np.diagonal(tables, axis1=-2, axis2=-1)
    return np.asarray(hits / np.maximum(tables.sum(axis=axis), 1))


def _by_stance(values: Floats, rounds: Floats) -> dict[str, list[float]]:
    return {
        s: [round(float(values[i]), 4), *interval_of(rounds[:, i])] for i, s in enumerate(STANCES)
    }


def _calibration(truth: Ints, stance: Floats, groups: Ints) -> list[float] | None:
    if len(truth) < CALIBRATED:
        return None
    hit = stance.argmax(axis=1) == truth
    return error_with_interval(stance.max(axis=1), hit, groups)


# ---- two models ----


def compare_parts(
    examples: Sequence[Example], first: Floats, second: Floats, groups: Ints
) -> list[dict[str, Any]]:
    """Compare the second model with the first on the same posts, in all and by form.

    A paired bootstrap of the difference in macro-F1 (Berg-Kirkpatrick et al. 2012), by groups.
    """
    truth = np.array([STANCES.index(e.stance) for e in examples])
    guess, other = first.argmax(axis=1), second.argmax(axis=1)
    rows_of = {k: v for k, v in split_parts(examples).items() if k[0] in ("all", "form", "country")}
    return [
        {
            "kind": kind,
            "name": name,
            "n": len(rows),
            "enough": bool((np.bincount(truth[rows], minlength=SIZE) >= FEWEST).all()),
            **compare(truth[rows], guess[rows], other[rows], groups[rows]).to_dict(),
        }
        for (kind, name), rows in rows_of.items()
    ]
