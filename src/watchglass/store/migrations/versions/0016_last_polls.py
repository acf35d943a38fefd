"""last_polls"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run_sql(__file__)
