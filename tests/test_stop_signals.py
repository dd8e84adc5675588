"""A process that is asked to end hears it, whichever of its threads the system hands the signal to."""

import signal
import subprocess
import sys
from threading import Event, Lock, Thread, get_ident

import pytest

from newsletter.sending.engines.threads import run_in_threads
from newsletter.stop_signals import stopped_by_signals
from tests import forked

PATIENCE = 30


def sent_to_another_thread(number):
    """As the system may do: a signal to the process, taken by a thread that is not the main one."""
    thread = Thread(target=lambda: signal.pthread_kill(get_ident(), number))
    thread.start()
    thread.join()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_another_thread_takes_is_heard_while_the_main_one_waits(number):
    stopped, heard, first = Event(), [], Lock()

    def work():
        if first.acquire(blocking=False):
            signal.pthread_kill(get_ident(), number)
        heard.append(stopped.wait(PATIENCE))

    with stopped_by_signals(stopped.set):
        run_in_threads(2, work, stop=stopped.set)
    assert heard == [True, True]


def test_a_signal_that_comes_twice_stops_no_harder():
    stops, twice = [], Event()

    def stop():
        stops.append(1)
        if len(stops) == 2:
            twice.set()

    with stopped_by_signals(stop):
        sent_to_another_thread(signal.SIGTERM)
        sent_to_another_thread(signal.SIGTERM)
        assert twice.wait(PATIENCE)


def test_a_stop_that_fails_is_logged_and_the_next_signal_is_heard(caplog):
    stopped, tries = Event(), []

    def stop():
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("the loop is closed")
        stopped.set()

    with stopped_by_signals(stop):
        sent_to_another_thread(signal.SIGTERM)
        sent_to_another_thread(signal.SIGTERM)
        assert stopped.wait(PATIENCE)
    assert "the loop is closed" in caplog.text


def test_afterwards_signals_are_what_they_were():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with stopped_by_signals(lambda: None):
        pass
    assert {number: signal.getsignal(number) for number in before} == before


A_PROCESS_THAT_WAITS = """
import threading
from newsletter.stop_signals import stopped_by_signals
with stopped_by_signals(lambda: print("asked", flush=True)):
    print("ready", flush=True)
    threading.Event().wait()
"""


def test_a_second_ctrl_c_ends_a_process_that_waits_for_ever():
    command = [sys.executable, "-c", A_PROCESS_THAT_WAITS]
    with forked.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "asked\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
