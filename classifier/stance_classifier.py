"""Serving: stance and frame probabilities for posts, by ONNX Runtime alone.

Posts are sorted by length and cut into batches under a token budget, so that almost nothing is
spent on padding. Dynamic int8 quantisation takes one activation scale per batch and tensor, so a
post's probabilities move a little with its neighbours; like lengths keep that movement small.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from classifier.calibration import (
    FRAME_TO_STANCE,
    Calibration,
    Floats,
    apply_calibrations,
    scripts_of,
    stance_sums,
)
from classifier.companion import COMPANION_FILE, Companion, weigh_in
from classifier.errors import ModelError
from classifier.model_folder import (
    MODEL_FILE,
    SETTINGS_FILE,
    TOKENIZER_FILE,
    read_settings,
    shipped_model,
)
from classifier.text import normalise
from config.codebook import FRAMES, STANCES

__all__ = ["Predictions", "StanceClassifier"]

TOKEN_BUDGET = 512  # tokens of a batch, padding included; more leaves the cache of one core
SLOW_FUSION = "SkipLayerNormFusion"  # on a CPU 3.7 ms where its parts take 1.0 (1,024 tokens)
CHUNK = 1024  # posts read at a time, which bounds memory (n-grams take most)


@dataclass(frozen=True)
class Predictions:
    """Probabilities for n posts, in the order in which they came; rows sum to one."""

    stance: Floats
    """(n, 4): supportive, skeptical, hostile, none."""
    frame: Floats
    """(n, 16): the fifteen frames and `none`, in the codebook's order."""

    @property
    def stances(self) -> list[str]:
        """The likeliest stance of each post."""
        return [STANCES[i] for i in self.stance.argmax(axis=1)]

    @property
    def frames(self) -> list[str]:
        """The likeliest frame of each post among the frames of its likeliest stance."""
        allowed = FRAME_TO_STANCE.T[self.stance.argmax(axis=1)] > 0
        return [FRAMES[i] for i in np.where(allowed, self.frame, -1).argmax(axis=1)]


class StanceClassifier:
    """A model folder that has been loaded; `load` makes one."""

    def __init__(self, folder: Path, threads: int) -> None:
        self.settings = read_settings(folder)
        if self.settings.frames != FRAMES:
            raise ModelError(
                f"The model in {folder} knows other frames than this program's codebook. "
                "Train it again, or use the program's version that it came with."
            )
        self._tokenizer = _load_tokenizer(folder / TOKENIZER_FILE, self.settings.max_tokens)
        self._session = _load_session(folder / MODEL_FILE, threads)
        self._companion = (
            Companion.load(folder / COMPANION_FILE) if self.settings.companion_weight else None
        )
        self._calibrations = _read_calibrations(self.settings.calibration, folder)

    @classmethod
    def load(
        cls, path: Path | str | None = None, *, threads: int | None = None
    ) -> "StanceClassifier":
        """Load a model folder, by default the shipped model, on all cores but one.

        Raises ModelError where the folder is missing, incomplete or damaged.
        """
        folder = shipped_model() if path is None else Path(path)
        return cls(folder, threads or max(1, (os.cpu_count() or 2) - 1))

    @property
    def version(self) -> str:
        """The model's version, as labels record it."""
        return self.settings.version

    def predict(self, texts: Sequence[str]) -> Predictions:
        """Return the calibrated probabilities of each text."""
        raw = self.predict_uncalibrated(texts)
        frame = apply_calibrations(self._calibrations, raw, scripts_of(texts))
        return Predictions(stance_sums(frame), frame)

    def predict_uncalibrated(self, texts: Sequence[str]) -> Floats:
        """Return the frame probabilities (n, 16) of encoder and companion together."""
        frame = np.zeros((len(texts), len(FRAMES)), dtype=np.float32)
        for start in range(0, len(texts), CHUNK):
            chunk = [normalise(text) for text in texts[start : start + CHUNK]]
            encodings = self._tokenizer.encode_batch_fast(chunk)
            for rows, ids, mask in _batches([e.ids for e in encodings]):
                frame[start + rows] = self._run(ids, mask)
            if self._companion is not None:
                part = slice(start, start + len(chunk))
                opinion = self._companion.predict(chunk) ** self.settings.companion_weight
                frame[part] = weigh_in(frame[part], opinion)
        return frame

    def _run(self, ids: np.ndarray, mask: np.ndarray) -> Floats:
        (logits,) = self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float32)


def _batches(posts: Sequence[list[int]]) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield row numbers, padded ids and their mask in batches of like length under the budget."""
    # ties go by content, so that the same posts make the same batches in whatever order they come
    order = sorted(range(len(posts)), key=lambda i: (len(posts[i]), posts[i]), reverse=True)
    while order:
        longest = len(posts[order[0]])
        size = max(1, TOKEN_BUDGET // longest)
        rows, order = order[:size], order[size:]
        ids = np.zeros((len(rows), longest), dtype=np.int64)
        mask = np.zeros_like(ids)  # by length: id 0 is padding in BERT, but a token in RoBERTa
        for place, row in enumerate(rows):
            ids[place, : len(posts[row])] = posts[row]
            mask[place, : len(posts[row])] = 1
        yield np.array(rows), ids, mask


def _read_calibrations(given: Mapping[str, Any], folder: Path) -> dict[str, Calibration]:
    try:
        return {script: Calibration.from_dict(values) for script, values in given.items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The calibration in {folder / SETTINGS_FILE} is damaged ({error!r}). Copy the whole"
            " folder again."
        ) from None


def _load_tokenizer(path: Path, max_tokens: int) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001  (the library raises bare Exception)
        raise ModelError(f"{path} is damaged ({error}). Copy the model folder again.") from None
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _load_session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(path),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=[SLOW_FUSION],
        )
    except Exception as error:  # noqa: BLE001  (its errors share no base class)
        raise ModelError(
            f"{path} cannot be loaded ({error}). Copy the model folder again."
        ) from None
