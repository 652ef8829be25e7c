"""Probabilities that mean something: vector scaling of the four stance probabilities.

p'(s) is proportional to exp(scale * log p(s) + bias(s)), fitted on held-out posts by maximum
likelihood (Guo et al. 2017, "On calibration of modern neural networks"); the frames of a stance
share its new probability as they shared its old one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from config.codebook import FRAMES, STANCES, stance_of_frame

__all__ = [
    "FRAME_TO_STANCE",
    "Calibration",
    "apply_calibrations",
    "fit_calibration",
    "fit_calibrations",
    "script_of",
    "scripts_of",
    "stance_sums",
]

Floats = npt.NDArray[np.float32]
Strings = npt.NDArray[np.str_]

FRAME_TO_STANCE: Floats = np.array(
    [[float(stance_of_frame(frame) == stance) for stance in STANCES] for frame in FRAMES],
    dtype=np.float32,
)
"""(16, 4): one where the frame belongs to the stance."""

FEWEST = 300
"""Held-out posts of a script from which on it gets a calibration of its own."""

_FLOOR = 1e-7
_STEPS = 400
_PRIOR = 0.01  # pulls scale to one and biases to zero, so that small samples change little


@dataclass(frozen=True)
class Calibration:
    """Vector scaling: one scale, and one bias per stance."""

    scale: float = 1.0
    bias: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)

    def apply(self, frame: Floats) -> Floats:
        """Calibrate frame probabilities (n, 16); rows sum to one before and after."""
        old = stance_sums(frame)
        new = _scale(np.log(np.maximum(old, _FLOOR)), self.scale, np.array(self.bias))
        factor = new / np.maximum(old, _FLOOR)
        scaled = frame * (factor @ FRAME_TO_STANCE.T.astype(np.float64))
        total = scaled.sum(axis=1, keepdims=True)
        return np.asarray(scaled / np.where(total > 0, total, 1), dtype=np.float32)

    def to_dict(self) -> dict[str, Any]:
        """The calibration as plain numbers, for a settings file."""
        return {"scale": self.scale, "bias": list(self.bias)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Calibration":
        """Read what `to_dict` wrote."""
        return cls(float(values["scale"]), tuple(float(b) for b in values["bias"]))


def stance_sums(frame: Floats) -> Floats:
    """Sum frame probabilities (n, 16) by stance: (n, 4)."""
    return np.asarray(frame @ FRAME_TO_STANCE, dtype=np.float32)


def fit_calibration(
    frame: Floats, stances: npt.NDArray[np.int64], weights: Floats | None = None
) -> Calibration:
    """Fit to uncalibrated frame probabilities (n, 16) and true stance numbers (n,)."""
    logs = np.log(np.maximum(stance_sums(frame), _FLOOR)).astype(np.float64)
    truth = np.eye(len(STANCES))[stances]
    weight = np.ones(len(truth)) if weights is None else weights.astype(np.float64)
    weight = weight / weight.sum()
    scale, bias = 1.0, np.zeros(len(STANCES))
    for step in range(_STEPS):
        error = (_scale(logs, scale, bias) - truth) * weight[:, None]
        pull = _PRIOR * (scale - 1)
        rate = 1.0 if step < _STEPS // 2 else 0.3
        scale -= 0.2 * rate * (float((error * logs).sum()) + pull)
        bias = bias - rate * (error.sum(axis=0) + _PRIOR * bias)
    return Calibration(round(scale, 4), tuple(round(float(b), 4) for b in bias - bias.mean()))


def fit_calibrations(
    frame: Floats, stances: npt.NDArray[np.int64], scripts: Strings, weights: Floats
) -> dict[str, Calibration]:
    """Fit one calibration to all posts (`default`), and one to each script with enough of them."""
    found = {"default": fit_calibration(frame, stances, weights)}
    for script in sorted(set(scripts.tolist())):
        rows = scripts == script
        if rows.sum() >= FEWEST and not rows.all():
            found[script] = fit_calibration(frame[rows], stances[rows], weights[rows])
    return found


def apply_calibrations(
    calibrations: Mapping[str, Calibration], frame: Floats, scripts: Strings
) -> Floats:
    """Calibrate frame probabilities (n, 16), each post by its script or else by `default`."""
    result = frame.copy()
    for script in set(scripts.tolist()):
        calibration = calibrations.get(script) or calibrations.get("default")
        if calibration:
            rows = scripts == script
            result[rows] = calibration.apply(frame[rows])
    return result


def scripts_of(texts: Sequence[str]) -> Strings:
    """The script of each text (n,)."""
    return np.array([script_of(text) for text in texts], dtype=np.str_)


def script_of(text: str) -> str:
    """`hi` or `ur` where a post is mostly in that script, else `latin`: calibration goes by it."""
    hindi = sum("\u0900" <= c <= "\u097f" for c in text)
    urdu = sum("\u0600" <= c <= "\u06ff" for c in text)
    if max(hindi, urdu) * 3 < sum(c.isalpha() for c in text):
        return "latin"
    return "latin" if hindi == urdu == 0 else ("hi" if hindi >= urdu else "ur")


def _scale(
    logs: npt.NDArray[Any], scale: float, bias: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    scores = scale * logs.astype(np.float64) + bias
    scores -= scores.max(axis=1, keepdims=True)
    odds = np.exp(scores)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))
