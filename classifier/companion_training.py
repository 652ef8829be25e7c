"""Fitting the companion: logistic regression over hashed TF-IDF (needs the extra `train`)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from classifier.calibration import (
    Calibration,
    Floats,
    apply_calibrations,
    fit_calibrations,
    scripts_of,
    stance_sums,
)
from classifier.companion import COMPANION_FILE, Companion, weigh, weigh_in
from classifier.dataset import Example
from classifier.evaluation import macro_f1, measure
from classifier.model_folder import ModelSettings, read_settings
from classifier.ngrams import BUCKETS, count_ngrams
from classifier.stance_classifier import StanceClassifier
from classifier.text import normalise
from config.codebook import STANCES

__all__ = ["add_companion", "fit_companion"]

FEWEST = 3
"""Posts that an n-gram must occur in to be learnt from."""
EXPONENTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25)
"""Weights of the companion that are tried; 1: it counts as much as the encoder, 0: not at all."""


def fit_companion(examples: Sequence[Example], *, strength: float = 3.0) -> Companion:
    """Fit on texts as the encoder sees them; classes weigh alike, rows by their weight."""
    counts = count_ngrams([normalise(example.text) for example in examples])
    seen = np.bincount(counts.buckets, minlength=BUCKETS)
    idf = np.where(seen >= FEWEST, np.log((1 + len(examples)) / (1 + seen)) + 1, 0)
    idf = idf.astype(np.float16).astype(np.float32)  # as it will be stored
    values = weigh(counts, idf, len(examples))
    matrix = csr_matrix((values, (counts.owners, counts.buckets)), shape=(len(examples), BUCKETS))
    # the weights of all others stay zero, and carrying them along takes most of the time
    known = np.flatnonzero(idf) if idf.any() else np.array([0])
    model = LogisticRegression(C=strength, max_iter=300, class_weight="balanced")
    model.fit(
        matrix[:, known],
        [STANCES.index(example.stance) for example in examples],
        sample_weight=[example.weight for example in examples],
    )
    weights = np.zeros((len(model.coef_), BUCKETS), dtype=np.float32)
    weights[:, known] = model.coef_
    return Companion(idf, weights, model.intercept_.astype(np.float32))


def add_companion(folder: Path, parts: Mapping[str, Sequence[Example]], fairness: float) -> None:
    """Give a model folder a companion, its weight, and the calibration of both together.

    Weight and calibration come from the validation part. Where nothing can be learnt from, the
    weight is 0 and the folder has no companion.
    """
    settings = replace(read_settings(folder), companion_weight=0.0)
    settings.write(folder)
    held = parts["validation"]
    companion = fit_drawn(parts["train"])
    encoder = StanceClassifier.load(folder).predict_uncalibrated([e.text for e in held])
    opinion = np.ones((len(held), len(STANCES)), dtype=np.float32)
    if companion is not None:
        companion.save(folder / COMPANION_FILE)
        opinion = companion.predict([normalise(e.text) for e in held])
    weight, calibrations = choose_weight(encoder, opinion, held, fairness)
    settings = replace(
        settings,
        companion_weight=weight,
        calibration={script: c.to_dict() for script, c in calibrations.items()},
    )
    settings.write(folder)
    measure_again(folder, settings, parts)


def fit_drawn(train: Sequence[Example]) -> Companion | None:
    """Fit on training posts as they were drawn; return None where no such post takes some stance.

    Invented ones teach a bag of n-grams to see a stance in every informal word, chosen ones to
    see none. People's annotations are all chosen where no probability of the draw is known.
    """
    drawn = [e for e in train if e.drawn]
    return None if {e.stance for e in drawn} < set(STANCES) else fit_companion(drawn)


def choose_weight(
    encoder: Floats, opinion: Floats, held: Sequence[Example], fairness: float
) -> tuple[float, dict[str, Calibration]]:
    """Return the weight with the best macro-F1 on held-out real posts, and its calibrations.

    `encoder` (n, 16) and `opinion` (n, 4) are the probabilities that each gives alone.
    """
    truth = np.array([STANCES.index(e.stance) for e in held])
    real = np.array([not e.rewritten for e in held])
    scripts = scripts_of([e.text for e in held])
    counts = np.bincount(truth, minlength=len(STANCES)).clip(min=1)
    weights = (counts[truth] ** -fairness).astype(np.float32)
    best: tuple[float, float, dict[str, Calibration]] = (-1.0, 0.0, {})
    for exponent in EXPONENTS:
        both = weigh_in(encoder, opinion**exponent)
        calibrations = fit_calibrations(both, truth, scripts, weights)
        guess = stance_sums(apply_calibrations(calibrations, both, scripts)).argmax(axis=1)
        score = macro_f1(truth[real], guess[real])
        if score > best[0]:
            best = (score, exponent, calibrations)
    return best[1], best[2]


def measure_again(
    folder: Path, settings: ModelSettings, parts: Mapping[str, Sequence[Example]]
) -> None:
    """Write the figures of the folder as it is served now."""
    classifier = StanceClassifier.load(folder)
    for part in ("validation", "test"):
        settings.metrics[part] = measure(classifier, parts[part])
    settings.write(folder)
