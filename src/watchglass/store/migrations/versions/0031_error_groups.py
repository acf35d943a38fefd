"""error groups"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    run_sql(__file__)
