"""Faults planted in the schema, generated from its catalogue. Each must be noticed by a test that can be named."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.store.rls.doors import door_findings
from tests.store.rls.expected import FUNCTIONS, PEOPLE, RELATIONS, Caller
from tests.store.rls.lint import RULES, Rule, check
from tests.store.rls.matrix import Bench, function_findings, relation_findings, undecided

READ_BY_PEOPLE = sorted(table for table, rights in RELATIONS.items() if rights.people)
MATRIX_OF_TABLE = "test_matrix.py::test_everybody_reaches_exactly_what_they_may"
MATRIX_OF_FUNCTION = "test_matrix.py::test_functions_are_called_by_exactly_those_who_may"
GUARDED = sorted(table for table, rights in RELATIONS.items() if rights.is_guarded)


@dataclass(frozen=True, slots=True)
class Mutant:
    kind: str
    target: str
    """A table or the signature of a function: what it is about."""
    sql: str

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.target}"


async def kill(bench: Bench, mutant: Mutant, likely: str | None = None) -> str | None:
    """A test that fails with this fault, which is taken back; None: it survives.

    `bench` has the administrator's connection alone. `likely` is the test that is tried first.
    """
    transaction = bench.admin.transaction()
    await transaction.start()
    try:
        await bench.admin.execute(mutant.sql)
        return await failing(bench, mutant.target, likely)
    finally:
        await transaction.rollback()


async def failing(bench: Bench, target: str, likely: str | None = None) -> str | None:
    """A test that fails on the schema as it is: of the rules, and of the matrix's row of one table or function."""
    tests = _tests(bench, target)
    for name in sorted(tests, key=lambda name: name != likely):
        if await tests[name]():
            return name
    return None


def _tests(bench: Bench, target: str) -> dict[str, Callable[[], Awaitable[list[str]]]]:
    async def broken(rule: Rule) -> list[str]:
        return (await check(bench.admin, rule, bench.database.roles)).broken_by

    tests: dict[str, Callable[[], Awaitable[list[str]]]] = {
        f"test_catalogue.py::test_the_catalogue_keeps_the_rule[{rule.name}]": partial(broken, rule) for rule in RULES
    }
    matrix = "test_matrix.py::test_everything_in_the_database_has_been_decided_on"
    tests[matrix] = partial(undecided, bench.admin)
    tests["test_attacks.py::TestWhoIsAsking::test_what_has_ended_opens_no_door"] = partial(door_findings, bench)
    if target in RELATIONS:
        tests[f"{MATRIX_OF_TABLE}[{target}]"] = partial(relation_findings, bench, target)
    if target in FUNCTIONS:
        tests[f"{MATRIX_OF_FUNCTION}[{target}]"] = partial(function_findings, bench, target)
    return tests


