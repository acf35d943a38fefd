"""What the documentation says that Temporal is asked is what the code asks, and what a role that only reads may ask."""

import re
from pathlib import Path

from temporalio.service import OperatorService, WorkflowService
from tests.acceptance.grpc_proxy import READS
from tests.servers import SOURCES

DOCUMENT = Path(SOURCES).parent / "docs" / "connect-your-temporal.md"
_ROW = re.compile(r"^\| `([A-Z]\w+)` \|", re.MULTILINE)
_ASKED = re.compile(r"\bservice\s*\.\s*([a-z_]+)")
_OTHERS_OWN = ("embedded/temporal.py", "sync/worker.py", "demo/")
"""What they ask is Watchglass's own server, never one that is looked at."""


def asked_calls() -> set[str]:
    """The calls that the code makes to namespaces that are looked at, by Temporal's names."""
    found: set[str] = set()
    for file in Path(SOURCES, "watchglass").rglob("*.py"):
        if file.relative_to(Path(SOURCES, "watchglass")).as_posix().startswith(_OTHERS_OWN):
            continue
        found |= {name for name in _ASKED.findall(file.read_text()) if _is_call(name)}
    return {"".join(word.capitalize() for word in name.split("_")) for name in found}


def _is_call(name: str) -> bool:
    return hasattr(WorkflowService, name) or hasattr(OperatorService, name)


def test_the_list_of_calls_is_the_calls_that_are_made() -> None:
    documented = _ROW.findall(DOCUMENT.read_text())
    assert len(documented) == len(set(documented))
    assert set(documented) == asked_calls()
    assert {"GetWorkflowExecutionHistory", "ListWorkflowExecutions"} <= asked_calls()


def test_a_role_that_may_only_read_may_make_them_all() -> None:
    assert asked_calls() <= READS
