"""Events: dated facts that the charts mark on their time axis."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from config.errors import ConfigError

__all__ = ["Event", "load_events", "parse_events"]

COLUMNS = ("date", "country", "title", "link")
COUNTRIES = ("PK", "IN", "other")


@dataclass(frozen=True)
class Event:
    """One dated fact, worded as a court report would, with the page that reports it."""

    day: date
    country: str
    title: str
    link: str


@cache
def load_events() -> tuple[Event, ...]:
    """Return the shipped events, earliest first."""
    text = files("config").joinpath("events.csv").read_text(encoding="utf-8")
    return parse_events(text.splitlines())


def parse_events(lines: Iterable[str]) -> tuple[Event, ...]:
    """Return the events of a CSV, earliest first; raises ConfigError naming the line."""
    reader = csv.DictReader(lines)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ConfigError(f"The events need the columns {', '.join(COLUMNS)}, in this order.")
    events = [read_event(row, reader.line_num) for row in reader]
    return tuple(sorted(events, key=lambda event: event.day))


def read_event(row: dict[str, str], line: int) -> Event:
    """Return the event of one row; raises ConfigError that says what is wrong with it."""
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    try:
        day = date.fromisoformat(values["date"])
    except ValueError:
        raise ConfigError(
            f"Line {line} of the events: the date {values['date']!r} is not YYYY-MM-DD."
        ) from None
    if values["country"] not in COUNTRIES:
        raise ConfigError(f"Line {line} of the events: the country is one of {COUNTRIES}.")
    if not values["title"]:
        raise ConfigError(f"Line {line} of the events: the title is empty.")
    if not values["link"].startswith(("https://", "http://")):
        raise ConfigError(f"Line {line} of the events: the link is no web address.")
    return Event(day, values["country"], values["title"], values["link"])
