"""indexes of errors"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    run_slowly(__file__)
