"""pauses"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_sql(__file__)
