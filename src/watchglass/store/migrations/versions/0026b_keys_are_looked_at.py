"""keys are looked at"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0026b"
down_revision = "0026"


def upgrade() -> None:
    run_slowly(__file__)
