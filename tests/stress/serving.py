"""Both platforms in a process of their own, for collections that are killed.

python -m tests.stress.serving: writes where they listen, and serves until its input ends.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from collector.budget import Budget
from collector.collecting import Plan, collect_source
from collector.sources.reddit import RedditSource
from collector.sources.x import XSource
from collector.store import Store
from tests.conftest import ROOT
from tests.servers.reddit_server import CLIENT_ID, CLIENT_SECRET
from tests.stress.world import DAY, HOUR, START, TAGS, TOKEN, World

NOW = START + 3 * DAY
SEED = 9


def serve() -> None:
    """Serve three invented days until standard input ends."""
    with World(SEED) as world:
        world.turn_clock(NOW)
        print(json.dumps({"x": world.x.url, "reddit": world.reddit.url}), flush=True)
        sys.stdin.read()


@contextmanager
def collecting() -> Iterator[Callable[[Store], None]]:
    """Yield a turn at both platforms, which are there as long as the context is."""
    command = [sys.executable, "-m", "tests.stress.serving"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        urls = json.loads(process.stdout.readline())
        yield lambda store: collect(store, urls["x"], urls["reddit"])
        process.stdin.close()


def collect(store: Store, x_url: str, reddit_url: str) -> None:
    """Take one turn at both platforms, on a clock that stands still."""
    groups = {"latin": [TAGS[0]], "urdu": [TAGS[1]]}
    x = XSource(bearer_token=TOKEN, queries=groups, endpoint=x_url, page_size=10, clock=lambda: NOW)
    ample = Budget(dollars=1000)
    plan = Plan(36 * HOUR, 16, 0.005, budget=ample, slice=6 * HOUR, clock=lambda: NOW)
    collected = collect_source(store, x, plan)
    reddit = RedditSource(
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        user_agent="awaaz tests",
        subreddits=["pakistan"],
        terms=list(TAGS),
        endpoint=reddit_url,
        pace_s=0.0,
        clock=lambda: NOW,
    )
    stops = collected.stops + collect_source(store, reddit, Plan(None, clock=lambda: NOW)).stops
    if stops:
        raise SystemExit(f"the platforms refused: {stops}")


if __name__ == "__main__":
    serve()
