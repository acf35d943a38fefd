"""members"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    run_sql(__file__)
