"""privacy"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0027"
down_revision = "0026b"


def upgrade() -> None:
    run_sql(__file__)
