"""checks of figures"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    run_sql(__file__)
