"""The tables. Bodies are the wire's own JSON; the columns beside them are what is searched or ordered by.

Nothing here is particular to SQLite, so that the same tables serve PostgreSQL.
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, Table, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

users = Table(
    "users",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("skills", Text, nullable=False, comment="JSON list"),
    Column("password_hash", Text, nullable=False, comment="argon2id"),
    Column("created_at", Float, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("access_hash", Text, nullable=False, unique=True, comment="SHA-256 of the token, as hex"),
    Column("access_expires_at", Float, nullable=False),
    Column("refresh_hash", Text, nullable=False, unique=True),
    Column("refresh_expires_at", Float, nullable=False),
    Column("previous_refresh_hash", Text, index=True),
    Column("rotated_at", Float, nullable=False),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("folio", Text, nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("advisor", Text, index=True),
    Column("citizen_phone", Text, nullable=False, index=True),
    Column("citizen_email", Text, nullable=False, index=True),
    Column("arrived_at", Float, nullable=False, index=True),
    Column("ended_at", Float),
    Column("body", Text, nullable=False),
)

recordings = Table(
    "recordings",
    metadata,
    Column("contact", ForeignKey("contacts.id"), primary_key=True),
    Column("path", Text, primary_key=True, comment="relative to the recordings' folder"),
    Column("at", Float, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("contact", ForeignKey("contacts.id"), nullable=False),
    Column("sent_at", Float, nullable=False),
    Column("delivery", Text, nullable=False, index=True),
    Column("mail_id", Text, index=True, comment="RFC 5322 Message-ID of a mail"),
    Column("body", Text, nullable=False),
    Index("ix_messages_contact_sent_at", "contact", "sent_at"),
)

presence = Table(
    "presence",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("body", Text, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("readers", Text, nullable=False, comment="JSON list of user ids"),
    Column("floor", Boolean, nullable=False, comment="whether the floor roles may read it too"),
    Column("body", Text, nullable=False),
    comment="the transactional outbox; numbered by the topic's only writer",
)

commands = Table(
    "commands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("at", Float, nullable=False, index=True),
    Column("refused", Text, comment="JSON of the refusal; null when done"),
)

records = Table(
    "records",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("retired", Boolean, nullable=False),
    Column("review_at", Float, index=True),
    Column("valid_until", Float, index=True),
    Column("body", Text, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record", Text, nullable=False, index=True),
    Column("at", Float, nullable=False, index=True),
    Column("who", Text, nullable=False, comment="name of the person or program"),
    Column("approved_by", Text, nullable=False),
    Column("support", Text, nullable=False, comment="the supporting document's reference"),
    Column("document", Text, nullable=False, comment="SHA-256 of the supporting document's file"),
    Column("dated_at", Float),
    Column("comment", Text, nullable=False),
    Column("change", Text, nullable=False, comment="id of the request"),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("folded", Text, nullable=False, comment="what is searched: who, title, reference, record"),
    Column("digest", Text, nullable=False),
    comment="the directory's change log; triggers see to it that rows are only ever added",
)

change_requests = Table(
    "change_requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("state", Text, nullable=False),
    Column("publish_at", Float),
    Column("approved_by", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Float),
    Column("reason", Text, nullable=False),
    Column("summary", Text, nullable=False, comment="JSON, as it was when it was asked for"),
    Column("request", Text, nullable=False, comment="JSON; empty once it is published, then the change log has it"),
    Column("outcome", Text, nullable=False, comment="JSON"),
    Index("ix_change_requests_state_publish_at", "state", "publish_at"),
)

documents = Table(
    "documents",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("who", Text, nullable=False),
)

reports = Table(
    "reports",
    metadata,
    Column("id", Text, primary_key=True, comment="the command's"),
    Column("record", Text, nullable=False, index=True),
    Column("at", Float, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("folio", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("closed_by", Text, nullable=False),
    Column("closed_at", Float, index=True),
)

publications = Table(
    "publications",
    metadata,
    Column("change", Text, primary_key=True),
    Column("who", Text, nullable=False),
    Column("published_at", Float, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("records", Integer, nullable=False),
    Column("reference", Text, nullable=False),
    Column("document_at", Float),
    Column("workstations", Integer, nullable=False),
    Column("confirmed", Integer, nullable=False),
    Column("reached_at", Float),
    Column("last", Text, nullable=False, comment="name of who works at the workstation that had it last"),
    Column("late", Text, nullable=False, comment="JSON list of names"),
    comment="how quickly each change was everywhere",
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False, index=True),
    Column("who", Text, nullable=False, comment="name of the person; empty for central itself"),
    Column("kind", Text, nullable=False, index=True),
    Column("contact", Text, nullable=False, index=True),
    Column("phone", Text, nullable=False, comment="the telephone number it is about, if any"),
    Column("details", Text, nullable=False, comment="JSON; never a citizen's words"),
    Column("digest", Text, nullable=False),
    comment="the audit trail; triggers see to it that rows are only ever added",
)

blocked = Table(
    "blocked",
    metadata,
    Column("phone", Text, primary_key=True, comment="as queue.blocking.number_key writes it"),
    Column("until", Float, nullable=False, index=True),
    Column("body", Text, nullable=False),
    comment="callers who are refused",
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
