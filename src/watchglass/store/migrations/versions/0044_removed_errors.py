"""groups of the errors of runs that were removed"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    run_sql(__file__)
