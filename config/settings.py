"""Settings: the shipped TOML, the operator's TOML over it, the environment over both."""

import os
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.errors import SettingsError
from config.sections import (
    ArcticShiftSettings,
    ComplianceSettings,
    DashboardSettings,
    ModelSettings,
    PatienceSettings,
    PrivacySettings,
    RedditSettings,
    ScheduleSettings,
    StoreSettings,
    WatchSettings,
    XSettings,
)

__all__ = ["Settings", "data_folder", "load_settings"]

PREFIX = "AWAAZ_"


class Settings(BaseSettings):
    """Every setting, read once and passed on."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    store: StoreSettings
    model: ModelSettings
    privacy: PrivacySettings
    dashboard: DashboardSettings
    schedule: ScheduleSettings
    patience: PatienceSettings
    x: XSettings
    reddit: RedditSettings
    arctic_shift: ArcticShiftSettings
    watch: WatchSettings
    compliance: ComplianceSettings

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take nothing but the tables given: `load_settings` lays the environment over them."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @property
    def store_url(self) -> str:
        """The store's address with the data folder filled in."""
        return self.store.url.replace("{data}", data_folder().as_posix())

    @property
    def forget_key_path(self) -> Path:
        """The file of the key for forgotten posts with the data folder filled in."""
        return Path(self.privacy.forget_key_file.replace("{data}", data_folder().as_posix()))

    @property
    def health_path(self) -> Path | None:
        """The health file with the data folder filled in; None where there is to be none."""
        named = self.watch.health_file.replace("{data}", data_folder().as_posix())
        return Path(named) if named else None


def data_folder() -> Path:
    """Return the folder of awaaz's own data: AWAAZ_DATA, or the system's place for it."""
    named = os.environ.get("AWAAZ_DATA")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("awaaz"))


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings; raises SettingsError that names the key and what it means."""
    named = path or (Path(os.environ["AWAAZ_CONFIG"]) if os.environ.get("AWAAZ_CONFIG") else None)
    tables = dict(shipped_tables())
    if named is not None:
        tables = merge_tables(tables, read_tables(named))
    refuse_unknown_variables()
    environment = EnvSettingsSource(Settings, env_prefix=PREFIX, env_nested_delimiter="__")
    try:
        return Settings(**merge_tables(tables, environment()))
    except ValidationError as error:
        raise SettingsError(explain(error, named)) from None
    except ValueError as error:  # the environment's JSON
        raise SettingsError(
            f"{find_unreadable(error)} cannot be read: lists and tables are written there as JSON,"
            """ as in AWAAZ_REDDIT__TERMS='["#MeToo", "metoo"]'."""
        ) from None


def find_unreadable(error: ValueError) -> str:
    """Return the variable whose JSON cannot be read; the library names its section alone."""
    value = getattr(error.__cause__, "doc", None)
    named = [name for name in os.environ if name.upper().startswith(PREFIX)]
    found = (f"The environment variable {name}" for name in named if os.environ[name] == value)
    return next(found, "A setting from the environment")


@cache
def shipped_tables() -> Mapping[str, Any]:
    """Return the tables of the shipped TOML."""
    return tomllib.loads(files("config").joinpath("awaaz.toml").read_text(encoding="utf-8"))


def read_tables(path: Path) -> dict[str, Any]:
    """Return the tables of an operator's TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"The configuration {path} cannot be read ({error.strerror}). Check --config or"
            " AWAAZ_CONFIG."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The configuration {path} is not TOML: {error}.") from None


def merge_tables(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay `over` on `under` key by key; a key's value is replaced whole, never mixed."""
    merged = dict(under)
    for name, table in over.items():
        both = isinstance(table, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = {**merged[name], **table} if both else table
    return merged


def refuse_unknown_variables() -> None:
    """Raise SettingsError for a variable like AWAAZ_STOER__URL that would be ignored."""
    for variable in os.environ:
        section, divider, key = variable.upper().removeprefix(PREFIX).partition("__")
        if not (divider and variable.upper().startswith(PREFIX)):
            continue
        if key.lower().split("__")[0] not in shipped_tables().get(section.lower(), {}):
            known = ", ".join(f"{PREFIX}{name.upper()}__..." for name in shipped_tables())
            raise SettingsError(
                f"The environment variable {variable} is not a setting. Sections: {known}."
            )


def explain(error: ValidationError, path: Path | None) -> str:
    """Say which keys are wrong, what they mean, and what was expected."""
    lines = [f"The configuration {path or 'of awaaz'} has settings that cannot be used:"]
    for problem in error.errors():
        key = ".".join(str(part) for part in problem["loc"])
        meaning = meaning_of(problem["loc"])
        says = problem["msg"]
        if problem["type"] == "extra_forbidden":
            says, meaning = f"is not a setting{nearest(problem['loc'])}", ""
        lines.append(f"  {key}: {says}" + (f" ({meaning})" if meaning else ""))
    lines.append("config/awaaz.toml lists every key with its unit and default.")
    return "\n".join(lines)


def nearest(location: tuple[int | str, ...]) -> str:
    """Return the setting whose name is nearest to one that does not exist, with its meaning."""
    section = shipped_tables().get(str(location[0]))
    names = section if len(location) > 1 and section is not None else shipped_tables()
    near = get_close_matches(str(location[-1]), names, n=1)
    if not near:
        return ""
    full = (*location[:-1], near[0])
    meaning = meaning_of(full)
    return f"; did you mean {'.'.join(map(str, full))}?" + (f" It is {meaning}." if meaning else "")


def meaning_of(location: tuple[int | str, ...]) -> str:
    """Return what the key at `location` means, empty for an unknown key."""
    section = Settings.model_fields.get(str(location[0]))
    if section is None or len(location) == 1:
        return ""
    fields: dict[str, FieldInfo] = getattr(section.annotation, "model_fields", {})
    key = fields.get(str(location[1]))
    return (key.description or "") if key else ""
