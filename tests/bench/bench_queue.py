"""How fast the universal queue decides: a full centre on its worst day.

Run it: ``python tests/bench/bench_queue.py [--count CONTACTS]``. Prints one JSON object; times are microseconds of
processor time for one step, ``keep`` included, over all steps and by kind. 2,500 contacts wait before the 48 advisors
come; then the day goes on with acceptances, chat lines, ends and closings until all of them have been served.
"""

import argparse
import json
import sys
from collections import defaultdict
from itertools import count
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from catgem_tui.central.ports import (
    AdvisorCommand,
    AdvisorConnected,
    CitizenWrote,
    ContactArrived,
    Happening,
    Tick,
)
from catgem_tui.central.queue import Outcome, QueueRules, UniversalQueue
from catgem_tui.protocol.commands import AcceptOffer, CloseContact, EndContact, SendChat, SetPhone, SetPresence
from catgem_tui.protocol.enums import Author, Channel, ContactState, Presence, Role
from catgem_tui.protocol.enums import Outcome as Ending
from catgem_tui.protocol.model import Message, Struct, User

ADVISORS = 48
CONTACTS = 2_500
SKILLS = ("english", "nahuatl", "licences")


class Day:
    """The centre, its clock, and how long each step took."""

    def __init__(self) -> None:
        self.chance = Random(7)  # noqa: S311 - the same day every time
        users = [
            User(
                id=f"a{number}",
                username=f"a{number}",
                name=f"A {number}",
                role=Role.ADVISOR,
                skills=SKILLS[: number % 4],
            )
            for number in range(ADVISORS)
        ]
        numbers = count()
        self.users = users
        self.queue = UniversalQueue(QueueRules(), users, new_token=lambda: f"t{next(numbers)}")
        self.ids = count()
        self.now = 1_763_996_400.0
        self.took: dict[str, list[float]] = defaultdict(list)
        self.offered: list[tuple[str, str]] = []

    def step(self, happening: Happening) -> Outcome:
        begun = process_time()
        outcome = self.queue.step(happening, self.now)
        self.queue.keep()
        took = process_time() - begun
        if outcome.refused is not None:
            raise SystemExit(f"{happening} was refused: {outcome.refused}")
        subject = happening.body if isinstance(happening, AdvisorCommand) else happening
        self.took[type(subject).__name__].append(took)
        self.offered.extend(
            (contact.id, contact.advisor)
            for contact in outcome.contacts
            if contact.state is ContactState.OFFERED and contact.advisor
        )
        return outcome

    def say(self, advisor: str, body: Struct) -> None:
        self.step(AdvisorCommand(advisor=advisor, id=f"m{next(self.ids)}", body=body))

    def arrive(self, number: int) -> None:
        channel = self.chance.choices(list(Channel), weights=[70, 20, 10])[0]
        needs = self.chance.choices([(), SKILLS[:1], SKILLS[1:2]], weights=[90, 8, 2])[0]
        self.step(ContactArrived(contact=f"c{number}", channel=channel, requirements=needs))

    def serve(self, contact: str, advisor: str) -> None:
        self.now += 0.05
        self.say(advisor, AcceptOffer(contact=contact))
        stored = self.queue.contact(contact)
        if stored is not None and stored.channel is Channel.CHAT:
            for _ in range(5):
                message = f"w{next(self.ids)}"
                text = Message(id=message, contact=contact, author=Author.CITIZEN, text="hola", sent_at=self.now)
                self.step(CitizenWrote(message=text))
                self.say(advisor, SendChat(contact=contact, text="buenas tardes"))
        self.say(advisor, EndContact(contact=contact))
        self.say(advisor, CloseContact(contact=contact, disposition="not_classified", outcome=Ending.RESOLVED))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=CONTACTS, help="contacts that wait (%(default)s)")
    contacts = parser.parse_args().count
    day = Day()
    for number in range(contacts):
        day.now += 0.1
        day.arrive(number)
    summaries = []
    for _ in range(100):
        begun = process_time()
        day.queue.summary(day.now)
        summaries.append(process_time() - begun)
    for user in day.users:
        day.step(AdvisorConnected(advisor=user.id))
        day.say(user.id, SetPhone(uri=f"sip:{user.id}@127.0.0.1"))
        day.say(user.id, SetPresence(presence=Presence.AVAILABLE))
    served = 0
    while day.offered:
        day.serve(*day.offered.pop(0))
        served += 1
        deadline = day.queue.next_deadline()
        if deadline is not None and deadline <= day.now:
            day.step(Tick())
    every = sorted(took for kind in day.took.values() for took in kind)
    print(
        json.dumps(
            {
                "bench": "queue",
                "advisors": ADVISORS,
                "contacts": contacts,
                "served": served,
                "steps": len(every),
                "steps_per_second": round(len(every) / sum(every)),
                "median_us": _microseconds(median(every)),
                "p99_us": _microseconds(every[int(len(every) * 0.99)]),
                "max_us": _microseconds(every[-1]),
                "summary_us": _microseconds(median(summaries)),
                "median_us_by_kind": {kind: _microseconds(median(took)) for kind, took in sorted(day.took.items())},
            }
        )
    )


def _microseconds(seconds: float) -> float:
    return round(seconds * 1e6, 1)


if __name__ == "__main__":
    main()
