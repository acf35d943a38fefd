"""a revision of what is stored of a run, and derived from it"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    run_sql(__file__)
