"""Ways around Row Level Security that are known to have worked somewhere, each tried on the real schema."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest
from tests.databases import Database
from tests.store.rls.doors import door_findings
from tests.store.rls.expected import RELATIONS, Caller
from tests.store.rls.matrix import Bench, acting_as
from tests.store.rls.seed import Seeded

from watchglass.errors import Conflict
from watchglass.model.project import Principal
from watchglass.store.pool import open_pool
from watchglass.store.projects import create_project, rename_project
from watchglass.store.scope import Store, Writer

READ_BY_PEOPLE = sorted(table for table, rights in RELATIONS.items() if rights.people)


class TestWhoIsAsking:
    @pytest.mark.parametrize(
        "forged",
        ["", "00", "ff" * 32, "the user's id", "the user's name", "the project's id", "no hex at all", "' OR true --"],
    )
    async def test_a_session_that_nobody_was_given_shows_nothing(self, forged: str, bench: Bench) -> None:
        owner = bench.seeded.people[Caller.OWNER]
        value = {
            "the user's id": owner.user_id.hex,
            "the user's name": owner.name.encode().hex(),
            "the project's id": bench.seeded.ours.hex,
        }.get(forged, forged)
        async with acting_as(bench, Caller.ANONYMOUS) as connection:
            await connection.execute("SELECT set_config('app.session', $1, true)", value)
            try:
                rows = await connection.fetch("SELECT id FROM projects")
            except asyncpg.InvalidParameterValueError:
                rows = []
            assert rows == []

    @pytest.mark.parametrize("setting", ["app.user_id", "app.tenant_id", "app.project_id", "app.project_ids"])
    async def test_no_other_setting_says_who_is_asking(self, setting: str, bench: Bench) -> None:
        async with acting_as(bench, Caller.STRANGER) as connection:
            for value in (bench.seeded.ours, bench.seeded.people[Caller.OWNER].user_id):
                await connection.execute("SELECT set_config($1, $2, true)", setting, str(value))
                assert await connection.fetch("SELECT id FROM projects") == [(bench.seeded.theirs,)]

    async def test_the_hash_that_opens_the_door_is_read_by_nobody(self, bench: Bench) -> None:
        for caller in (Caller.LOGIN, Caller.OWNER, Caller.SYNC):
            for table in ("sessions", "api_tokens", "sign_in_links", "users", "user_identities"):
                async with acting_as(bench, caller) as connection:
                    with pytest.raises(asyncpg.InsufficientPrivilegeError):
                        await connection.fetch(f"SELECT 1 FROM {table}")

    async def test_what_has_ended_opens_no_door(self, bench: Bench) -> None:
        assert await door_findings(bench) == []

    async def test_who_left_a_project_and_whose_token_is_revoked_see_nothing_at_the_next_request(
        self, store: Store, bench: Bench, seeded: Seeded
    ) -> None:
        fred = seeded.people[Caller.FORMER]
        member = "INSERT INTO project_members (project_id, user_id, role) VALUES ($1, $2, 'editor')"
        await bench.admin.execute(member, seeded.ours, fred.user_id)
        async with store.read_as(fred) as reader:
            assert await reader.fetchval("SELECT count(*) FROM workflow_executions") == 1
            # In the middle of a request, too.
            await bench.admin.execute("DELETE FROM project_members WHERE user_id = $1", fred.user_id)
            assert await reader.fetchval("SELECT count(*) FROM workflow_executions") == 0
        await bench.admin.execute(member, seeded.ours, fred.user_id)
        revoked = "UPDATE api_tokens SET revoked_at = {} WHERE token_hash = $1"
        try:
            await bench.admin.execute(revoked.format("now()"), fred.session_hash)
            async with store.read_as(fred) as reader:
                assert await reader.fetchval("SELECT count(*) FROM workflow_executions") == 0
        finally:
            await bench.admin.execute(revoked.format("NULL"), fred.session_hash)
            await bench.admin.execute("DELETE FROM project_members WHERE user_id = $1", fred.user_id)


class TestOtherRoles:
    @pytest.mark.parametrize(
        "statement",
        [
            "SET ROLE {owner}",
            "SET ROLE {definer}",
            "SET ROLE {sync}",
            "SET SESSION AUTHORIZATION {sync}",
            "SELECT set_config('role', '{definer}', true)",
            "ALTER ROLE {user} BYPASSRLS",
            "GRANT {owner} TO {login}",
            "ALTER TABLE projects DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE projects NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY members_only ON projects",
            "CREATE POLICY mine ON projects USING (true)",
            "ALTER POLICY members_read ON projects USING (true)",
            "GRANT SELECT ON sessions TO {user}",
            "ALTER FUNCTION app.project_ids() SET search_path = public",
        ],
    )
    async def test_nobody_becomes_or_changes_another(self, statement: str, bench: Bench) -> None:
        roles = bench.database.roles
        wanted = statement.format(
            owner=roles.owner, definer=roles.definer, sync=roles.sync, user=roles.user, login=roles.login
        )
        for caller in (Caller.LOGIN, Caller.OWNER, *([] if "{sync}" in statement else [Caller.SYNC])):
            async with acting_as(bench, caller) as connection:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(wanted)

    async def test_who_gets_the_login_role_back_has_nothing(self, bench: Bench) -> None:
        for table in READ_BY_PEOPLE:
            async with acting_as(bench, Caller.OWNER) as connection:
                await connection.execute("RESET ROLE")
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"SELECT 1 FROM {table}")

    @pytest.mark.parametrize("table", READ_BY_PEOPLE)
    async def test_row_security_cannot_be_turned_off(self, table: str, bench: Bench) -> None:
        async with acting_as(bench, Caller.OWNER) as connection:
            await connection.execute("SET LOCAL row_security = off")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="would be affected by row-level security"):
                await connection.fetch(f"SELECT 1 FROM {table}")

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TEMP TABLE mine AS SELECT 1 AS one",
            "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean COST 0.0001 LANGUAGE sql AS 'SELECT true'",
            "CREATE FUNCTION public.leak(text) RETURNS boolean COST 0.0001 LANGUAGE sql AS 'SELECT true'",
            "CREATE OPERATOR public.<<< (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text)",
            "CREATE VIEW public.mine AS SELECT * FROM projects",
            "CREATE SCHEMA mine",
            "CREATE RULE mine AS ON SELECT TO projects DO INSTEAD SELECT 1",
            "CREATE TRIGGER mine BEFORE UPDATE ON projects EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "CREATE EXTENSION dblink",
            "CREATE PUBLICATION mine FOR ALL TABLES",
            "SELECT lo_create(0)",
            "SELECT lo_from_bytea(0, 'kept where no policy looks')",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT pg_ls_dir('.')",
            "COPY projects TO '/tmp/projects'",
            "COPY projects TO PROGRAM 'cat'",
            "DO $$ BEGIN PERFORM pg_read_file('PG_VERSION'); END $$",
            "SELECT * FROM pg_authid",
            "SELECT * FROM pg_user_mapping",
            "SELECT * FROM pg_statistic",
        ],
    )
    async def test_nobody_makes_what_could_look_past_a_policy(self, statement: str, bench: Bench) -> None:
        for caller in (Caller.LOGIN, Caller.OWNER, Caller.SYNC):
            async with acting_as(bench, caller) as connection:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)


class TestOracles:
    @pytest.mark.parametrize("table", READ_BY_PEOPLE)
    async def test_an_expression_that_tells_what_it_sees_sees_own_rows_alone(self, table: str, bench: Bench) -> None:
        """A cast that fails says in its message what it was given, and it is cheaper than the policy."""
        column = "id" if table == "projects" else "project_id"
        leak = f"SELECT 1 FROM {table} WHERE CAST({column}::text AS integer) = 1 AND {column} <> $1"
        async with acting_as(bench, Caller.STRANGER) as connection:
            with pytest.raises(asyncpg.InvalidTextRepresentationError) as told:
                await connection.fetch(leak.replace(f" AND {column} <> $1", ""))
            assert str(bench.seeded.theirs) in str(told.value)
        async with acting_as(bench, Caller.ANONYMOUS) as connection:
            assert await connection.fetch(leak, bench.seeded.theirs) == []
        for _ in range(2):
            async with acting_as(bench, Caller.STRANGER) as connection:
                with pytest.raises(asyncpg.InvalidTextRepresentationError) as told:
                    await connection.fetch(leak.replace(f"{column} <> $1", "true"))
                assert str(bench.seeded.ours) not in str(told.value)

    async def test_statistics_of_the_planner_are_shown_to_nobody(self, bench: Bench) -> None:
        await bench.admin.execute("ANALYZE")
        async with acting_as(bench, Caller.STRANGER) as connection:
            assert await connection.fetch("SELECT tablename FROM pg_stats WHERE schemaname = 'public'") == []

    async def test_what_others_ask_right_now_is_shown_to_nobody(self, bench: Bench) -> None:
        await bench.admin.fetch("SELECT 'a text of the administrator'")
        async with acting_as(bench, Caller.STRANGER) as connection:
            rows = await connection.fetch("SELECT query FROM pg_stat_activity WHERE query LIKE '%administrator%'")
            shown = [row["query"] for row in rows if "pg_stat_activity" not in row["query"]]
            assert shown == []

    async def test_what_belongs_to_another_project_cannot_be_hung_on(self, bench: Bench) -> None:
        """Foreign things and things that there are not give the same error; nothing of another project is taken on."""
        seeded = bench.seeded
        tables = {
            "workflow": "workflows",
            "connection": "connections",
            "execution": "workflow_executions",
            "service": "services",
        }
        foreign = {
            noun: await bench.admin.fetchval(f"SELECT id FROM {table} WHERE project_id = $1", seeded.ours)
            for noun, table in tables.items()
        }
        statements = {
            "workflow": "INSERT INTO workflow_versions (project_id, workflow_id, version, graph, note) "
            "VALUES ($1, $2, 9, '{}', '')",
            "connection": "INSERT INTO execution_keys (project_id, connection_id, temporal_run_id, execution_id) "
            "VALUES ($1, $2, 'a run', uuidv7())",
            "execution": "INSERT INTO history_pages VALUES ($1, $2, 1, 3, '\\x00')",
            "service": "INSERT INTO service_secrets VALUES ($1, $2, 'key', '\\x00')",
        }
        for noun, statement in statements.items():
            told = []
            for id in (foreign[noun], uuid4()):
                async with acting_as(bench, Caller.SYNC) as connection:
                    with pytest.raises(asyncpg.ForeignKeyViolationError) as error:
                        await connection.execute(statement, seeded.theirs, id)
                    told.append((error.value.sqlstate, str(error.value)))
            assert told[0] == told[1], noun

    async def test_a_taken_name_is_told_to_those_alone_who_see_it(self, bench: Bench) -> None:
        async with acting_as(bench, Caller.STRANGER) as connection:
            writer = Writer(connection)
            project_id = await create_project(writer, "Ada's")
            assert project_id != bench.seeded.ours
            assert await rename_project(writer, project_id, "Bob's second") == "owner"
            with pytest.raises(Conflict):
                await create_project(writer, "Bob's")

    async def test_foreign_projects_and_those_that_there_are_not_cannot_be_renamed(
        self, store: Store, seeded: Seeded
    ) -> None:
        async with store.write_as(seeded.people[Caller.STRANGER]) as writer:
            for project_id in (seeded.ours, uuid4()):
                assert await rename_project(writer, project_id, "mine now") is None


class TestPeople:
    @pytest.mark.parametrize(
        "statement",
        [
            "SELECT * FROM projects FOR UPDATE",
            "LOCK TABLE projects IN ACCESS EXCLUSIVE MODE",
            "MERGE INTO projects p USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
            "INSERT INTO project_members SELECT id, app.user_id(), 'owner' FROM projects",
            "UPDATE project_members SET role = 'owner'",
            "SELECT app.ensure_project('Ada''s', app.user_id())",
            "WITH gone AS (DELETE FROM workflow_executions RETURNING *) SELECT * FROM gone",
            "VACUUM projects",
        ],
    )
    async def test_a_person_changes_something_through_functions_alone(
        self, statement: str, store: Store, seeded: Seeded
    ) -> None:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ActiveSQLTransactionError)):
            async with store.write_as(seeded.people[Caller.OWNER]) as writer:
                await writer.execute(statement)

    async def test_who_only_looks_has_a_transaction_that_only_reads(self, store: Store, seeded: Seeded) -> None:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            async with store.read_as(seeded.people[Caller.OWNER]) as reader:
                await reader.fetchval("SELECT app.create_project('while looking')")

    async def test_who_has_no_session_makes_and_renames_nothing(self, store: Store, seeded: Seeded) -> None:
        anonymous = seeded.people[Caller.ANONYMOUS]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with store.write_as(anonymous) as writer:
                await create_project(writer, "forged")
        async with store.write_as(anonymous) as writer:
            assert await rename_project(writer, seeded.ours, "forged") is None


class TestPools:
    async def test_prepared_statements_with_one_plan_for_all_answer_each_person(self, bench: Bench) -> None:
        seeded = bench.seeded
        connection = await asyncpg.connect(bench.database.login_url)
        try:
            await connection.execute("SET plan_cache_mode = force_generic_plan")
            statement = await connection.prepare("SELECT project_id FROM workflow_executions WHERE status = ANY ($1)")
            for turn in range(12):
                caller = (Caller.OWNER, Caller.STRANGER, Caller.ANONYMOUS)[turn % 3]
                async with connection.transaction():
                    await _become(connection, bench.database, seeded.people[caller])
                    rows = await statement.fetch(["running", "pending"])
                assert [row["project_id"] for row in rows] == seeded.own(caller)
        finally:
            await connection.close()

    async def test_a_request_of_one_read_asks_four_times_and_leaves_nothing_to_be_reset(self, bench: Bench) -> None:
        pool = await open_pool(bench.database.login_url, size=1)
        store = Store(pool, pool, bench.database.roles.user)
        asked: list[str] = []
        try:
            async with pool.acquire() as connection:
                connection.add_query_logger(lambda query: asked.append(query.query))
            asked.clear()
            async with store.read_as(bench.seeded.people[Caller.OWNER]) as reader:
                assert await reader.fetchval("SELECT count(*) FROM projects") == 1
        finally:
            await pool.close()
        begin, become, read, end = asked[:4]
        assert begin.startswith("BEGIN")
        assert "set_config('role', $1, true)" in become
        assert read == "SELECT count(*) FROM projects"
        assert end.startswith("COMMIT;\nRESET ROLE;")
        assert end.endswith("RESET ALL;")
        assert len(asked) == 4

    async def test_nothing_of_a_request_stays_in_the_pool(self, store: Store, bench: Bench, seeded: Seeded) -> None:
        owner = seeded.people[Caller.OWNER]
        async with store.read_as(owner):
            pass
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with store.read_as(owner) as reader:
                await reader.fetchval("SELECT 1 / 0")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), store.read_as(owner) as reader:
                await reader.fetchval("SELECT pg_sleep(5)")
        async with store.read_as(owner) as reader:
            # What an injected statement would leave behind for the next person.
            await reader.fetch(
                "SELECT set_config('app.session', $1, false), set_config('role', $2, false)",
                owner.session_hash.hex(),
                store.user_role,
            )
        with pytest.raises(asyncpg.DivisionByZeroError):
            async with store.read_as(owner) as reader:
                await reader.fetchval("SELECT pg_advisory_lock(7)")
                await reader.fetchval("SELECT 1 / 0")
        held = await bench.admin.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7")
        assert held == 0
        for _ in range(8):
            async with store.login.acquire() as connection:
                row = await connection.fetchrow(
                    "SELECT current_user = session_user, current_setting('app.session', true)"
                )
                assert row[0] is True
                assert row[1] in {None, ""}


async def _become(connection: asyncpg.Connection, database: Database, principal: Principal) -> None:
    await connection.execute(
        "SELECT set_config('role', $1, true), set_config('app.session', $2, true)",
        database.roles.user,
        principal.session_hash.hex(),
    )
