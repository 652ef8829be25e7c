"""An evaluation: one model's scores on labelled posts, and a second model compared with it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from classifier.bootstrap import Ints, interval_of, resample_counts
from classifier.calibration import FRAME_TO_STANCE
from classifier.dataset import Example, group_examples
from classifier.evaluation import calibration_curve, frame_accuracy, worst_mistakes
from classifier.labelled_data import LabelledData, check_split, few_classes
from classifier.scores import FEWEST, Part, compare_parts, score_parts
from classifier.stance_classifier import Predictions, StanceClassifier

__all__ = ["Evaluation", "evaluate_model", "predict_all", "with_overlap"]

BATCH = 2048
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Evaluation:
    """Everything that is reported of a model."""

    model: str
    codebook: str
    """The version that the model was trained by."""
    data_hash: str
    parts: list[Part]
    frames: dict[str, Any]
    """How far stance and frame agree."""
    curve: list[dict[str, float]]
    mistakes: list[dict[str, Any]]
    """The ten mistakes that the model was surest of, with their texts."""
    notes: list[str] = field(default_factory=list)
    against: str = ""
    """The version of the model that it is compared with."""
    comparison: list[dict[str, Any]] = field(default_factory=list)
    """This model less the other, by part, with a verdict on this model."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for programs, without the text of any post."""
        plain = asdict(self)
        plain["parts"] = [part.to_dict() for part in self.parts]
        plain["mistakes"] = [
            {k: v for k, v in mistake.items() if k != "text"} for mistake in self.mistakes
        ]
        return plain


def evaluate_model(
    classifier: StanceClassifier,
    data: LabelledData,
    against: StanceClassifier | None = None,
    on_progress: Progress | None = None,
) -> Evaluation:
    """Score a model on labelled posts; intervals go by groups of one id or near-copies.

    `against` is a second model for the paired comparison. `on_progress(done, total)` counts
    predictions.
    """
    examples = data.examples
    texts = [e.text for e in examples]
    groups = np.array(group_examples(examples))
    total = len(texts) * (1 if against is None else 2)
    predictions = predict_all(classifier, texts, on_progress, 0, total)
    comparison = []
    if against is not None:
        other = predict_all(against, texts, on_progress, len(texts), total)
        comparison = compare_parts(examples, other.stance, predictions.stance, groups)
    return Evaluation(
        model=classifier.version,
        codebook=classifier.settings.codebook,
        data_hash=data.data_hash,
        parts=score_parts(examples, predictions.stance, groups),
        frames=agree(examples, predictions, groups),
        curve=calibration_curve(examples, predictions.stance),
        mistakes=worst_mistakes(examples, predictions),
        notes=[*data.notes, *few_classes(examples, FEWEST)],
        against=against.version if against else "",
        comparison=comparison,
    )


def with_overlap(data: LabelledData, training: LabelledData) -> LabelledData:
    """Note which posts of `data` stand in the training data too."""
    parts = {"the evaluation": data.examples, "the training data": training.examples}
    return replace(data, notes=[*data.notes, *check_split(parts)])


def predict_all(
    classifier: StanceClassifier,
    texts: Sequence[str],
    on_progress: Progress | None = None,
    before: int = 0,
    total: int = 0,
) -> Predictions:
    """Predict in steps that can be reported; `before` posts of `total` are done already."""
    found = []
    for start in range(0, len(texts), BATCH):
        found.append(classifier.predict(texts[start : start + BATCH]))
        if on_progress is not None:
            on_progress(before + min(start + BATCH, len(texts)), total or len(texts))
    return Predictions(
        np.concatenate([p.stance for p in found]), np.concatenate([p.frame for p in found])
    )


def agree(examples: Sequence[Example], predictions: Predictions, groups: Ints) -> dict[str, Any]:
    """Say how far stance and frame agree, in the model and with the annotators.

    `agreement`: the share of posts whose likeliest frame of all belongs to their likeliest stance.
    `frame_accuracy`: the share of right frames where the stance is right and takes a side.
    """
    top_stance = predictions.stance.argmax(axis=1)
    of_frame = FRAME_TO_STANCE.argmax(axis=1)[predictions.frame.argmax(axis=1)]
    same = (top_stance == of_frame).astype(np.int64)
    rounds = resample_counts(same, groups, 2)
    shares = rounds[:, 1] / rounds.sum(axis=1)
    known = sum(
        bool(e.frame) and e.stance == s != "none"
        for e, s in zip(examples, predictions.stances, strict=True)
    )
    return {
        "agreement": [round(float(same.mean()), 4), *interval_of(shares)],
        "frame_accuracy": frame_accuracy(examples, predictions),
        "frame_n": known,
    }
