"""index of outdated runs"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    run_slowly(__file__)
