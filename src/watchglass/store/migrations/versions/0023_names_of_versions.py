"""names_of_versions"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    run_sql(__file__)
