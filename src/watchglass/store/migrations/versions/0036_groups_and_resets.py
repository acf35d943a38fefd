"""groups and resets"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    run_sql(__file__)
