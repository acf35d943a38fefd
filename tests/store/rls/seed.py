"""People of every kind around two projects, with a row of each project in every table."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg
from tests.databases import Database, make_project
from tests.store.rls.expected import Caller

from watchglass.model.described import Described
from watchglass.model.execution import RunRef
from watchglass.model.project import Principal
from watchglass.model.schedule import Schedule
from watchglass.statistics.columns import COMPONENTS, RUNS
from watchglass.store.backfills import NewBackfill, add_backfill
from watchglass.store.connections import ensure_connection
from watchglass.store.followed import want_watched
from watchglass.store.gaps import add_gap
from watchglass.store.listed_runs import insert_listed
from watchglass.store.listing_windows import ListingWindow, add_windows
from watchglass.store.schedules import ListedSchedule, save_listed_schedules
from watchglass.store.scope import Store
from watchglass.store.undecoded import mark_undecoded

NIGHTLY = Schedule("nightly", "Report", "every day at 02:00 UTC", "{}", False, "", (), ())


@dataclass(frozen=True)
class Seeded:
    """Two projects of two owners, and who else looks at the first one."""

    ours: UUID
    theirs: UUID
    people: dict[Caller, Principal]

    def own(self, caller: Caller) -> list[UUID]:
        """The projects whose rows the caller may see."""
        if caller is Caller.STRANGER:
            return [self.theirs]
        return [self.ours] if caller in (Caller.VIEWER, Caller.EDITOR, Caller.OWNER) else []


def described(run_id: str, *, workflow_id: str = "order-1", type: str = "Order") -> Described:
    """A run as a list of Temporal shows it."""
    return Described(
        ref=RunRef(workflow_id, run_id),
        type=type,
        status=1,
        started_at=1_700_000_000_000_000,
        execution_at=None,
        closed_at=None,
        history_length=3,
        history_bytes=100,
        task_queue="orders",
        first_run_id=run_id,
        parent=None,
        root=None,
        memo={},
        search_attributes={},
        build_id=None,
        schedule_id=None,
        cancel_requested=False,
        reset_run_id=None,
    )


async def seed(store: Store, database: Database) -> Seeded:
    """Fill a migrated database."""
    ours, owner = await make_project(store, "Ada's", owner="ada")
    theirs, stranger = await make_project(store, "Bob's", owner="bob")
    people = {
        Caller.ANONYMOUS: Principal(owner.user_id, "ada", os.urandom(32)),
        Caller.OWNER: owner,
        Caller.STRANGER: stranger,
        Caller.SIGNED_OUT: Principal(owner.user_id, "ada", sha256(b"ada's revoked token").digest()),
    }
    for caller, name in ((Caller.VIEWER, "vera"), (Caller.EDITOR, "emil"), (Caller.FORMER, "fred")):
        people[caller] = await _person(store, name)
    async with store.door() as door:
        revoked = people[Caller.SIGNED_OUT]
        await door.execute(
            "SELECT app.issue_token($1, $2, 'revoked', $3)", revoked.session_hash, revoked.user_id, timedelta(days=1)
        )
        for principal in (owner, stranger):
            await door.execute(
                "SELECT app.issue_sign_in_link($1, $2, $3)",
                sha256(principal.user_id.bytes).digest(),
                principal.user_id,
                timedelta(days=1),
            )
    admin = await asyncpg.connect(database.admin_url)
    try:
        for caller, role in ((Caller.VIEWER, "viewer"), (Caller.EDITOR, "editor"), (Caller.FORMER, "owner")):
            await admin.execute(
                "INSERT INTO project_members (project_id, user_id, role) VALUES ($1, $2, $3)",
                ours,
                people[caller].user_id,
                role,
            )
        await admin.execute("DELETE FROM project_members WHERE user_id = $1", people[Caller.FORMER].user_id)
        await admin.execute("UPDATE api_tokens SET revoked_at = now() WHERE name = 'revoked'")
        await admin.execute(
            "INSERT INTO sessions (token_hash, user_id, expires_at) SELECT sha256(name::bytea), id, now() FROM users"
        )
        await admin.execute("INSERT INTO user_identities SELECT 'https://id.example', name, id FROM users")
        await admin.execute("INSERT INTO sign_in_tries SELECT sha256(name::bytea), now(), id FROM users")
        await admin.execute("INSERT INTO oidc_sign_ins SELECT sha256(name::bytea), '', '', '', '', now() FROM users")
    finally:
        await admin.close()
    for project_id, principal in ((ours, owner), (theirs, stranger)):
        await _fill(store, project_id, principal)
    return Seeded(ours, theirs, people)


async def _person(store: Store, name: str) -> Principal:
    token_hash = sha256(f"{name}-token".encode()).digest()
    async with store.door() as door:
        user_id = await door.fetchval("SELECT app.ensure_user($1)", name)
        await door.execute("SELECT app.issue_token($1, $2, 'test', $3)", token_hash, user_id, timedelta(days=1))
    return Principal(user_id, name, token_hash)


async def _fill(store: Store, project_id: UUID, principal: Principal) -> None:
    async with store.write() as writer:
        connection = await ensure_connection(
            writer, project_id=project_id, address="127.0.0.1:1", namespace="a", is_embedded=False
        )
        (listed,) = await insert_listed(writer, connection, [described(f"run of {principal.name}")])
        key = listed.key
        ids = (project_id, key.id)
        await writer.execute("INSERT INTO history_pages VALUES ($1, $2, 1, 3, '\\x00')", *ids)
        await writer.execute("INSERT INTO run_descriptions VALUES ($1, $2, now(), '\\x00', '[null, []]')", *ids)
        await writer.execute(
            "INSERT INTO component_executions (project_id, execution_id, event_id, last_event_id, node_id, occurrence, "
            "name, display_name, kind, status, clock_skew, cancel_requested, copied) "
            "VALUES ($1, $2, 5, 7, 'pay', 1, 'pay', 'pay', 'activity', 'completed', false, false, false)",
            *ids,
        )
        await writer.execute(
            "INSERT INTO component_attempts VALUES ($1, $2, 5, 1, 1, NULL, NULL, NULL, 'observed')", *ids
        )
        await writer.execute(
            "INSERT INTO execution_search_attributes VALUES ($1, $2, 'City', 0, 'Keyword', 'Paris')", *ids
        )
        await want_watched(writer, key, seconds=30, at_most_every=10)
        workflow_id = await writer.fetchval("SELECT workflow_id FROM workflow_executions WHERE id = $1", key.id)
        figures = ", ".join(["0"] * 15)
        await writer.execute(f"INSERT INTO workflow_statistics VALUES ($1, $2, {figures})", project_id, workflow_id)
        await writer.execute(f"INSERT INTO project_statistics VALUES ($1, {figures})", project_id)
        await writer.execute(
            "INSERT INTO component_statistics VALUES ($1, $2, 'activity', 'pay', 1, 0, 0, 0)", project_id, workflow_id
        )
        await writer.execute("INSERT INTO task_queue_statistics VALUES ($1, 'orders', 1)", project_id)
        runs, steps = ", ".join(["0"] * len(RUNS.sums)), ", ".join(["0"] * len(COMPONENTS.sums))
        of_runs, of_steps = f"{runs}, 1, 1, '{{}}', '{{}}'", f"{steps}, {', '.join(['1'] * 10)}, '{{}}', '{{}}'"
        series = (project_id, workflow_id)
        words = "'orders', '', '', 0, true"
        await writer.execute(f"INSERT INTO run_rollups VALUES ($1, $2, 3, now(), 1, {of_runs})", *series)
        await writer.execute(f"INSERT INTO component_rollups VALUES ($1, $2, 3, now(), 1, 1, {of_steps})", *series)
        await writer.execute(
            f"INSERT INTO run_changes VALUES (DEFAULT, $1, $2, now(), {words}, {of_runs}, false, true)", *series
        )
        await writer.execute(
            "INSERT INTO component_changes VALUES "
            f"(DEFAULT, $1, $2, now(), 'activity', 'pay', '', {words}, {of_steps}, false)",
            *series,
        )
        await writer.execute(f"INSERT INTO rollup_variants VALUES ($1, $2, 1, {words})", *series)
        await writer.execute("INSERT INTO rollup_components VALUES ($1, $2, 1, 'activity', 'pay', '', '')", *series)
        await writer.execute("INSERT INTO rollup_splits VALUES ($1, $2, 3, now())", *series)
        await writer.execute("INSERT INTO rollup_projects VALUES ($1, now())", project_id)
        await writer.execute("INSERT INTO rollup_checks (project_id) VALUES ($1)", project_id)
        await writer.execute("INSERT INTO project_retention (project_id) VALUES ($1)", project_id)
        await writer.execute(
            "INSERT INTO removed_errors VALUES ($1, $2, now(), 'key', '', '', 0, true, 1, now(), now(), 'Error', NULL)",
            *series,
        )
        await writer.execute("INSERT INTO patrols VALUES ($1, $2, 1, 30, now())", project_id, connection.id)
        await writer.execute(
            "INSERT INTO task_queues VALUES ($1, $2, 'orders', 'workflow', true, NULL, NULL, NULL, now())",
            project_id,
            connection.id,
        )
        await writer.execute(
            "INSERT INTO node_journal VALUES ($1, $2, 9, 0, 'ok', '{}', 'completed', now(), 'yes', 'true', false)", *ids
        )
        now = await writer.fetchval("SELECT now()")
        await add_gap(writer, connection, from_at=now, to_at=now)
        await add_backfill(writer, connection, NewBackfill(from_at=now))
        await mark_undecoded(writer, [(key, connection.id, "The codec server does not answer.")])
        await save_listed_schedules(
            writer, connection, [ListedSchedule(NIGHTLY, b"a line")], at=datetime(2026, 11, 1, tzinfo=UTC)
        )
        await add_windows(writer, connection, [ListingWindow("started", None, None)])
        await writer.execute("INSERT INTO workflow_drafts VALUES ($1, $2, '{}', 1)", project_id, workflow_id)
        await writer.execute("INSERT INTO workflow_versions VALUES ($1, $2, 1, '{}', '')", project_id, workflow_id)
        await writer.execute("INSERT INTO components VALUES ($1, 'pay', 'person', '{}')", project_id)
        service_id = await writer.fetchval(
            "INSERT INTO services (project_id, name, kind, settings, has_secret) "
            "VALUES ($1, 'shop', 'http', '{}', true) RETURNING id",
            project_id,
        )
        await writer.execute("INSERT INTO service_secrets VALUES ($1, $2, 'key', '\\x00')", project_id, service_id)
        await writer.execute("INSERT INTO project_keys VALUES ($1, 'key', '\\x00')", project_id)
        await writer.execute(
            "INSERT INTO erased_runs VALUES ($1, $2, '\\x00', 'run', now())", project_id, connection.id
        )
        await writer.execute(
            "INSERT INTO connection_credentials VALUES ($1, $2, 'key', '\\x00')", project_id, connection.id
        )
        await writer.execute(
            "INSERT INTO call_budgets VALUES ('127.0.0.1:1', $1, 'history', 1, now())", str(project_id)
        )
        await writer.execute(
            "INSERT INTO audit_log (project_id, user_name, action, target, details) "
            "VALUES ($1, 'ada', 'version.save', '1', '{}')",
            project_id,
        )
