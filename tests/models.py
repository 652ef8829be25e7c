"""Models for tests: the shipped one under another name, made worse where that is asked for."""

import json
import shutil
from pathlib import Path

from classifier.model_folder import SETTINGS_FILE, shipped_model


def copy_model(folder: Path, version: str, *, blind: bool = False, **changes: object) -> Path:
    """Copy the shipped model to `folder`; a blind one takes every post for `none`."""
    shutil.copytree(shipped_model(), folder)
    path = folder / SETTINGS_FILE
    values = json.loads(path.read_text(encoding="utf-8")) | {"version": version} | changes
    if blind:
        values["calibration"] = {"default": {"scale": 1, "bias": [0, 0, 0, 50]}}
    path.write_text(json.dumps(values), encoding="utf-8")
    return folder
