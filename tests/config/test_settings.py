"""Settings: one TOML, keys that are wrong are named with their meaning, and no secret is told."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from config.errors import SettingsError
from config.secrets import load_secrets
from config.sections import Section
from config.settings import Settings, data_folder, load_settings


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_settings_are_whole_and_careful() -> None:
    settings = load_settings()
    assert not settings.privacy.show_real_posts
    assert settings.privacy.retention_days <= 3650
    assert {"latin", "devanagari", "urdu"} <= set(settings.x.queries)
    assert {"PK", "IN"} <= set(settings.reddit.subreddits.values())


def test_every_setting_has_a_meaning_and_a_comment() -> None:
    text = (Path(__file__).parents[2] / "config" / "awaaz.toml").read_text(encoding="utf-8")
    for name, section in Settings.model_fields.items():
        kind: Any = section.annotation
        assert issubclass(kind, Section)
        for key, field in kind.model_fields.items():
            assert field.description, f"{name}.{key}"
            assert key in text


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        load_settings().privacy.show_real_posts = True


def test_a_file_replaces_only_its_keys(tmp_path: Path) -> None:
    path = write(tmp_path, '[privacy]\nretention_days = 30\n[x.queries]\nmine = ["#MeToo"]\n')
    settings = load_settings(path)
    assert settings.privacy.retention_days == 30
    assert not settings.privacy.show_real_posts
    assert settings.x.queries == {"mine": ["#MeToo"]}


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, '[store]\nurl = "sqlite:///mine.db"\n')
    monkeypatch.setenv("AWAAZ_CONFIG", str(path))
    assert load_settings().store_url == "sqlite:///mine.db"
    monkeypatch.setenv("AWAAZ_STORE__URL", "sqlite:///other.db")
    assert load_settings().store_url == "sqlite:///other.db"
    monkeypatch.setenv("AWAAZ_PRIVACY__SHOW_REAL_POSTS", "true")
    monkeypatch.setenv("AWAAZ_REDDIT__SUBREDDITS", '{"lahore": "PK"}')
    assert load_settings().privacy.show_real_posts
    assert load_settings().reddit.subreddits == {"lahore": "PK"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[store]\nurll = 'x'\n", "store.urll"),
        ("[stores]\nurl = 'x'\n", "stores"),
        ("[privacy]\nretention_days = 'long'\n", "days after which text is deleted"),
        ("[privacy]\nretention_days = 0\n", "privacy.retention_days"),
        ("[reddit.subreddits]\nlahore = 'Pakistan'\n", "reddit.subreddits"),
        ("[x]\npage_size = 5000\n", "posts per request"),
        ("[store\n", "is not TOML"),
        ("store = 1\n", "store"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told.replace(".", r"\.")):
        load_settings(write(tmp_path, text))


def test_a_misspelt_variable_is_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWAAZ_STOER__URL", "sqlite:///x.db")
    with pytest.raises(SettingsError, match="AWAAZ_STOER__URL"):
        load_settings()


def test_broken_json_in_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWAAZ_REDDIT__TERMS", "[not json")
    with pytest.raises(SettingsError, match=r"AWAAZ_REDDIT__TERMS cannot be read.* JSON") as told:
        load_settings()
    assert "[not json" not in str(told.value), "it may hold what nobody should see"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--config"):
        load_settings(tmp_path / "nowhere.toml")


def test_the_data_folder_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWAAZ_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    assert load_settings().store_url == f"sqlite:///{tmp_path}/awaaz.db"
    assert load_settings().forget_key_path == tmp_path / "forget.key"


def test_secrets_come_from_env_files_and_do_not_print(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("AWAAZ_X_BEARER_TOKEN=from-the-file\nOTHER=1\n")
    secrets = load_secrets()
    assert secrets.x_bearer_token is not None
    assert secrets.x_bearer_token.get_secret_value() == "from-the-file"
    assert "from-the-file" not in repr(secrets)
    monkeypatch.setenv("AWAAZ_X_BEARER_TOKEN", "from-the-environment")
    token = load_secrets().x_bearer_token
    assert token is not None
    assert token.get_secret_value() == "from-the-environment"
