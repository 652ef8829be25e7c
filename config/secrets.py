"""Secrets: from the environment or a .env file, never from the TOML, never printed."""

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["Secrets", "load_secrets"]


class Secrets(BaseSettings):
    """The credentials that are there; those that are not are None."""

    model_config = SettingsConfigDict(
        env_prefix="AWAAZ_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    x_bearer_token: SecretStr | None = None
    reddit_client_id: SecretStr | None = None
    reddit_client_secret: SecretStr | None = None
    reddit_user_agent: str = "python:awaaz:v0.1 (stance monitor; no author data kept)"
    forget_key: SecretStr | None = None


def load_secrets() -> Secrets:
    """Return the credentials of the environment and of .env in the working directory."""
    return Secrets()
