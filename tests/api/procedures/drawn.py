"""People who draw, for the tests of the builder's procedures."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
from httpx import Response
from tests.api.seeded import Caller, Tenant, client_for, make_tenant, open_parts
from tests.databases import Database

from watchglass.store.scope import Store

Json = dict[str, Any]


async def signed_in(store: Store, name: str = "ada") -> tuple[Caller, Tenant]:
    """Somebody with a project of their own."""
    parts = open_parts(store)
    tenant = await make_tenant(store, parts, f"{name} {uuid4()}", [])
    return Caller(client_for(store, parts), tenant.token), tenant


async def join(database: Database, project_id: UUID, other: Tenant, *, role: str) -> None:
    """Make somebody else a member of the project."""
    admin = await asyncpg.connect(database.admin_url)
    await admin.execute(
        "INSERT INTO project_members (project_id, user_id, role) VALUES ($1, $2, $3) "
        "ON CONFLICT (project_id, user_id) DO UPDATE SET role = excluded.role",
        project_id,
        other.principal.user_id,
        role,
    )
    await admin.close()


def data_of(answer: Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]["data"]


def sentence_of(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    sentence: str = answer.json()["error"]["message"]
    return sentence


async def made(caller: Caller, tenant: Tenant, **more: Any) -> str:
    """A new workflow's id."""
    given = {"projectId": str(tenant.project_id), "name": f"order {uuid4()}"} | more
    workflow_id: str = data_of(await caller.mutate("workflow.create", given))["workflowId"]
    return workflow_id


async def draft_of(caller: Caller, workflow_id: str) -> Json:
    draft: Json = await caller.data("workflow.getDraft", {"workflowId": workflow_id})
    return draft


def node(node_id: str, kind: str, **more: Any) -> Json:
    return {"id": node_id, "kind": kind} | more


def edge(source: str, target: str, port: str = "next") -> Json:
    return {"source": source, "port": port, "target": target}


def graph_of(name: str, nodes: list[Json], edges: list[Json], **more: Any) -> Json:
    """A graph with a start in front of the first node and an end behind the last."""
    inner = [node("start", "start"), *nodes, node("end", "end")]
    ids = [n["id"] for n in nodes]
    ends = [edge("start", ids[0]), edge(ids[-1], "end")] if ids else [edge("start", "end")]
    return {"name": name, "nodes": inner, "edges": [*ends, *edges], **more}
