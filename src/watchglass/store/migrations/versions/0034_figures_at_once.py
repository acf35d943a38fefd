"""figures_at_once"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    run_slowly(__file__)
