"""months of components"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    run_sql(__file__)
