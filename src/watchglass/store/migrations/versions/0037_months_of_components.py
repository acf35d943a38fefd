"""months of components"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run_sql(__file__)
