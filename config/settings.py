"""Settings: the shipped TOML, the operator's TOML over it, the environment over both."""

import os
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.errors import SettingsError

__all__ = ["Settings", "data_folder", "load_settings"]

PREFIX = "AWAAZ_"
CountryName = Literal["PK", "IN", "other", "unknown"]
Terms = Annotated[list[str], Field(min_length=1)]


class Section(BaseModel):
    """A table of the TOML; unknown keys are errors and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class StoreSettings(Section):
    """Where posts are kept."""

    url: str = Field(min_length=1, description="the store's address, as in sqlite:///awaaz.db")
    busy_timeout_s: float = Field(gt=0, le=3600, description="seconds that a writer waits")


class ModelSettings(Section):
    """Which model labels, and with how much of the machine."""

    live: str = Field(min_length=1, description='"shipped", or the folder of a trained model')
    threads: int = Field(ge=0, le=256, description="threads for labelling; 0: all cores but one")


class PrivacySettings(Section):
    """What is shown and for how long text is kept."""

    retention_days: int = Field(ge=1, le=3650, description="days after which text is deleted")
    show_real_posts: bool = Field(description="show real posts, masked, on the dashboard")
    forget_key_file: str = Field(min_length=1, description="file of the key for forgotten posts")


class DashboardSettings(Section):
    """How the dashboard is served."""

    port: int = Field(ge=1, le=65535, description="port of the dashboard on 127.0.0.1")
    invented: bool = Field(description="true where the store holds invented posts only")


class ScheduleSettings(Section):
    """How often the jobs of `awaaz run` take their turn."""

    x_minutes: float = Field(gt=0, description="minutes between two turns of X")
    reddit_minutes: float = Field(gt=0, description="minutes between two turns of Reddit")
    label_minutes: float = Field(gt=0, description="minutes between two turns of labelling")
    expire_hours: float = Field(gt=0, description="hours between two deletions of old text")


class PatienceSettings(Section):
    """How long one request to a platform is worth waiting for."""

    attempts: int = Field(ge=1, le=20, description="times that one request is put")
    first_wait_s: float = Field(ge=0, le=60, description="seconds at most after the first fault")
    longest_wait_s: float = Field(ge=0, le=600, description="seconds at most after any fault")
    longest_limit_minutes: float = Field(ge=0, le=60, description="rate limit that is waited for")


class XSettings(Section):
    """What is asked of X, and at what price."""

    enabled: bool = Field(description="collect from X")
    archive: bool = Field(description="search the full archive instead of the last seven days")
    endpoint: str = Field(description="where X's API answers; empty means X itself")
    timeout_s: float = Field(gt=0, le=600, description="seconds after which a request is given up")
    page_size: int = Field(ge=10, le=500, description="posts per request")
    window_hours: float = Field(gt=0, description="hours per window")
    windows_per_turn: int = Field(ge=1, description="windows filled per turn at most")
    price_per_post: float = Field(ge=0, description="US dollars per post read")
    price_per_user: float = Field(ge=0, description="US dollars per author that comes along")
    price_per_count: float = Field(ge=0, description="US dollars per request of a count")
    budget_dollars: float = Field(ge=0, description="US dollars per month; 0: no limit")
    budget_posts: int = Field(ge=0, description="posts read per month; 0: no limit")
    slice_minutes: float = Field(gt=0, description="minutes drawn or left out as a whole")
    queries: dict[str, Terms] = Field(min_length=1, description="groups of hashtags and phrases")


class RedditSettings(Section):
    """What is asked of Reddit."""

    enabled: bool = Field(description="collect from Reddit")
    endpoint: str = Field(description="where Reddit's API answers; empty means Reddit itself")
    timeout_s: float = Field(gt=0, le=600, description="seconds after which a request is given up")
    budget_posts: int = Field(ge=0, description="things read per month; 0: no limit")
    terms: Terms = Field(description="what a post or comment must contain to be kept")
    subreddits: dict[str, CountryName] = Field(
        min_length=1, description="subreddits and the country that they are of"
    )


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
        raise SettingsError(f"A setting from the environment cannot be read: {error}.") from None


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
            f"The configuration {path} cannot be read ({error.strerror}). Check --config."
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
        lines.append(f"  {key}: {problem['msg']}" + (f" ({meaning})" if meaning else ""))
    lines.append("config/awaaz.toml lists every key with its unit and default.")
    return "\n".join(lines)


def meaning_of(location: tuple[int | str, ...]) -> str:
    """Return what the key at `location` means, empty for an unknown key."""
    section = Settings.model_fields.get(str(location[0]))
    if section is None or len(location) == 1:
        return ""
    fields: dict[str, FieldInfo] = getattr(section.annotation, "model_fields", {})
    key = fields.get(str(location[1]))
    return (key.description or "") if key else ""
