"""Work that is killed at chosen points: forks itself, and the fork dies at its k-th statement.

A program of its own, so that a fork never inherits the threads of the test process:
python -m tests.killing import|label|collect|backfill STORE INPUT SEED COUNT
The last two have no INPUT (any word does): they ask servers in a process of their own.
"""

import json
import os
import random
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event

from classifier.labelling import label_posts
from classifier.stance_classifier import StanceClassifier
from classifier.wiring import open_store
from collector import importing
from collector.coverage import read_islands
from collector.importing import import_archive
from collector.store import Store
from tests.stores import KEY

Work = Callable[[Store], object]
TIMES = {"collected_at", "labelled_at", "added_at", "forgotten_at"}
VOLATILE = {"run_id", "id", "post_id", *TIMES}
TABLES = ("posts", "labels", "daily", "daily_frame", "draws", "tombstones")


@contextmanager
def counting(die_at: int | None = None) -> Iterator[list[int]]:
    """Count statements and commits of any engine in a list of one; at `die_at` the process dies."""
    count = [0]

    def step(*_: Any) -> None:
        count[0] += 1
        if count[0] == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, step)
    try:
        yield count
    finally:
        for moment in ("before_cursor_execute", "commit"):
            event.remove(Engine, moment, step)


def run_here(work: Work, address: str) -> int:
    """Run `work` and return its statements; what it loads once, the forks need not load again."""
    with counting() as count:
        store = open_store(address, key=KEY)
        work(store)
        store.close()
    return count[0]


def run_forked(work: Work, address: str, die_at: int) -> bool:
    """Run `work` in a fork that kills itself before its `die_at`-th statement; return if it did."""
    child = os.fork()
    if child == 0:
        try:
            with counting(die_at):
                work(open_store(address, key=KEY))
            os._exit(0)
        except BaseException:  # noqa: BLE001  # a fork must end here, whatever happens, and not go on as its parent
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and status != 0:
        raise SystemExit(f"the work failed: {status}")
    return killed


def dump(path: Path) -> dict[str, list[list[Any]]]:
    """Return what a store holds and calls covered, without times of collection and row numbers."""
    engine = create_engine(f"sqlite:///{path}")
    tables = {}
    with engine.connect() as connection:
        for table in TABLES:
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()  # noqa: S608
            kept = [[v for k, v in sorted(row.items()) if k not in VOLATILE] for row in rows]
            tables[table] = sorted(([rounded(v) for v in row] for row in kept), key=repr)
        tables["covered"] = [[*row] for row in read_islands(connection)]
    engine.dispose()
    return tables


def rounded(value: Any) -> Any:
    """Sums of floats depend on the order in which batches came."""
    return round(value, 6) if isinstance(value, float) else value


def main() -> None:
    """Kill the work at COUNT seeded points, finish it, and compare with one left alone."""
    action, store, source, seed, count = sys.argv[1:]
    with choose_work(action, Path(source)) as work:
        kill_often(work, action, Path(store), Path(source), int(seed), int(count))


@contextmanager
def choose_work(action: str, source: Path) -> Iterator[Work]:
    """Yield what is to be killed."""
    if action == "import":
        importing.BATCH = 240  # as many transactions as 5,000 lines make by themselves
        yield lambda opened: import_archive(opened, source)
    elif action == "label":
        classifier = StanceClassifier.load(threads=1)  # with more it would have threads to lose
        yield lambda opened: label_posts(opened, classifier, batch_size=10)
    elif action == "backfill":
        from tests.stress.archive import backfilling

        with backfilling() as work:
            yield work
    else:
        from tests.stress.serving import collecting

        with collecting() as work:
            yield work


def kill_often(work: Work, action: str, folder: Path, source: Path, seed: int, count: int) -> None:
    """Kill the work at `count` seeded points and finish it each time."""

    def fresh(name: str) -> Path:
        path = folder / f"{name}.db"
        if action == "label":
            shutil.copy(source, path)
        return path

    calm = fresh("calm")
    statements = run_here(work, f"sqlite:///{calm}")
    expected = dump(calm)
    kills = 0
    for die_at in random.Random(seed).sample(range(1, statements + 1), count):  # noqa: S311
        path = fresh(f"killed-{die_at}")
        killed = run_forked(work, f"sqlite:///{path}", die_at)
        run_here(work, f"sqlite:///{path}")
        kills += killed
        if dump(path) != expected:
            raise SystemExit(f"killed at statement {die_at}: the store differs")
    rows = {table: len(found) for table, found in expected.items()}
    print(json.dumps({"kills": kills, "statements": statements, "rows": rows}))


if __name__ == "__main__":
    main()
