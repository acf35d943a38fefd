"""set_aside_index"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_slowly(__file__)
