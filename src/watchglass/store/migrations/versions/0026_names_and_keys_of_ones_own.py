"""names_and_keys_of_ones_own"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    run_sql(__file__)
