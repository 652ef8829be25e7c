"""Ctrl-C in the middle of a transaction: it is kept whole, and then the program ends."""

import signal
import threading

import pytest

from collector.interrupts import hold_interrupts
from collector.schema import notes
from collector.store import Store, insert_new


def ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def names(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.scalars(notes.select()))


def write_and_interrupt(store: Store) -> None:
    with store.writing() as connection:
        insert_new(connection, notes, [{"name": "one", "value": "1"}])
        ctrl_c()
        insert_new(connection, notes, [{"name": "two", "value": "2"}])


def test_a_transaction_is_whole_and_another_can_follow(store: Store) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_and_interrupt(store)
    assert names(store) >= {"one", "two"}
    with store.writing(patience_s=0.1) as connection:
        insert_new(connection, notes, [{"name": "three", "value": "3"}])
    assert "three" in names(store)


def interrupt_twice() -> None:
    with hold_interrupts():
        ctrl_c()
        ctrl_c()
        pytest.fail("the second one was held as well")


def test_the_second_does_not_wait() -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt_twice()


def interrupt_within(done: list[int]) -> None:
    with hold_interrupts():
        with hold_interrupts():
            ctrl_c()
            done.append(1)
        done.append(2)


def test_blocks_within_blocks_end_first() -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        interrupt_within(done)
    assert done == [1, 2]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_other_threads_are_left_as_they_are() -> None:
    heard: list[object] = []

    def work() -> None:
        with hold_interrupts():
            heard.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert heard == [signal.default_int_handler]
