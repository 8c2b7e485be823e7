"""Going before others on this computer: sound that waits for a processor is a hole in somebody's sentence."""

import os
import threading
from contextlib import suppress
from pathlib import Path

_PRIORITY = 10
"""Of real time (SCHED_RR), for the two threads that the card calls; above everything that is not of real time."""
_NICE = -11
"""As PulseAudio and PipeWire take for themselves."""


def hurry_thread() -> None:
    """Let this thread, which carries sound, go before others, as far as this user may: in real time (limits.conf,
    rtprio), else with a better nice value."""
    with suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(_PRIORITY))
        return
    _be_less_nice(threading.get_native_id())


def hurry_process() -> None:
    """Let every thread of this process, and those to come, go before other programs', as far as this user may.

    They bring the packets; and whoever of them has Python's interpreter while others have the processor keeps the
    threads that carry sound waiting, whatever those may claim. Not in real time: a flood of calls must leave the
    workstation a processor.
    """
    with suppress(FileNotFoundError):  # only Linux lists them, and has a nice value for each
        for thread in Path("/proc/self/task").iterdir():
            _be_less_nice(int(thread.name))


def _be_less_nice(thread: int) -> None:
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, thread, _NICE)
