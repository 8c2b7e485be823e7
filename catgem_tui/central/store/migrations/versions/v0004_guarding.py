"""The audit trail, whose rows are only ever added, and the block list."""

import sqlalchemy as sa
from alembic import op

revision = "0004_guarding"
down_revision = "0003"
branch_labels = None
depends_on = None

SQLITE_TRIGGERS = (
    """CREATE TRIGGER audit_never_altered BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    # INSERT OR REPLACE deletes without calling the trigger above.
    """CREATE TRIGGER audit_follow_each_other BEFORE INSERT ON audit
    WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM audit)
    BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION refuse_to_alter_audit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_audit()""",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False, comment="name of the person; empty for central itself"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False, comment="the telephone number it is about, if any"),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON; never a citizen's words"),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
        comment="the audit trail; triggers see to it that rows are only ever added",
    )
    for name in ("at", "kind", "contact"):
        op.create_index(op.f(f"ix_audit_{name}"), "audit", [name])
    op.create_table(
        "blocked",
        sa.Column("phone", sa.Text(), nullable=False, comment="as queue.blocking.number_key writes it"),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_blocked")),
        comment="callers who are refused",
    )
    op.create_index(op.f("ix_blocked_until"), "blocked", ["until"])
    connection = op.get_bind()
    for statement in SQLITE_TRIGGERS if connection.dialect.name == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("blocked")
    op.drop_table("audit")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_to_alter_audit()")
