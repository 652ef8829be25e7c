"""What a model folder holds, and where the shipped one is."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from classifier.errors import ModelError

__all__ = [
    "MODEL_FILE",
    "SETTINGS_FILE",
    "TOKENIZER_FILE",
    "ModelSettings",
    "name_version",
    "read_settings",
    "shipped_model",
]

SHIPPED = "metoo-minilm-v2"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = "settings.json"


@dataclass(frozen=True)
class ModelSettings:
    """The contents of settings.json."""

    name: str
    version: str
    base: str
    data_hash: str
    codebook: str
    max_tokens: int
    frames: tuple[str, ...]
    calibration: dict[str, dict[str, Any]] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    date: str = ""
    companion_weight: float = 0.0
    """Exponent of the companion's opinion beside the encoder's; 0: the folder has no companion."""

    def write(self, folder: Path) -> None:
        """Write settings.json into a folder."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        (folder / SETTINGS_FILE).write_text(text + "\n", encoding="utf-8")


def shipped_model() -> Path:
    """The folder of the model that comes with the program."""
    return Path(str(files("classifier").joinpath("models", SHIPPED)))


def read_settings(folder: Path) -> ModelSettings:
    """Read settings.json; ModelError where the folder is no model."""
    if not folder.is_dir():
        raise ModelError(
            f"There is no model folder at {folder}. Name a folder that training wrote, "
            "or leave the path out to use the shipped model."
        )
    missing = [n for n in (MODEL_FILE, TOKENIZER_FILE, SETTINGS_FILE) if not (folder / n).is_file()]
    if missing:
        raise ModelError(
            f"The model folder {folder} lacks {', '.join(missing)}. Copy the whole folder again."
        )
    try:
        values = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        values["frames"] = tuple(values["frames"])
        values["max_tokens"] = int(values["max_tokens"])
        return ModelSettings(**values)
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"{folder / SETTINGS_FILE} is damaged ({error}). Copy the whole folder again."
        ) from None


def name_version(name: str, weights: Path, data_hash: str) -> str:
    """Name a model by its weights and data: labels of two models must not bear one version."""
    digest = hashlib.sha256(weights.read_bytes() + data_hash.encode()).hexdigest()
    return f"{name}-{digest[:8]}"
