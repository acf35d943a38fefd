"""quiet_runs"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    run_sql(__file__)
