from uuid import uuid4

from tests.databases import make_project

from watchglass.store.scope import Store
from watchglass.store.workflows import ensure_observed


async def test_types_that_are_stored_under_one_name_are_one_workflow(store: Store) -> None:
    """Else a list with runs of both could not be taken in, and all that comes after it with them."""
    project_id, _ = await make_project(store, f"Observed {uuid4()}", owner="ada")
    types = {"a\x00b", "a\ufffdb", "", "(no type)", "Order"}
    for _ in range(2):
        async with store.write() as writer:
            found = await ensure_observed(writer, project_id=project_id, types=types)
        assert found.keys() == types
        assert found["a\x00b"] == found["a\ufffdb"] and found[""] == found["(no type)"]
        assert len({owner.id for owner in found.values()}) == 3
