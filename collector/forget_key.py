"""The key that tombstones are written with; without it a tombstone tells nothing."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from collector.errors import ForgetKeyError

__all__ = ["ForgetKey", "read_or_make_key"]

LEAST = 16
"""Characters of a key, at the least."""


class ForgetKey:
    """Hashes ids so that a forgotten post is known again without its id being kept."""

    def __init__(self, secret: str) -> None:
        if len(secret) < LEAST:
            raise ForgetKeyError(
                "AWAAZ_FORGET_KEY is too short to keep anything secret. Give at least"
                f" {LEAST} characters (python -c 'import secrets; print(secrets.token_hex(32))')."
            )
        self._key = hashlib.blake2b(secret.encode(), digest_size=32).digest()

    def hash_post(self, platform: str, native_id: str) -> str:
        """Return the keyed hash of a post's id."""
        return self._hash(f"post\n{platform}\n{native_id}")

    def hash_author(self, platform: str, name: str) -> str:
        """Return the keyed hash of an author's name, whatever its case."""
        return self._hash(f"author\n{platform}\n{name.casefold()}")

    @property
    def check(self) -> str:
        """A value by which a store tells that the key is still the same."""
        return self._hash("check")

    def _hash(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=24).hexdigest()


def read_or_make_key(secret: str | None, path: Path) -> ForgetKey:
    """Return the key given, else the one in `path`, made (mode 600) where it is missing."""
    if secret is not None:
        return ForgetKey(secret)
    try:
        return ForgetKey(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return ForgetKey(make_key_file(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ForgetKeyError(
            f"The key file {path} cannot be read ({type(error).__name__}). Mend its permissions,"
            " restore it from a backup, or set AWAAZ_FORGET_KEY."
        ) from None


def make_key_file(path: Path) -> str:
    """Write a new key to `path`, readable by its owner alone; return the key that lies there."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
        with suppress(FileExistsError):  # another process was first: its key counts
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        raise ForgetKeyError(
            f"The key file {path} cannot be written ({error.strerror}). Set AWAAZ_FORGET_KEY."
        ) from None
    return path.read_text(encoding="ascii").strip()
