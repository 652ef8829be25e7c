"""Money: what a source may spend in a month, reserved before each request and settled after it.

A reservation is committed before the request leaves, so that a process killed in between leaves
it standing: what may have been charged counts as spent, and the budget holds whatever happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select, update

from collector.errors import BudgetSpent, NoRoom
from collector.limits_schema import spending
from collector.store import Store, insert_new

__all__ = ["Bound", "Budget", "Charge", "Purse", "month_of", "read_spent", "to_micros"]

MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Charge:
    """Posts read and millionths of a dollar."""

    posts: int = 0
    micros: int = 0

    def __add__(self, other: "Charge") -> "Charge":
        return Charge(self.posts + other.posts, self.micros + other.micros)

    def __sub__(self, other: "Charge") -> "Charge":
        return Charge(self.posts - other.posts, self.micros - other.micros)

    @property
    def dollars(self) -> float:
        """The money in US dollars."""
        return self.micros / MICROS


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one source and UTC month; 0 means none of this kind."""

    posts: int = 0
    dollars: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.posts or self.dollars)

    def has_room(self, spent: Charge) -> bool:
        """Say whether `spent` is within the limits."""
        return (not self.posts or spent.posts <= self.posts) and (
            not self.dollars or spent.micros <= to_micros(self.dollars)
        )


@dataclass(frozen=True, slots=True)
class Bound:
    """Posts that may still be stored, whatever they cost; counted anew before each request."""

    count: Callable[[Connection], int | None]
    """None: any number."""
    advice: str
    """What to do when there are none left."""


class Purse:
    """Pays for the requests of one source, one at a time; `most` is what one may cost.

    `advice` says what to do when it is spent, where that is not to raise the source's budget.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        budget: Budget,
        most: Charge,
        clock: Callable[[], datetime],
        advice: str = "",
        bound: Bound | None = None,
    ) -> None:
        self._store = store
        self._source = source
        self._budget = budget
        self._clock = clock
        self._advice = advice
        self._bound = bound
        self._month = ""
        self._reserved: Charge | None = None
        self.most = most

    def check(self, connection: Connection) -> None:
        """Raise BudgetSpent where one more request is not paid for, NoRoom where none may be."""
        if self._bound is not None:
            room = self._bound.count(connection)
            if room is not None and room < self.most.posts:
                raise NoRoom(f"{self._source} is not read further. {self._bound.advice}")
        spent = read_spent(connection, self._source, self._clock())
        if self._budget and not self._budget.has_room(spent + self.most):
            raise BudgetSpent(self._explain(spent))

    def reserve(self) -> None:
        """Set aside what one request may cost; raises BudgetSpent and then sets nothing aside."""
        if self.most == Charge():
            return
        self._reserved = None  # one that was not settled stays spent
        with self._store.writing() as connection:
            self.check(connection)
            self._month = month_of(self._clock())
            self._add(connection, self.most)
        self._reserved = self.most

    def settle(self, connection: Connection, charge: Charge) -> None:
        """Put the true charge in the place of what was set aside, in the caller's transaction."""
        if self._reserved is not None:
            self._add(connection, charge - self._reserved)
            self._reserved = None

    def release(self) -> None:
        """Take back what was set aside for a request that was refused uncharged."""
        if self._reserved is not None:
            with self._store.writing() as connection:
                self.settle(connection, Charge())

    def _add(self, connection: Connection, charge: Charge) -> None:
        key = {"source": self._source, "month": self._month}
        insert_new(connection, spending, [{**key, "posts": 0, "micros": 0}])
        grown = {
            "posts": spending.c.posts + charge.posts,
            "micros": spending.c.micros + charge.micros,
        }
        row = (spending.c.source == self._source) & (spending.c.month == self._month)
        connection.execute(update(spending).where(row).values(grown))

    def _explain(self, spent: Charge) -> str:
        budget = f"${self._budget.dollars:,.2f}" if self._budget.dollars else "no limit in dollars"
        kinds = {"budget_dollars": self._budget.dollars, "budget_posts": self._budget.posts}
        keys = [f"{self._source}.{kind}" for kind, limit in kinds.items() if limit]
        limit = f"{self._budget.posts:,} posts" if self._budget.posts else "no limit in posts"
        advice = self._advice or f"Raise {' or '.join(keys)}, or wait for the next month."
        return (
            f"The budget of {self._source} for {month_of(self._clock())} ({budget}, {limit}) does "
            f"not pay for one more request: ${spent.dollars:,.2f} and {spent.posts:,} posts are "
            f"spent, and a request may cost ${self.most.dollars:,.2f} and {self.most.posts} posts. "
            f"{advice}"
        )


def read_spent(connection: Connection, source: str, now: datetime) -> Charge:
    """Return what a source has spent or set aside in the month of `now`."""
    query = select(spending.c.posts, spending.c.micros).where(
        spending.c.source == source, spending.c.month == month_of(now)
    )
    row = connection.execute(query).one_or_none()
    return Charge(*row) if row else Charge()


def month_of(now: datetime) -> str:
    """Return the UTC month, as in 2026-01."""
    return f"{now.astimezone(UTC):%Y-%m}"


def to_micros(dollars: float) -> int:
    """Return millionths of a dollar."""
    return round(dollars * MICROS)
