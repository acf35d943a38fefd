"""of what is 0 in roll-ups, nothing is kept"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    run_sql(__file__)
