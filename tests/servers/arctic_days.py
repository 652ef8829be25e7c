"""An archive of four invented days; it imports little, since every test waits for it to start.

python -m tests.servers.arctic_days: writes where it listens, and serves until its input ends.
"""

import sys
from datetime import UTC, datetime, timedelta

from tests.servers.arctic_server import ArcticServer

START, END = datetime(2018, 10, 1, tzinfo=UTC), datetime(2018, 10, 5, tzinfo=UTC)
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def serve() -> None:
    """Serve posts, some of them gone later, until standard input ends."""
    with ArcticServer(clock=lambda: NOW) as server:
        for n in range(15):
            at = START + n * timedelta(hours=6, minutes=1)
            name = server.comment("pakistan", f"I believe her, {n}. #MeToo", at)
            server.submit("pakistan", f"Number {n} #MeToo", at, "What do you think?")
            if n % 5 == 0:
                server.mark_deleted(name)
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve()
