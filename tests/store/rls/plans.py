"""The plans of everything that is asked of the database as a person."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import asyncpg

from watchglass.model.project import Principal
from watchglass.store.scope import Reader, Store


@dataclass(frozen=True)
class Asked:
    query: str
    arguments: tuple[Any, ...]
    principal: Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening(Reader):
    principal: Principal
    asked: list[Asked]

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        self.asked.append(Asked(query, args, self.principal))
        return await Reader.fetch(self, query, *args)

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None:
        self.asked.append(Asked(query, args, self.principal))
        return await Reader.fetchrow(self, query, *args)

    async def fetchval(self, query: str, *args: object) -> Any:
        self.asked.append(Asked(query, args, self.principal))
        return await Reader.fetchval(self, query, *args)


@dataclass(frozen=True, slots=True)
class ListeningStore(Store):
    """Remembers what is read as a person."""

    asked: list[Asked] = field(default_factory=list)

    @asynccontextmanager
    async def read_as(self, principal: Principal, **options: Any) -> AsyncIterator[Reader]:
        async with Store.read_as(self, principal, **options) as reader:
            yield Listening(reader.connection, principal=principal, asked=self.asked)


def listening(store: Store) -> ListeningStore:
    return ListeningStore(store.login, store.sync, store.user_role, store.seal)


async def plan(store: Store, asked: Asked, *, generic: bool) -> dict[str, Any]:
    """How PostgreSQL goes about it: for any arguments, or for these."""
    async with Store.read_as(store, asked.principal) as reader:
        if generic:
            name, nulls = f"plan_{uuid4().hex}", ", ".join(["NULL"] * len(asked.arguments))
            await reader.connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            await reader.connection.execute(f"PREPARE {name} AS {asked.query}")
            answer = await reader.fetchval(f"EXPLAIN (FORMAT JSON) EXECUTE {name}{f'({nulls})' if nulls else ''}")
            await reader.connection.execute(f"DEALLOCATE {name}")
        else:
            answer = await reader.fetchval(f"EXPLAIN (FORMAT JSON) {asked.query}", *asked.arguments)
    found: dict[str, Any] = json.loads(answer)[0]["Plan"]
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def read_whole(plan: dict[str, Any], large: set[str]) -> list[str]:
    """The large tables that the plan reads from one end to the other."""
    return [
        node["Relation Name"]
        for node in nodes(plan)
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in large
    ]
