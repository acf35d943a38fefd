"""What costs the database much is bounded, in how often one person may ask and in how many are answered at once."""

import pytest

from watchglass.api.pace import PER_MINUTE
from watchglass.api.perform import LARGE_AT_ONCE
from watchglass.api.procedures import router

FREE = {"statistics.checks", "statistics.definitions"}
"""Words alone, and a few lines of what was compared in the background."""
COSTLY = {one.name for one in router if one.name.startswith("statistics.")} - FREE | {
    "execution.previewErase",
    "execution.getHistoryEvents",
}


@pytest.mark.parametrize("name", sorted(COSTLY))
def test_what_costs_much_is_bounded_both_ways(name: str) -> None:
    procedure = router.find(name)
    assert procedure is not None
    assert procedure.is_large
    assert name in PER_MINUTE


def test_they_leave_a_connection_of_the_smallest_pool_that_is_shipped() -> None:
    assert LARGE_AT_ONCE < 4  # WATCHGLASS_API_POOL_SIZE of deploy/compose.yaml
