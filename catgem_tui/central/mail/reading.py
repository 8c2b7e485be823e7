"""A mail as it came in, read into what central keeps of it. Whatever the bytes are, the result can be shown."""

import hashlib
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from email.policy import Compat32
from email.utils import getaddresses
from itertools import islice

from catgem_tui.central.mail import html
from catgem_tui.central.plaintext import clean, clean_line
from catgem_tui.protocol.model import MailHeaders

logger = logging.getLogger(__name__)

_MAILS = uuid.UUID("5c1d6c54-3f0e-5d0f-8f6b-0d5c2a9be7a4")
_ATTACHMENTS = 100
_REFERENCES = 50
_DEPTH = 20
"""Parts within parts; what lies deeper is listed, not read."""
_HEADER_LIMIT = 8_000
_PARSED_LIMIT = 1_500
_PARTS = 500
_HTML_LIMIT = 1_000_000


class _Short(Compat32):
    """Headers stay as they were written, cut where no honest one is as long.

    The modern policy parses each header on sight, in quadratic time: 9 kB of quotation marks cost it ten seconds.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_HEADER_LIMIT]


_POLICY = _Short()


@dataclass(frozen=True, kw_only=True)
class ReadMail:
    contact: str
    """The id for the contact, if this mail begins one. The same mail sent twice gives the same."""
    message: str
    """The message's id, likewise."""
    name: str
    """The citizen's, or empty."""
    address: str
    """Where an answer would go: Reply-To, else From; empty when there is neither."""
    text: str
    headers: MailHeaders
    thread: tuple[str, ...]
    """Message-IDs this mail answers, the nearest first; a bounce answers the mail it returns."""
    automatic: bool
    """Sent by a program (RFC 3834), a list or as a bounce: nobody waits for the answer."""


def read(source: bytes, *, envelope_sender: str, text_limit: int) -> ReadMail:
    """Never raises for what a mail may hold. Takes seconds for a mail of tens of megabytes: use a thread."""
    try:
        return _read(message_from_bytes(source, policy=_POLICY), source, envelope_sender, text_limit)
    except Exception:  # noqa: BLE001 - the standard parser has no closed list of what malformed mail makes it raise
        logger.warning("a mail could not be parsed and is kept as plain text")
        plain = Message(_POLICY)
        plain.set_payload(source[: 4 * text_limit].decode("utf-8", "replace"))
        return _read(plain, source, envelope_sender, text_limit)


def _read(mail: Message, source: bytes, envelope_sender: str, text_limit: int) -> ReadMail:
    name, address = _person(mail)
    message_id = _message_ids(mail, "Message-ID")[:1]
    key = f"{address or envelope_sender}\n{message_id[0]}" if message_id else hashlib.sha256(source).hexdigest()
    parts = tuple(islice(_leaves(mail), _PARTS))
    returned = _returned(mail, parts)
    in_reply_to = _message_ids(mail, "In-Reply-To")
    references = _message_ids(mail, "References")[-_REFERENCES:]
    headers = MailHeaders(
        subject=_header(mail, "Subject", 300),
        sender=address,
        to=tuple(found for _name, found in _addresses(mail, "To"))[:20],
        message_id=message_id[0] if message_id else "",
        in_reply_to=in_reply_to[0] if in_reply_to else "",
        references=references,
        attachments=tuple(_attachments(parts))[:_ATTACHMENTS],
    )
    return ReadMail(
        contact=str(uuid.uuid5(_MAILS, f"contact {key}")),
        message=str(uuid.uuid5(_MAILS, f"message {key}")),
        name=name,
        address=address,
        text=clean(_text(parts, text_limit), text_limit),
        headers=headers,
        thread=tuple(dict.fromkeys((*in_reply_to, *reversed(references), *returned))),
        automatic=_is_automatic(mail, envelope_sender),
    )


def _header(mail: Message, name: str, limit: int) -> str:
    """One header, decoded, on one line; empty when it is absent."""
    raw = next((value for key, value in mail.raw_items() if key.lower() == name.lower()), "")
    written = _eight_bits(str(raw))
    try:
        return clean_line(_unfolded(name, written), limit)
    except Exception:  # noqa: BLE001 - the standard header parser raises several kinds on malformed headers
        return clean_line(written, limit)


def _unfolded(name: str, written: str) -> str:
    """With its encoded words decoded; a very long header, which is a list of Message-IDs or addresses, as it is."""
    if len(written) > _PARSED_LIMIT:
        return written
    return str(policy.default.header_fetch_parse(name, written))


def _eight_bits(raw: str) -> str:
    """A header with bytes beyond ASCII that say nothing of their charset: UTF-8 if they are, else Windows-1252."""
    if raw.isascii():
        return raw
    source = raw.encode("utf-8", "surrogateescape")
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError:
        return source.decode("cp1252", "replace")


