"""Scores by part and their intervals, checked by hand, by simulation and against scikit-learn."""

import numpy as np
import pytest

from classifier.bootstrap import resample_counts
from classifier.dataset import Example
from classifier.evaluation import macro_f1
from classifier.miscalibration import error_with_interval, estimate_error
from classifier.scores import compare_parts, score_parts
from config.codebook import STANCES

RNG = np.random.default_rng()


@pytest.fixture(autouse=True)
def same_numbers() -> None:
    """Give each test the same chance, in whatever order and process it runs."""
    RNG.bit_generator.state = np.random.default_rng(7).bit_generator.state


def make_examples(truth: np.ndarray, forms: list[str] | None = None) -> list[Example]:
    """Invented posts with given stances."""
    return [
        Example(str(i), f"post {i}", STANCES[t], form=forms[i % len(forms)] if forms else "en")
        for i, t in enumerate(truth)
    ]


def one_hot(guess: np.ndarray, sure: float = 0.7) -> np.ndarray:
    stance = np.full((len(guess), 4), (1 - sure) / 3, dtype=np.float32)
    stance[np.arange(len(guess)), guess] = sure
    return stance


def flip(truth: np.ndarray, share: float) -> np.ndarray:
    wrong = RNG.random(len(truth)) < share
    return np.where(wrong, (truth + 1 + RNG.integers(0, 3, len(truth))) % 4, truth)


def test_scores_agree_with_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="needs the extra `dev`")
    truth = RNG.integers(0, 4, 400)
    guess = flip(truth, 0.4)
    part = score_parts(make_examples(truth), one_hot(guess), np.arange(400))[0]
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, guess)
    assert [v[0] for v in part.f1.values()] == pytest.approx(list(f1), abs=1e-4)
    assert [v[0] for v in part.precision.values()] == pytest.approx(list(precision), abs=1e-4)
    assert [v[0] for v in part.recall.values()] == pytest.approx(list(recall), abs=1e-4)
    assert part.confusion == metrics.confusion_matrix(truth, guess).tolist()
    value, low, high = part.macro_f1
    assert low < value < high


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """95 % intervals of 200 samples from a known population hold its macro-F1."""
    population = RNG.integers(0, 4, 200_000)
    guesses = flip(population, 0.3)
    true = macro_f1(population, guesses)
    held = 0
    for _ in range(40):
        rows = RNG.integers(0, len(population), 200)
        part = score_parts(make_examples(population[rows]), one_hot(guesses[rows]), np.arange(200))[
            0
        ]
        held += part.macro_f1[1] <= true <= part.macro_f1[2]
    assert 34 <= held <= 40


def test_copies_in_one_group_do_not_narrow_the_interval() -> None:
    truth = RNG.integers(0, 4, 150)
    guess = flip(truth, 0.4)
    once = score_parts(make_examples(truth), one_hot(guess), np.arange(150))[0]
    copied = score_parts(
        make_examples(np.tile(truth, 5)), one_hot(np.tile(guess, 5)), np.tile(np.arange(150), 5)
    )[0]
    blind = score_parts(
        make_examples(np.tile(truth, 5)), one_hot(np.tile(guess, 5)), np.arange(750)
    )[0]
    width = [p.macro_f1[2] - p.macro_f1[1] for p in (once, copied, blind)]
    assert copied.macro_f1[0] == once.macro_f1[0]
    assert width[1] == pytest.approx(width[0], rel=0.1)
    assert width[2] < width[0] * 0.6


def test_groups_of_unlike_posts_are_drawn_whole() -> None:
    cells, groups = np.array([0, 1, 2]), np.array([0, 0, 1])
    rounds = resample_counts(cells, groups, 3)
    assert (rounds[:, 0] == rounds[:, 1]).all()
    assert (rounds[:, 0] + rounds[:, 2] == 2).all()


def test_parts_without_ten_posts_of_each_stance_are_marked() -> None:
    truth = np.array([0] * 40 + [1] * 40 + [2] * 5 + [3] * 40)
    part = score_parts(make_examples(truth), one_hot(truth), np.arange(len(truth)))[0]
    assert part.short == {"hostile": 5}
    assert not part.enough
    assert part.calibration_error is None, "125 posts say nothing of calibration"


@pytest.mark.parametrize(("gap", "off"), [(0.0, 0.012), (0.03, 0.006), (0.1, 0.004)])
def test_calibration_error_is_what_it_is_in_truth_on_average(gap: float, off: float) -> None:
    """Gaps below the noise of a bin (0.034 here) are seen as somewhat smaller: 0.03 as 0.025."""
    found = []
    for _ in range(120):
        sure = RNG.uniform(0.35, 0.95, 2000)
        found.append(estimate_error(sure, RNG.random(2000) < sure - gap))
    assert np.mean(found) == pytest.approx(gap, abs=off)


def test_the_interval_of_calibration_holds_the_error_and_knows_groups() -> None:
    sure, hit = np.full(400, 0.8), RNG.random(400) < 0.6
    value, low, high = error_with_interval(sure, hit, np.arange(400))
    assert low < value < high
    assert low < 0.2 + 3 * 0.0245
    assert high > 0.2 - 3 * 0.0245
    copied = error_with_interval(
        np.repeat(sure, 4), np.repeat(hit, 4), np.repeat(np.arange(400), 4)
    )
    assert copied[2] - copied[1] == pytest.approx(high - low, rel=0.15)


def test_two_models_better_worse_and_cannot_tell() -> None:
    truth = RNG.integers(0, 4, 600)
    bad, good = flip(truth, 0.5), flip(truth, 0.2)
    examples, groups = make_examples(truth, ["en", "ur"]), np.arange(600)

    def verdicts(first: np.ndarray, second: np.ndarray) -> dict[str, str]:
        rows = compare_parts(examples, one_hot(first), one_hot(second), groups)
        return {row["name"]: row["verdict"] for row in rows}

    assert set(verdicts(bad, good).values()) == {"better"}
    assert set(verdicts(good, bad).values()) == {"worse"}
    assert set(verdicts(good, good).values()) == {"cannot tell"}
    mixed = np.where(np.arange(600) % 2 == 0, truth, flip(good, 0.5))
    assert verdicts(good, mixed)["ur"] == "worse"
    assert verdicts(good, mixed)["en"] == "better"
