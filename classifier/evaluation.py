"""How well a model does: F1 with intervals, confusion, calibration, and two models compared.

Intervals are percentile bootstraps (Efron 1979) over posts. Resampling posts is drawing the cells
of the confusion table anew, so that two thousand rounds cost milliseconds.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classifier.bootstrap import BINS, ROUNDS, interval_of, resample_counts
from classifier.dataset import Example
from classifier.miscalibration import estimate_error
from classifier.stance_classifier import Predictions, StanceClassifier
from config.codebook import FRAMES, STANCES

__all__ = [
    "Comparison",
    "calibration_curve",
    "calibration_error",
    "compare",
    "confusion",
    "f1_of_tables",
    "f1_scores",
    "frame_accuracy",
    "macro_f1",
    "measure",
    "summarise",
    "worst_mistakes",
]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[Any]

WORST = 10
SIZE = len(STANCES)


def confusion(truth: npt.ArrayLike, guess: npt.ArrayLike) -> Ints:
    """Counts (4, 4): rows are true stances, columns predicted ones."""
    cells = np.asarray(truth, dtype=np.int64) * SIZE + np.asarray(guess, dtype=np.int64)
    return np.bincount(cells, minlength=SIZE * SIZE).reshape(SIZE, SIZE).astype(np.int64)


def f1_scores(truth: npt.ArrayLike, guess: npt.ArrayLike) -> list[float]:
    """F1 of each stance, in the codebook's order; 0 where there is nothing to count."""
    return [float(f) for f in f1_of_tables(confusion(truth, guess))]


def macro_f1(truth: npt.ArrayLike, guess: npt.ArrayLike) -> float:
    """The unweighted mean of the four F1 scores."""
    return float(np.mean(f1_scores(truth, guess)))


def f1_of_tables(tables: Ints) -> Floats:
    """F1 by stance (..., 4) of confusion tables (..., 4, 4)."""
    hits = np.diagonal(tables, axis1=-2, axis2=-1)
    total = tables.sum(axis=-1) + tables.sum(axis=-2)
    return np.asarray(2 * hits / np.maximum(total, 1))


def calibration_error(truth: npt.ArrayLike, stance: Floats) -> float:
    """Debiased expected calibration error of the top stance; see `classifier.miscalibration`."""
    return estimate_error(stance.max(axis=1), stance.argmax(axis=1) == np.asarray(truth))


# ---- figures by part of the data ----


def measure(classifier: StanceClassifier, examples: Sequence[Example]) -> dict[str, Any]:
    """Figures of a model by form, source and kind of post, each with its size."""
    return summarise(examples, classifier.predict([e.text for e in examples]).stance)


def summarise(examples: Sequence[Example], stance: Floats) -> dict[str, Any]:
    """The figures of `measure` for given probabilities (n, 4)."""
    truth = np.array([STANCES.index(e.stance) for e in examples])
    figures = {}
    for name, belongs in _groups(examples).items():
        rows = np.array([belongs(e) for e in examples])
        if rows.any():
            figures[name] = _figures(truth[rows], stance[rows])
    return figures


def _groups(examples: Sequence[Example]) -> dict[str, Callable[[Example], bool]]:
    groups: dict[str, Callable[[Example], bool]] = {
        "all": lambda _: True,
        "real": lambda e: not e.rewritten,
        "real, annotator sure": lambda e: not e.rewritten and not e.unsure,
        "rewritten": lambda e: e.rewritten,
    }
    for form in ("en", "roman", "hi", "ur"):
        groups[f"form {form}"] = lambda e, f=form: e.form == f  # type: ignore[misc]
        groups[f"form {form}, real"] = lambda e, f=form: e.form == f and not e.rewritten  # type: ignore[misc]
    for country in sorted({e.country for e in examples} - {""}):
        groups[f"country {country}"] = lambda e, c=country: e.country == c  # type: ignore[misc]
    for source in sorted({e.source for e in examples if not e.rewritten}):
        groups[f"source {source}"] = lambda e, s=source: e.source == s  # type: ignore[misc]
    return groups


