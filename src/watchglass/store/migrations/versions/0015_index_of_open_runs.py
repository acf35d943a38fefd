"""index of open runs"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_slowly(__file__)
