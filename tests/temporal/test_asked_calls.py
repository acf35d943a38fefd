"""What the documentation says that Temporal is asked is what the code asks, and what a role that only reads may ask."""

import re
from pathlib import Path

from temporalio.service import OperatorService, WorkflowService
from tests.acceptance.grpc_proxy import READS
from tests.servers import SOURCES

DOCUMENT = Path(SOURCES).parent / "docs" / "connect-your-temporal.md"
_ROW = re.compile(r"^\| `([A-Z]\w+)` \|", re.MULTILINE)
_CHANGES = "temporal/commands.py"
"""What runs of drawn workflows are told."""
_ASKED = re.compile(r"\bservice\s*\.\s*([a-z_]+)")
_OTHERS_OWN = ("embedded/temporal.py", "sync/worker.py", "demo/")
"""What they ask is Watchglass's own server, never one that is looked at."""


def asked_calls() -> set[str]:
    """The calls that the code makes to namespaces that are looked at, by Temporal's names."""
    files = Path(SOURCES, "watchglass").rglob("*.py")
    return {call for file in files if not _place(file).startswith((*_OTHERS_OWN, _CHANGES)) for call in calls_in(file)}


def calls_in(file: Path) -> set[str]:
    names = {name for name in _ASKED.findall(file.read_text()) if _is_call(name)}
    return {"".join(word.capitalize() for word in name.split("_")) for name in names}


def changing_calls() -> set[str]:
    return calls_in(Path(SOURCES, "watchglass", _CHANGES))


def _place(file: Path) -> str:
    return file.relative_to(Path(SOURCES, "watchglass")).as_posix()


def _is_call(name: str) -> bool:
    return hasattr(WorkflowService, name) or hasattr(OperatorService, name)


def test_the_list_of_calls_is_the_calls_that_are_made() -> None:
    documented = _ROW.findall(DOCUMENT.read_text())
    assert len(documented) == len(set(documented))
    assert set(documented) == asked_calls() | changing_calls()
    assert {"GetWorkflowExecutionHistory", "ListWorkflowExecutions"} <= asked_calls()


def test_a_role_that_may_only_read_may_make_them_all() -> None:
    assert asked_calls() <= READS


def test_what_changes_something_is_asked_in_one_place_alone() -> None:
    assert len(changing_calls()) == 4
    assert not changing_calls() & (asked_calls() | READS)
