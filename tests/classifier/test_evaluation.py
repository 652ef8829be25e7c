"""Figures of a model, checked by hand and against simulation."""

import numpy as np
import pytest

from classifier.dataset import Example
from classifier.evaluation import (
    calibration_error,
    compare,
    confusion,
    f1_scores,
    macro_f1,
    summarise,
)
from classifier.labelled_data import LabelledData
from classifier.model_evaluation import evaluate_model
from classifier.stance_classifier import StanceClassifier
from config.codebook import STANCES

TRUTH, GUESS = [0, 0, 1, 2, 3, 3], [0, 1, 1, 2, 3, 0]


def test_f1_by_hand() -> None:
    assert f1_scores(TRUTH, GUESS) == pytest.approx([0.5, 2 / 3, 1.0, 2 / 3])
    assert macro_f1(TRUTH, GUESS) == pytest.approx((0.5 + 2 / 3 + 1 + 2 / 3) / 4)


def test_confusion_has_the_truth_in_rows() -> None:
    table = confusion(TRUTH, GUESS)
    assert table[0].tolist() == [1, 1, 0, 0]
    assert table[:, 0].tolist() == [1, 0, 0, 1]


def test_the_interval_holds_the_estimate_and_narrows_with_more_posts() -> None:
    def width(copies: int) -> float:
        examples = [Example(key=str(i), text="", stance=STANCES[t]) for i, t in enumerate(TRUTH)]
        stance = np.eye(4)[GUESS]
        figures = summarise(examples * copies, np.tile(stance, (copies, 1)))["all"]
        low, high = figures["interval"]
        assert low <= figures["macro_f1"] <= high
        return float(high - low)

    assert width(100) < width(5) / 3


def test_a_calibrated_model_has_hardly_any_debiased_error() -> None:
    rng = np.random.default_rng(5)
    stance = rng.dirichlet((1, 1, 1, 3), size=2000)
    truth = np.array([rng.choice(4, p=row) for row in stance])
    assert calibration_error(truth, stance) < 0.015
    too_sure = np.where(stance == stance.max(axis=1, keepdims=True), 0.97, 0.01)
    assert calibration_error(truth, too_sure) > 0.2


def test_two_models_are_told_apart_only_where_posts_suffice() -> None:
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 4, 1000)
    good = np.where(rng.random(1000) < 0.9, truth, 3)
    poor = np.where(rng.random(1000) < 0.5, truth, 3)
    assert compare(truth, poor, good).verdict == "better"
    assert compare(truth, good, poor).verdict == "worse"
    assert compare(truth, good, good).verdict == "cannot tell"
    assert compare(truth[:4], poor[:4], good[:4]).verdict == "cannot tell"


def test_an_evaluation_names_its_model_and_its_worst_mistakes() -> None:
    classifier = StanceClassifier.load(threads=1)
    examples = [
        Example(key="1", text="the weather is fine", stance="none", frame="none"),
        Example(key="2", text="the train leaves at noon", stance="hostile", frame="smear"),
    ]
    report = evaluate_model(classifier, LabelledData(examples, []))
    assert report.model == classifier.version
    assert [w["id"] for w in report.mistakes] == ["2"]
    assert report.parts[0].n == 2