def _addresses(mail: Message, name: str) -> list[tuple[str, str]]:
    """(name, address) pairs of a header; only what looks like an address counts."""
    try:
        found = getaddresses([_header(mail, name, 4_000)])
    except RecursionError:  # a thousand comments within comments
        return []
    return [
        (clean_line(person, 100), address)
        for person, address in found
        if "@" in address and len(address) <= 254 and not any(c.isspace() or c in "<>" for c in address)
    ]


def _person(mail: Message) -> tuple[str, str]:
    """Who is to be answered."""
    author = _addresses(mail, "From")
    answer_to = _addresses(mail, "Reply-To")
    if not author and not answer_to:
        return _header(mail, "From", 100).strip('" '), ""
    name, address = (answer_to or author)[0]
    return name or (author[0][0] if author else ""), address


def _message_ids(mail: Message, name: str) -> tuple[str, ...]:
    return tuple(
        word
        for word in _header(mail, name, 20_000).replace(",", " ").replace("><", "> <").split()
        if word.startswith("<") and word.endswith(">") and 2 < len(word) <= 998
    )


def _is_automatic(mail: Message, envelope_sender: str) -> bool:
    return (
        not envelope_sender
        or _header(mail, "Auto-Submitted", 100).lower().partition(";")[0].strip() not in {"", "no"}
        or _header(mail, "Precedence", 100).lower() in {"bulk", "junk", "list", "auto_reply"}
        or bool(_header(mail, "List-Id", 100))
        or mail.get_content_type() == "multipart/report"
    )


def _leaves(part: Message, depth: int = 0) -> Iterator[Message]:
    """The parts that hold something themselves; an enclosed mail is one of them."""
    payload = part.get_payload()
    if part.get_content_maintype() == "multipart" and isinstance(payload, list) and depth < _DEPTH:
        for child in payload:
            if isinstance(child, Message):
                yield from _leaves(child, depth + 1)
    else:
        yield part


def _returned(mail: Message, parts: tuple[Message, ...]) -> tuple[str, ...]:
    """Message-IDs of the mails that a bounce returns."""
    if mail.get_content_type() != "multipart/report":
        return ()
    found: list[str] = []
    for part in parts:
        enclosed = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(enclosed, list) and enclosed:
            if isinstance(enclosed[0], Message):
                found.extend(_message_ids(enclosed[0], "Message-ID"))
        elif part.get_content_type() == "text/rfc822-headers":
            found.extend(_message_ids(message_from_bytes(_decoded(part).encode("utf-8", "replace")), "Message-ID"))
    return tuple(found)


def _is_attached(part: Message) -> bool:
    return (
        part.get_content_disposition() == "attachment"
        or part.get_content_maintype() != "text"
        or bool(_file_name(part))
    )


def _file_name(part: Message) -> str:
    try:
        return clean_line(_unfolded("Subject", _eight_bits(part.get_filename() or "")), 200)
    except Exception:  # noqa: BLE001 - malformed RFC 2231 parameters raise several kinds
        return ""


def _attachments(parts: tuple[Message, ...]) -> Iterator[tuple[str, str, int]]:
    return (
        (_file_name(part), clean_line(part.get_content_type(), 100), _size(part))
        for part in parts
        if _is_attached(part)
    )


def _size(part: Message) -> int:
    """Bytes of the decoded content, reckoned without decoding it."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return sum(_size(child) for child in payload if isinstance(child, Message))
    if not isinstance(payload, str):
        return 0
    if _header(part, "Content-Transfer-Encoding", 100).lower() != "base64":
        return len(payload)
    written = len(payload) - payload.count("\n") - payload.count("\r")
    return written // 4 * 3 - payload[-8:].count("=")


def _text(parts: tuple[Message, ...], limit: int) -> str:
    """The plain text parts, or the HTML ones where there is no plain text."""
    texts = [part for part in parts if not _is_attached(part)]
    plain = [_decoded(part)[: 2 * limit] for part in texts if part.get_content_type() != "text/html"]
    if any(text.strip() for text in plain):
        return "\n\n".join(text.strip("\r\n") for text in plain if text.strip())
    return "\n\n".join(
        html.text_of(_decoded(part)[:_HTML_LIMIT]) for part in texts if part.get_content_type() == "text/html"
    )


def _decoded(part: Message) -> str:
    """In the declared charset if that works, else UTF-8 if that works, else Windows-1252 with replacements."""
    try:
        payload = part.get_payload(decode=True)
    except ValueError:
        payload = str(part.get_payload()).encode("utf-8", "replace")
    if not isinstance(payload, bytes):
        return ""
    try:
        declared = part.get_content_charset() or "utf-8"
    except Exception:  # noqa: BLE001 - malformed RFC 2231 parameters raise several kinds
        declared = "utf-8"
    for charset in (declared, "utf-8"):
        try:
            return payload.decode(charset)
        except (UnicodeError, LookupError, ValueError):
            continue
    return payload.decode("cp1252", "replace")
