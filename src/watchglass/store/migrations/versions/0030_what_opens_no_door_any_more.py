"""what_opens_no_door_any_more"""

from watchglass.store.migrations.run_sql import run_sql

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    run_sql(__file__)
