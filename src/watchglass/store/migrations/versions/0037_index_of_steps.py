"""index of steps by component, and of runs by the version of their drawing"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    run_slowly(__file__)
