"""quiet_runs"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    run_sql(__file__)