async def all_mutants(bench: Bench) -> list[Mutant]:
    """Every fault, for everything that the catalogue has of its kind."""
    admin, roles = bench.admin, bench.database.roles
    first = {
        row["relname"]: row["attname"]
        for row in await admin.fetch(
            "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1 "
            "WHERE c.relnamespace = 'public'::regnamespace"
        )
    }
    mutants = [
        Mutant(f"policy {row['polname']} dropped", row["relname"], f"DROP POLICY {row['polname']} ON {row['relname']}")
        for row in await admin.fetch(
            "SELECT p.polname, c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid ORDER BY 2, 1"
        )
    ]
    mutants += _each(GUARDED, "FORCE dropped", lambda t: f"ALTER TABLE {t} NO FORCE ROW LEVEL SECURITY")
    mutants += _each(GUARDED, "security turned off", lambda t: f"ALTER TABLE {t} DISABLE ROW LEVEL SECURITY")
    for policy in ("members_read", "members_only"):
        mutants += _each(
            READ_BY_PEOPLE,
            f"{policy} looks the projects up for every row",
            lambda t, policy=policy: f"ALTER POLICY {policy} ON {t} USING ({_key(t)} = ANY (app.project_ids()))",
        )
        mutants += _each(
            READ_BY_PEOPLE,
            f"{policy} lets all through",
            lambda t, policy=policy: f"ALTER POLICY {policy} ON {t} USING (true)",
        )
    mutants += _each(
        READ_BY_PEOPLE,
        "both policies let all through",
        lambda t: f"ALTER POLICY members_read ON {t} USING (true); ALTER POLICY members_only ON {t} USING (true)",
    )
    mutants += _each(
        GUARDED,
        "a second policy lets people read all",
        lambda t: (
            f"GRANT SELECT ON {t} TO {roles.user}; CREATE POLICY more ON {t} FOR SELECT TO {roles.user} USING (true)"
        ),
    )
    mutants += _each(
        GUARDED, "a policy for everybody", lambda t: f"CREATE POLICY more ON {t} FOR SELECT TO PUBLIC USING (true)"
    )
    mutants += _each(
        READ_BY_PEOPLE,
        "a view of its maker's is granted",
        lambda t: f"CREATE VIEW public.shown AS SELECT * FROM {t}; GRANT SELECT ON public.shown TO {roles.user}",
    )
    mutants += _each(
        READ_BY_PEOPLE,
        "a copy of all is granted",
        lambda t: (
            f"CREATE MATERIALIZED VIEW public.shown AS SELECT 1 FROM {t}; GRANT SELECT ON public.shown TO {roles.user}"
        ),
    )
    mutants += _each(
        READ_BY_PEOPLE,
        "a barrier view in the schema of functions is granted",
        lambda t: (
            f"CREATE VIEW app.shown WITH (security_barrier) AS SELECT * FROM {t}; "
            f"GRANT SELECT ON app.shown TO {roles.user}"
        ),
    )
    for privilege in ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"):
        mutants += _each(
            GUARDED,
            f"{privilege} granted to people",
            lambda t, privilege=privilege: f"GRANT {privilege} ON {t} TO {roles.user}",
        )
    mutants += _each(
        sorted(set(GUARDED) - set(READ_BY_PEOPLE)),
        "SELECT granted to people",
        lambda t: f"GRANT SELECT ON {t} TO {roles.user}",
    )
    mutants += _each(
        GUARDED, "SELECT granted to the bare login role", lambda t: f"GRANT SELECT ON {t} TO {roles.login}"
    )
    mutants += _each(GUARDED, "SELECT granted to everybody", lambda t: f"GRANT SELECT ON {t} TO PUBLIC")
    mutants += _each(
        READ_BY_PEOPLE,
        "a grant that may be passed on",
        lambda t: f"GRANT SELECT ON {t} TO {roles.user} WITH GRANT OPTION",
    )
    mutants += _each(
        GUARDED, "a column granted to people", lambda t: f"GRANT SELECT ({first[t]}) ON {t} TO {roles.user}"
    )
    mutants += _each(
        GUARDED,
        "a column is an enum",
        lambda t: f"CREATE TYPE public.mood AS ENUM ('a'); ALTER TABLE {t} ADD COLUMN mood public.mood",
    )
    mutants += _each(READ_BY_PEOPLE, "no index that its policy can use", _without_index)
    mutants += _each(
        sorted(set(READ_BY_PEOPLE) - {"projects", "project_members", "connections"}),
        "a foreign key without the project",
        lambda t: f"ALTER TABLE {t} ADD COLUMN other uuid REFERENCES connections (id)",
    )
    mutants += _each(
        READ_BY_PEOPLE,
        "a name that is taken for all",
        lambda t: f"ALTER TABLE {t} ADD COLUMN other_name text UNIQUE",
    )
    signatures = sorted(FUNCTIONS)
    mutants += _each(signatures, "callable by everybody", lambda f: f"GRANT EXECUTE ON FUNCTION {f} TO PUBLIC")
    mutants += _each(
        [f for f in signatures if Caller.SYNC not in FUNCTIONS[f]],
        "callable by the sync role",
        lambda f: f"GRANT EXECUTE ON FUNCTION {f} TO {roles.sync}",
    )
    mutants += _each(signatures, "search_path of whoever calls", lambda f: f"ALTER FUNCTION {f} RESET search_path")
    mutants += _each(signatures, "search_path with public", lambda f: f"ALTER FUNCTION {f} SET search_path = public")
    mutants += _each(signatures, "run as whoever calls", lambda f: f"ALTER FUNCTION {f} SECURITY INVOKER")
    mutants += _each(signatures, "said to be leakproof", lambda f: f"ALTER FUNCTION {f} LEAKPROOF")
    mutants += _each(signatures, "owned by the tables' owner", lambda f: f"ALTER FUNCTION {f} OWNER TO {roles.owner}")
    mutants += _each(
        [f for f, callers in FUNCTIONS.items() if not callers & set(PEOPLE)],
        "callable by people",
        lambda f: f"GRANT EXECUTE ON FUNCTION {f} TO {roles.user}",
    )
    mutants += await _forgotten_conditions(admin)
    database = await admin.fetchval("SELECT current_database()")
    mutants += [Mutant(kind, target, sql) for kind, target, sql in _single(roles, database)]
    return mutants


async def _forgotten_conditions(admin: Any) -> list[Mutant]:
    """Each condition on a line of its own in what says who is asking is left out wherever it stands."""
    sources = await admin.fetch(
        "SELECT pg_get_functiondef(f) AS made, f::text AS signature FROM unnest(ARRAY["
        "'app.user_id()', 'app.token()', 'app.project_ids()']::regprocedure[]) f"
    )
    conditions = {line for row in sources for line in row["made"].splitlines() if line.strip().startswith("AND ")}
    return [
        Mutant(
            "who is asking is not asked",
            condition.strip(),
            ";".join(row["made"].replace(condition, "") for row in sources if condition in row["made"]),
        )
        for condition in sorted(conditions)
    ]


