"""Whoever asks a server says how long they wait: a frozen one answers nobody, and does not keep its own timeouts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import watchglass

SOURCES = Path(watchglass.__file__).parent

_SDK = frozenset(
    {
        "count_workflows",
        "execute_workflow",
        "fetch_history",
        "fetch_history_events",
        "list_workflows",
        "signal_with_start",
        "start_workflow",
    }
)
_ASKS_A_CLIENT = ("client", "control", "handle")
_REASONS = {
    "demo/acts.py: handle.execute_update": "the demo's own people; the update's outcome is what is waited for",
}


def without_deadline(source: str) -> Iterator[str]:
    """Calls of servers that might wait for ever, as they are written."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        given = {word.arg for word in node.keywords}
        if not _wanted(ast.unparse(node.func.value), node.func.attr) <= given:
            yield ast.unparse(node.func)


def _wanted(asked: str, name: str) -> set[str]:
    """The arguments that set a deadline for this call; none for a call that needs none."""
    last = asked.rpartition(".")[2].lstrip("_")
    if last in ("workflow_service", "operator_service"):
        return {"timeout"}
    if name in (*_SDK, "execute_update", "start_update") and last in _ASKS_A_CLIENT:
        return {"rpc_timeout"}
    if name == "acquire" and last in ("login", "sync", "pool"):
        return {"timeout"}
    if asked == "asyncpg" and name in ("connect", "create_pool"):
        return {"timeout", "command_timeout"}
    if asked == "httpx" and name in ("AsyncClient", "Client"):
        return {"timeout"}
    return {"timeout"} if name == "create_connection" and asked == "socket" else set()


def test_every_call_of_a_server_has_one() -> None:
    found = {
        f"{file.relative_to(SOURCES).as_posix()}: {call}"
        for file in SOURCES.rglob("*.py")
        for call in without_deadline(file.read_text())
    }
    assert found == set(_REASONS)


@pytest.mark.parametrize(
    "source",
    [
        "await client.workflow_service.describe_namespace(request)",
        "await self._client.start_workflow(run, id=id)",
        "await control.start_workflow(run, id=id, timeout=3)",
        "async with self.sync.acquire() as connection: pass",
        "await asyncpg.connect(url, timeout=3)",
        "httpx.AsyncClient(trust_env=False)",
    ],
)
def test_one_without_is_noticed(source: str) -> None:
    wrapped = f"async def f():\n    {source}"
    assert list(without_deadline(wrapped))


def test_one_with_a_deadline_is_not() -> None:
    assert not list(without_deadline("async def f():\n    await handle.fetch_history(rpc_timeout=CALL)"))
