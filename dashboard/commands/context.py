"""What the commands share: settings, the store, and the model."""

# Everything heavy is imported inside the commands: `awaaz --help` must answer at once.
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING

from classifier.errors import ClassifierError
from collector.errors import CollectorError
from config.errors import ConfigError
from dashboard.errors import DashboardError

if TYPE_CHECKING:
    from classifier.stance_classifier import StanceClassifier
    from collector.store import Store
    from config.settings import Settings

OURS = (ConfigError, CollectorError, ClassifierError, DashboardError)
"""Errors whose message is a sentence of ours, fit for a terminal and for a log."""

chosen_config: Path | None = None


def choose_config(path: Path | None) -> None:
    """Remember the TOML that every command of this call reads."""
    global chosen_config  # noqa: PLW0603  # typer hands it to a callback; commands read it once
    chosen_config = path


def settings_now() -> "Settings":
    """Return the settings of this call."""
    from config.settings import load_settings

    return load_settings(chosen_config)


def open_writable(settings: "Settings") -> "Store":
    """Open the store with the key that writing posts needs."""
    from classifier.wiring import open_store
    from collector.key_choice import choose_key
    from config.secrets import load_secrets

    secret = load_secrets().forget_key
    given = secret.get_secret_value() if secret else None
    key = choose_key(given, settings.forget_key_path, settings.store_url)
    return open_store(settings.store_url, key=key, busy_timeout_s=settings.store.busy_timeout_s)


def open_readable(settings: "Settings") -> "Store":
    """Open the store without the key."""
    from classifier.wiring import open_store

    return open_store(settings.store_url, busy_timeout_s=settings.store.busy_timeout_s)


def open_existing(settings: "Settings") -> "Store | None":
    """Open the store without the key, or return None where there is none yet."""
    from collector.database import parse_address

    address = parse_address(settings.store_url)
    file = address.database
    if address.get_backend_name() == "sqlite" and not (file and Path(file).is_file()):
        return None
    return open_readable(settings)


def open_present(settings: "Settings") -> "Store":
    """Open the store without the key; NoStoreError where there is none, so that none is made."""
    from collector.database import parse_address
    from collector.errors import NoStoreError

    store = open_existing(settings)
    if store is None:
        place = parse_address(settings.store_url).database
        raise NoStoreError(
            f"There is no store at {place} yet. `awaaz import` and"
            " `awaaz collect` make it; if it should be there, see store.url in the settings."
        )
    return store


def find_model_folder(settings: "Settings", model: str | None = None) -> Path:
    """Return the folder of the live model, or of the one named."""
    from classifier.model_choice import choose_folder

    store = open_existing(settings)
    if store is None:
        return choose_folder(None, model, settings.model.live)
    with store.reading() as connection:
        folder = choose_folder(connection, model, settings.model.live)
    store.close()
    return folder


def open_classifier(settings: "Settings", model: str | None = None) -> "StanceClassifier":
    """Load the live model, or the one named."""
    from classifier.stance_classifier import StanceClassifier

    folder = find_model_folder(settings, model)
    return StanceClassifier.load(folder, threads=settings.model.threads or None)
