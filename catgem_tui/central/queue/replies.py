"""The headers of an answer by mail."""

import re

from catgem_tui.central.queue.rules import QueueRules
from catgem_tui.central.queue.state import Record
from catgem_tui.central.queue.turn import NotDone
from catgem_tui.protocol.enums import Author, Refusal
from catgem_tui.protocol.model import MailHeaders

_REPLY_MARK = re.compile(r"^\s*(re|rv|aw)\s*:\s*", re.IGNORECASE)


def reply_headers(rules: QueueRules, record: Record, message_id: str) -> MailHeaders:
    """Subject, addresses and threading (RFC 5322, 3.6.4) of an answer to the citizen's last mail.

    The Message-ID follows from the message's id, so it is fixed before the first attempt to send. Raises NotDone when
    nothing says where to send it.
    """
    asked = next(
        (each.mail for each in reversed(record.messages) if each.author is Author.CITIZEN and each.mail), MailHeaders()
    )
    address = record.contact.citizen.email or asked.sender
    if not address:
        raise NotDone(Refusal.NO_SUCH_TARGET, "contact")
    subject = asked.subject or record.contact.subject
    thread = asked.references or ((asked.in_reply_to,) if asked.in_reply_to else ())
    return MailHeaders(
        subject=f"Re: {_REPLY_MARK.sub('', subject)}".rstrip(),
        sender=rules.mail_address,
        to=(address,),
        message_id=f"<{message_id}@{rules.mail_domain}>",
        in_reply_to=asked.message_id,
        references=(*thread, asked.message_id) if asked.message_id else thread,
    )
