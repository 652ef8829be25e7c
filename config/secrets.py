"""Secrets: from the environment or a .env file, never from the TOML, never printed."""

import os
from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.settings import PREFIX

__all__ = ["Secrets", "find_misspelt", "load_secrets"]

OTHERS = frozenset({"CONFIG", "DATA"})
"""What else is read from the environment beside secrets and sections (`SECTION__KEY`)."""


class Secrets(BaseSettings):
    """The credentials that are there; those that are not are None."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    x_bearer_token: SecretStr | None = None
    reddit_client_id: SecretStr | None = None
    reddit_client_secret: SecretStr | None = None
    reddit_user_agent: str = "python:awaaz:v0.1 (stance monitor; no author data kept)"
    forget_key: SecretStr | None = None
    smtp_password: SecretStr | None = None
    webhook_url: SecretStr | None = None

    def values(self) -> list[str]:
        """Return what must never be written anywhere, for the log to cut it out."""
        held = (getattr(self, name) for name in type(self).model_fields)
        return [one.get_secret_value() for one in held if isinstance(one, SecretStr)]


def load_secrets() -> Secrets:
    """Return the credentials of the environment and of .env in the working directory."""
    return Secrets()


def find_misspelt() -> dict[str, str]:
    """Names in the environment or .env that nothing reads, each with the name likely meant."""
    known = [f"{PREFIX}{name.upper()}" for name in (*Secrets.model_fields, *OTHERS)]
    given = {*os.environ, *(dotenv_values(".env") if Path(".env").is_file() else {})}
    return {
        name: next(iter(get_close_matches(name.upper(), known, n=1)), "")
        for name in sorted(given)
        if name.upper().startswith(PREFIX) and "__" not in name and name.upper() not in known
    }
