"""Who had a change last, and who has not got it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LAST = "name of who works at the workstation that had it last"


def upgrade() -> None:
    for name, comment, value in (("last", _LAST, ""), ("late", "JSON list of names", "[]")):
        column = sa.Column(name, sa.Text(), comment=comment, nullable=False, server_default=value)
        op.add_column("publications", column)


def downgrade() -> None:
    for name in ("last", "late"):
        op.drop_column("publications", name)