def _each(targets: Iterable[str], kind: str, sql: Callable[[str], str]) -> list[Mutant]:
    return [Mutant(kind, target, sql(target)) for target in targets]


def _key(table: str) -> str:
    return "id" if table == "projects" else "project_id"


def _without_index(table: str) -> str:
    return f"""
        DO $$
        DECLARE v_index regclass; v_constraint name;
        BEGIN
            FOR v_index IN SELECT i.indexrelid FROM pg_index i JOIN pg_attribute a
                ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = '{table}'::regclass AND a.attname = '{_key(table)}'
            LOOP
                SELECT conname INTO v_constraint FROM pg_constraint
                    WHERE conindid = v_index AND conrelid = '{table}'::regclass AND contype IN ('p', 'u');
                IF v_constraint IS NULL THEN
                    EXECUTE format('DROP INDEX %s', v_index);
                ELSE
                    EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I CASCADE', v_constraint);
                END IF;
            END LOOP;
        END $$
    """


def _single(roles: Any, database: str) -> list[tuple[str, str, str]]:
    """Faults of the database and its roles, and of what functions say."""
    powers = [
        ("may be anything", f"ALTER ROLE {role} {power}")
        for role in (roles.login, roles.user, roles.sync, roles.definer, roles.owner)
        for power in ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION")
    ]
    everybodys = "SELECT coalesce(array_agg(m.project_id), '{}') FROM public.project_members m"
    revoked = (
        "SELECT t.user_id FROM public.api_tokens t WHERE t.token_hash = "
        "decode(nullif(current_setting('app.session', true), ''), 'hex')"
    )
    return [
        *((f"a role {what}", "roles", sql) for what, sql in powers),
        ("the login role inherits", "roles", f"ALTER ROLE {roles.login} INHERIT"),
        ("the user role logs in", "roles", f"ALTER ROLE {roles.user} LOGIN"),
        ("the login role may become the sync role", "roles", f"GRANT {roles.sync} TO {roles.login}"),
        ("the user role may become the definer", "roles", f"GRANT {roles.definer} TO {roles.user}"),
        ("the sync role may become the owner", "roles", f"GRANT {roles.owner} TO {roles.sync}"),
        ("the user role is inherited", "roles", f"GRANT {roles.user} TO {roles.login} WITH INHERIT TRUE"),
        ("statements of the login role run for ever", "roles", f"ALTER ROLE {roles.login} RESET statement_timeout"),
        ("statements of the sync role run for ever", "roles", f"ALTER ROLE {roles.sync} SET statement_timeout = 0"),
        ("the login role waits for locks for ever", "roles", f"ALTER ROLE {roles.login} RESET lock_timeout"),
        ("temporary tables for everybody", "database", f"GRANT TEMP ON DATABASE {database} TO PUBLIC"),
        ("schemas of people", "database", f"GRANT CREATE ON DATABASE {database} TO {roles.user}"),
        ("tables of everybody in public", "database", "GRANT CREATE ON SCHEMA public TO PUBLIC"),
        ("functions of the login role", "database", f"GRANT CREATE ON SCHEMA app TO {roles.login}"),
        ("large objects for everybody", "database", "GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC"),
        ("a table that nobody decided on", "database", "CREATE TABLE public.more (project_id uuid)"),
        (
            "a partition that is open",
            "database",
            "CREATE TABLE public.parted (project_id uuid) PARTITION BY HASH (project_id);"
            "ALTER TABLE public.parted ENABLE ROW LEVEL SECURITY; ALTER TABLE public.parted FORCE ROW LEVEL SECURITY;"
            "CREATE TABLE public.part PARTITION OF public.parted FOR VALUES WITH (MODULUS 1, REMAINDER 0);"
            f"GRANT SELECT ON public.parted, public.part TO {roles.user}",
        ),
        ("a schema that nobody decided on", "database", "CREATE SCHEMA more"),
        ("a sequence that nobody decided on", "database", "CREATE SEQUENCE public.numbers"),
        (
            "a function that nobody decided on",
            "database",
            "CREATE FUNCTION app.all_runs() RETURNS bigint LANGUAGE sql SECURITY DEFINER "
            "AS 'SELECT count(*) FROM public.workflow_executions'",
        ),
        (
            "the projects of everybody are everybody's",
            "workflow_executions",
            "CREATE OR REPLACE FUNCTION app.project_ids() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER "
            f"SET search_path = '' AS $f${everybodys}$f$",
        ),
        (
            "a revoked token goes on",
            "workflow_executions",
            "CREATE OR REPLACE FUNCTION app.user_id() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER "
            f"SET search_path = '' AS $f${revoked}$f$",
        ),
        (
            "who is asking is what they say",
            "workflow_executions",
            "CREATE OR REPLACE FUNCTION app.project_ids() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER "
            "SET search_path = '' AS $f$SELECT coalesce(array_agg(p.id), '{}') FROM public.projects p "
            "WHERE current_setting('app.session', true) <> ''$f$",
        ),
    ]
