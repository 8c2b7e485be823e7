"""A workstation without its screen, as ``catgem phone --run`` starts it over SSH: takes every offer, obeys a file.

``python ssh_desk.py CENTRAL USER PASSWORD FOLDER``: writes ``state`` (a line of JSON) into the folder whenever
something changed, and does what stands in ``order`` there: ``mute``, ``end``, ``quit``. A hang-up ends it as it does
the workstation.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from catgem_tui.config.settings import Settings
from catgem_tui.desk.credentials import Credentials
from catgem_tui.desk.intents import AcceptOffer, Login, SetMute
from catgem_tui.desk.runtime import Desk
from catgem_tui.desk.state import DeskState, Line
from catgem_tui.phone.remote import RemotePhone
from catgem_tui.protocol.commands import EndContact, SetPresence
from catgem_tui.protocol.enums import Channel, Presence
from catgem_tui.telephone import find_place


async def main(central: str, user: str, password: str, folder: Path) -> None:
    place = find_place(Settings())
    assert place is not None
    phone = RemotePhone(place)
    desk = Desk(central, folder, phone, elsewhere=True, credentials=Credentials("", lambda: None))
    leaving = asyncio.Event()

    def lose_terminal() -> None:
        phone.keep_calls = True
        leaving.set()

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lose_terminal)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lose_terminal)

    def show(state: DeskState) -> None:
        told = {
            "pid": os.getpid(),
            "phone": state.phone.status,
            "uri": state.phone.uri,
            "muted": state.phone.muted,
            "calls": [(call.contact, call.state) for call in state.phone.calls],
            "contacts": {contact.id: contact.state for contact in state.contacts.values()},
        }
        (folder / "new").write_text(json.dumps(told))
        (folder / "new").rename(folder / "state")
        if state.offer is not None:
            desk.do(AcceptOffer(state.offer.id))

    desk.subscribe(show)
    await desk.start()
    desk.do(Login(user, password))
    await desk.wait_for(lambda s: s.line is Line.ONLINE and s.me is not None and s.me.phone_ready, 60)
    desk.do(SetPresence(presence=Presence.AVAILABLE))
    order = folder / "order"
    while not leaving.is_set():
        if order.exists():
            match order.read_text():
                case "mute":
                    desk.do(SetMute(True))
                case "end":
                    for contact in desk.state.contacts.values():
                        if contact.channel is Channel.CALL:
                            desk.do(EndContact(contact=contact.id))
                case "quit":
                    leaving.set()
            order.unlink()
        await asyncio.sleep(0.05)
    await desk.close()


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])))
