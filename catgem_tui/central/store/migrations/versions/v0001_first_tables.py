"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("support", sa.Text(), nullable=False, comment="the supporting document"),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_changes")),
        comment="the directory's change log; rows are only ever added",
    )
    op.create_index(op.f("ix_changes_record"), "changes", ["record"], unique=False)
    op.create_table(
        "commands",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True, comment="JSON of the refusal; null when done"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
    )
    op.create_index(op.f("ix_commands_at"), "commands", ["at"], unique=False)
    op.create_table(
        "contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("advisor", sa.Text(), nullable=True),
        sa.Column("citizen_phone", sa.Text(), nullable=False),
        sa.Column("citizen_email", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_advisor"), "contacts", ["advisor"], unique=False)
    op.create_index(op.f("ix_contacts_arrived_at"), "contacts", ["arrived_at"], unique=False)
    op.create_index(op.f("ix_contacts_citizen_email"), "contacts", ["citizen_email"], unique=False)
    op.create_index(op.f("ix_contacts_citizen_phone"), "contacts", ["citizen_phone"], unique=False)
    op.create_index(op.f("ix_contacts_folio"), "contacts", ["folio"], unique=False)
    op.create_index(op.f("ix_contacts_state"), "contacts", ["state"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "events",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("readers", sa.Text(), nullable=False, comment="JSON list of user ids"),
        sa.Column("floor", sa.Boolean(), nullable=False, comment="whether the floor roles may read it too"),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "seq", name=op.f("pk_events")),
        comment="the transactional outbox; numbered by the topic's only writer",
    )
    op.create_index(op.f("ix_events_at"), "events", ["at"], unique=False)
    op.create_table(
        "records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("revision", name=op.f("uq_records_revision")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("skills", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="argon2id"),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("mail_id", sa.Text(), nullable=True, comment="RFC 5322 Message-ID of a mail"),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contact"], ["contacts.id"], name=op.f("fk_messages_contact")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index("ix_messages_contact_sent_at", "messages", ["contact", "sent_at"], unique=False)
    op.create_index(op.f("ix_messages_delivery"), "messages", ["delivery"], unique=False)
    op.create_index(op.f("ix_messages_mail_id"), "messages", ["mail_id"], unique=False)
    op.create_table(
        "presence",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_presence_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_presence")),
    )
    op.create_table(
        "recordings",
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False, comment="relative to the recordings' folder"),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["contact"], ["contacts.id"], name=op.f("fk_recordings_contact")),
        sa.PrimaryKeyConstraint("contact", "path", name=op.f("pk_recordings")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("access_hash", sa.Text(), nullable=False, comment="SHA-256 of the token, as hex"),
        sa.Column("access_expires_at", sa.Float(), nullable=False),
        sa.Column("refresh_hash", sa.Text(), nullable=False),
        sa.Column("refresh_expires_at", sa.Float(), nullable=False),
        sa.Column("previous_refresh_hash", sa.Text(), nullable=True),
        sa.Column("rotated_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("access_hash", name=op.f("uq_sessions_access_hash")),
        sa.UniqueConstraint("refresh_hash", name=op.f("uq_sessions_refresh_hash")),
    )
    op.create_index(op.f("ix_sessions_previous_refresh_hash"), "sessions", ["previous_refresh_hash"], unique=False)
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_index(op.f("ix_sessions_previous_refresh_hash"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("recordings")
    op.drop_table("presence")
    op.drop_index(op.f("ix_messages_mail_id"), table_name="messages")
    op.drop_index(op.f("ix_messages_delivery"), table_name="messages")
    op.drop_index("ix_messages_contact_sent_at", table_name="messages")
    op.drop_table("messages")
    op.drop_table("users")
    op.drop_table("records")
    op.drop_index(op.f("ix_events_at"), table_name="events")
    op.drop_table("events")
    op.drop_table("counters")
    op.drop_index(op.f("ix_contacts_state"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_folio"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_citizen_phone"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_citizen_email"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_arrived_at"), table_name="contacts")
    op.drop_index(op.f("ix_contacts_advisor"), table_name="contacts")
    op.drop_table("contacts")
    op.drop_index(op.f("ix_commands_at"), table_name="commands")
    op.drop_table("commands")
    op.drop_index(op.f("ix_changes_record"), table_name="changes")
    op.drop_table("changes")
