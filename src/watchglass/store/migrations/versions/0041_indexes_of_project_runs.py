"""indexes of a project's runs by status and by task queue, and of errors by their start"""

from watchglass.store.migrations.run_sql import run_slowly

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    run_slowly(__file__)
