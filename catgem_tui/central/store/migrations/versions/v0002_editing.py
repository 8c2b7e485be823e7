"""What editing the directory needs; the change log's digests, and that its rows are only ever added."""

import sqlalchemy as sa
from alembic import op

from catgem_tui.central.store.chain import COLUMNS, digest_of
from catgem_tui.central.store.folding import folded_line
from catgem_tui.central.store.tables import changes, records

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE_TRIGGERS = (
    """CREATE TRIGGER changes_never_altered BEFORE UPDATE ON changes
    BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END""",
    """CREATE TRIGGER changes_never_deleted BEFORE DELETE ON changes
    BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END""",
    # INSERT OR REPLACE deletes without calling the trigger above.
    """CREATE TRIGGER changes_follow_each_other BEFORE INSERT ON changes
    WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM changes)
    BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END""",
)
POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION refuse_to_alter_changes() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the change log is append-only'; END $$""",
    """CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON changes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_alter_changes()""",
)


def upgrade() -> None:
    for name, comment in {
        "approved_by": None,
        "document": "SHA-256 of the supporting document's file",
        "comment": None,
        "change": "id of the request",
        "folded": "what is searched: who, title, reference, record",
        "digest": None,
    }.items():
        op.add_column("changes", sa.Column(name, sa.Text(), comment=comment, nullable=False, server_default=""))
    op.add_column("changes", sa.Column("dated_at", sa.Float(), nullable=True))
    op.create_index(op.f("ix_changes_at"), "changes", ["at"])
    op.add_column("records", sa.Column("review_at", sa.Float(), nullable=True))
    op.add_column("records", sa.Column("valid_until", sa.Float(), nullable=True))
    op.create_index(op.f("ix_records_review_at"), "records", ["review_at"])
    op.create_index(op.f("ix_records_valid_until"), "records", ["valid_until"])
    op.create_table(
        "change_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("publish_at", sa.Float(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "request",
            sa.Text(),
            nullable=False,
            comment="JSON; empty once it is published, then the change log has it",
        ),
        sa.Column("outcome", sa.Text(), nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_requests")),
    )
    op.create_index("ix_change_requests_state_publish_at", "change_requests", ["state", "publish_at"])
    op.create_table(
        "documents",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_documents")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), nullable=False, comment="the command's"),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("folio", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_index(op.f("ix_reports_record"), "reports", ["record"])
    op.create_index(op.f("ix_reports_closed_at"), "reports", ["closed_at"])
    op.create_table(
        "publications",
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("published_at", sa.Float(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("document_at", sa.Float(), nullable=True),
        sa.Column("workstations", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("reached_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_publications")),
        comment="how quickly each change was everywhere",
    )
    op.create_index(op.f("ix_publications_published_at"), "publications", ["published_at"])

    connection = op.get_bind()
    _fill_records(connection)
    _chain_changes(connection)
    # A later migration that makes the table anew (batch_alter_table on SQLite) has to make these anew too.
    for statement in SQLITE_TRIGGERS if connection.dialect.name == "sqlite" else POSTGRESQL_TRIGGERS:
        op.execute(statement)


def _fill_records(connection: sa.Connection) -> None:
    """The new columns of records that are there."""
    import json

    for identifier, text in connection.execute(sa.select(records.c.id, records.c.body)).all():
        until = json.loads(text).get("valid_until")
        if until is not None:
            connection.execute(records.update().where(records.c.id == identifier).values(valid_until=until))


def _chain_changes(connection: sa.Connection) -> None:
    """Digests for the lines that are there, oldest first, a few at a time."""
    import json

    previous, last = "", 0
    query = sa.select(*(changes.c[name] for name in COLUMNS)).order_by(changes.c.number).limit(1000)
    while rows := connection.execute(query.where(changes.c.number > last)).mappings().all():
        values = []
        for row in rows:
            previous, last = digest_of(previous, dict(row)), row["number"]
            title = json.loads(row["after"]).get("title", "")
            folded = folded_line(row["who"], title, row["support"], row["record"])
            values.append({"line": last, "new_digest": previous, "new_folded": folded})
        connection.execute(
            changes.update()
            .where(changes.c.number == sa.bindparam("line"))
            .values(digest=sa.bindparam("new_digest"), folded=sa.bindparam("new_folded")),
            values,
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("changes_never_altered", "changes_never_deleted", "changes_follow_each_other"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute("DROP TRIGGER changes_append_only ON changes")
        op.execute("DROP FUNCTION refuse_to_alter_changes()")
    for table in ("publications", "reports", "documents", "change_requests"):
        op.drop_table(table)
    for name in ("review_at", "valid_until"):
        op.drop_index(op.f(f"ix_records_{name}"), table_name="records")
        op.drop_column("records", name)
    op.drop_index(op.f("ix_changes_at"), table_name="changes")
    for name in ("approved_by", "document", "comment", "change", "folded", "digest", "dated_at"):
        op.drop_column("changes", name)
