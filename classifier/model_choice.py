"""Which folder a model's name stands for: a version of the registry, a folder, or `shipped`."""

from pathlib import Path

from sqlalchemy import Connection

from classifier.errors import ModelError
from classifier.model_folder import read_settings, shipped_model
from classifier.registry import find_model, live_model

__all__ = ["choose_folder"]

SHIPPED, LIVE = "shipped", "live"


def choose_folder(connection: Connection | None, name: str | None, first: str) -> Path:
    """Return the folder of the model named; None or `live` is the live one.

    `first` is what a store begins with (the setting model.live: `shipped` or a folder), until a
    model is promoted. Without a connection there is no registry to look into. Raises ModelError
    where the name stands for nothing, or where the weights of a version are gone.
    """
    beginning = shipped_model() if first == SHIPPED else Path(first)
    if name in (None, LIVE):
        version = live_model(connection) if connection is not None else None
        model = find_model(connection, version) if connection is not None and version else None
        if model is None or not model.folder:
            return beginning
        return _folder_of_version(connection, model.version, beginning)
    if name == SHIPPED:
        return shipped_model()
    if name and Path(name).is_dir():
        return Path(name)
    return _folder_of_version(connection, name or "", beginning)


def _folder_of_version(connection: Connection | None, version: str, beginning: Path) -> Path:
    for folder in (beginning, shipped_model()):
        if folder.is_dir() and read_settings(folder).version == version:
            return folder
    model = find_model(connection, version) if connection is not None else None
    if model is None:
        raise ModelError(
            f"There is no model {version}: no folder of that name, and no version that"
            " `awaaz models list` shows. Name one of those, or `shipped`."
        )
    if not model.folder or not Path(model.folder).is_dir():
        raise ModelError(
            f"The weights of {version} are no longer at {model.folder or beginning}; its labels"
            " stay. Put the folder back, or promote another model: awaaz models promote shipped"
            ' --anyway "weights lost"'
        )
    return Path(model.folder)