def _figures(truth: Ints, stance: Floats) -> dict[str, Any]:
    table = confusion(truth, stance.argmax(axis=1))
    hits, rows, columns = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
    rounds = _resample(table)
    return {
        "n": int(table.sum()),
        "macro_f1": round(float(f1_of_tables(table).mean()), 4),
        "interval": interval_of(f1_of_tables(rounds).mean(axis=-1)),
        "f1": _by_stance(f1_of_tables(table)),
        "f1_interval": {s: interval_of(f1_of_tables(rounds)[:, i]) for i, s in enumerate(STANCES)},
        "precision": _by_stance(hits / np.maximum(columns, 1)),
        "recall": _by_stance(hits / np.maximum(rows, 1)),
        "counts": dict(zip(STANCES, map(int, rows), strict=True)),
        "accuracy": round(float(hits.sum() / max(1, table.sum())), 4),
        "confusion": table.tolist(),
        "ece": round(calibration_error(truth, stance), 4),
    }


def _resample(table: Ints) -> Ints:
    """Confusion tables (rounds, 4, 4) of bootstrap samples of the posts behind one table."""
    cells = table.ravel() / max(1, table.sum())
    drawn = np.random.default_rng(13).multinomial(int(table.sum()), cells, size=ROUNDS)
    return np.asarray(drawn.reshape(ROUNDS, *table.shape))


def _by_stance(values: Floats) -> dict[str, float]:
    return {s: round(float(v), 4) for s, v in zip(STANCES, values, strict=True)}


# ---- one model, and one against another ----


def frame_accuracy(examples: Sequence[Example], predictions: Predictions) -> float | None:
    """How often the frame is right where the stance is right and takes a side."""
    judged = [
        e.frame == frame
        for e, stance, frame in zip(examples, predictions.stances, predictions.frames, strict=True)
        if e.frame in FRAMES and e.stance == stance != "none"
    ]
    return round(sum(judged) / len(judged), 4) if judged else None


def calibration_curve(examples: Sequence[Example], stance: Floats) -> list[dict[str, float]]:
    """Mean probability of the top stance and share right, in ten bins of equal mass."""
    truth = np.array([STANCES.index(e.stance) for e in examples])
    order = np.argsort(stance.max(axis=1), kind="stable")
    hit = stance.argmax(axis=1) == truth
    return [
        {
            "n": len(b),
            "probability": round(float(stance.max(axis=1)[b].mean()), 4),
            "right": round(float(hit[b].mean()), 4),
        }
        for b in np.array_split(order, BINS)
        if len(b)
    ]


def worst_mistakes(examples: Sequence[Example], predictions: Predictions) -> list[dict[str, Any]]:
    """The mistakes that the model was surest of."""
    truth = np.array([STANCES.index(e.stance) for e in examples])
    guess = predictions.stance.argmax(axis=1)
    wrong = np.flatnonzero(guess != truth)
    surest = wrong[np.argsort(-predictions.stance[wrong].max(axis=1), kind="stable")][:WORST]
    return [
        {
            "id": examples[i].key,
            "text": examples[i].text,
            "form": examples[i].form,
            "stance": examples[i].stance,
            "frame": examples[i].frame,
            "predicted_frame": predictions.frames[i],
            "predicted": STANCES[guess[i]],
            "probability": round(float(predictions.stance[i].max()), 4),
        }
        for i in surest
    ]


@dataclass(frozen=True)
class Comparison:
    """Two models on the same posts; `difference` is the second's macro-F1 less the first's."""

    difference: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`better`, `worse` or `cannot tell`, of the second model."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "cannot tell"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers with the verdict."""
        return {**asdict(self), "verdict": self.verdict}


def compare(
    truth: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike, groups: Ints | None = None
) -> Comparison:
    """Paired bootstrap of the difference in macro-F1 (Berg-Kirkpatrick et al. 2012).

    Takes numbers of stances (n,); `groups` (n,) are drawn together, without it each post alone.
    """
    cells = (np.asarray(truth) * SIZE + np.asarray(first)) * SIZE + np.asarray(second)
    rounds = resample_counts(cells, np.arange(len(cells)) if groups is None else groups, SIZE**3)
    counts = np.bincount(cells, minlength=SIZE**3)
    tables = np.concatenate([counts[None], rounds]).reshape(-1, SIZE, SIZE, SIZE)
    gaps = (f1_of_tables(tables.sum(axis=2)) - f1_of_tables(tables.sum(axis=3))).mean(axis=-1)
    low, high = interval_of(gaps[1:])
    return Comparison(round(float(gaps[0]), 4), low, high)
