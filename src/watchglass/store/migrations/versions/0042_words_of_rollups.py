"""words of roll-ups are looked up in one order"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    run_sql(__file__)
