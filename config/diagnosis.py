"""What `awaaz doctor` says of the settings themselves."""

from collections.abc import Iterator

from config.findings import Finding
from config.secrets import find_misspelt

__all__ = ["diagnose_settings"]


def diagnose_settings(source: str) -> Iterator[Finding]:
    """Yield where the settings come from, and what is set in the environment in vain."""
    yield Finding("settings", "good", f"Read from {source} and the environment.")
    for name, near in find_misspelt().items():
        advice = f"Rename it to {near}." if near else "Remove it."
        yield Finding("environment", "fault", f"Nothing reads {name}.", advice)
