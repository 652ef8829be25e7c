"""How a source is asked, and one turn of asking it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import SystemRandom

from collector.asking import Asker, Patience, go_on
from collector.budget import Bound, Budget, Charge, Purse, to_micros
from collector.holds import Period
from collector.post import Country
from collector.posts import Tally
from collector.runs import utc_now
from collector.sources.protocol import Source, Window
from collector.store import Store
from collector.upkeep import Upkeep, count_room

__all__ = ["Collected", "Plan", "Turn", "begin_turn", "find_room"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a source is asked; `window` None is for newest-first listings (see `plan_windows`)."""

    window: timedelta | None
    windows_per_turn: int = 16
    price_per_read: float = 0.0
    price_per_user: float = 0.0
    communities: Mapping[str, Country] = field(default_factory=dict)
    patience: Patience = Patience()
    period: Period = "month"
    """After which the platform counts anew what it gives."""
    budget: Budget = Budget()
    upkeep: Upkeep | None = None
    """How many posts can be kept checked; collecting shrinks to it."""
    price_per_count: float = 0.0
    slice: timedelta = timedelta(hours=1)
    """What is drawn or left out as a whole where the budget does not pay for everything."""
    chance: Callable[[], float] = SystemRandom().random
    clock: Callable[[], datetime] = utc_now

    def charge(self, reads: int, users: int) -> Charge:
        """Return what so many posts and authors cost."""
        read, user = to_micros(self.price_per_read), to_micros(self.price_per_user)
        return Charge(reads, reads * read + users * user)


@dataclass(slots=True)
class Collected:
    """What one turn of a source brought, and what stopped it if anything did."""

    source: str
    tally: Tally = Tally()
    runs: int = 0
    fetched: int = 0
    cost: float = 0.0
    stops: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Turn:
    """One turn of a source: what it works with, and what it has brought so far."""

    store: Store
    source: Source
    plan: Plan
    collected: Collected
    asker: Asker
    purse: Purse
    room: int | None
    """Posts that may still be read, where no more could be kept checked; None: any number."""
    counting: Asker
    """Asks how many posts there are, which has a price of its own."""
    on_page: Callable[[Collected], None] | None = None
    within: Window | None = None
    """Set where a span of the past is fetched instead of what is owed now."""
    probability: float | None = None
    """With which slices are drawn; worked out where first needed."""

    @property
    def limited(self) -> bool:
        """Whether slices are drawn: money or room may not do for all of them."""
        return bool(self.plan.budget) or self.room is not None


def begin_turn(
    store: Store,
    source: Source,
    plan: Plan,
    on_page: Callable[[Collected], None] | None = None,
    check: Callable[[], None] = go_on,
    within: Window | None = None,
) -> Turn:
    """Return a turn about to begin."""
    room = find_room(store, source, plan)
    free = room is None and not (plan.budget or plan.price_per_read or plan.price_per_user)
    most = Charge() if free else plan.charge(source.page_size, source.page_size)
    bound = None
    if (upkeep := plan.upkeep) is not None:
        bound = Bound(lambda c: count_room(c, source.name, upkeep), upkeep.advice)
    purse = Purse(store, source.name, plan.budget, most, plan.clock, bound=bound)
    count = Charge(0, to_micros(plan.price_per_count))
    counted = Purse(store, source.name, plan.budget, count, plan.clock)
    asker = Asker(plan.patience, plan.clock, check, purse)
    counting = Asker(plan.patience, plan.clock, check, counted)
    collected = Collected(source.name)
    return Turn(store, source, plan, collected, asker, purse, room, counting, on_page, within)


def find_room(store: Store, source: Source, plan: Plan) -> int | None:
    """Return how many posts a turn may read lest some could not be kept checked."""
    if plan.upkeep is None:
        return None
    with store.reading() as connection:
        return count_room(connection, source.name, plan.upkeep)
