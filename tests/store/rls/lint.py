"""Rules that the catalogue of the database has to keep, each as one query: what it looked at, and what breaks it."""

from dataclasses import dataclass
from typing import Any

from tests.databases import Database

from watchglass.store.roles import Roles


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    query: str
    """Returns `what` (text) and `breaks` (boolean) for everything the rule is about. Placeholders name the roles."""
    least: int = 1
    """Fewer things than this mean that the rule looks past what it is for. 0: there need be none."""


@dataclass(frozen=True, slots=True)
class Checked:
    rule: Rule
    looked_at: int
    broken_by: list[str]


_TABLES = (
    "pg_class c WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace) "
    "AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'"
)
_LEADS = """
    SELECT c.oid::regclass AS what, NOT EXISTS (
        SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL
          AND a.attname = CASE c.relname WHEN 'projects' THEN 'id' ELSE 'project_id' END
    ) AS breaks
    FROM pg_class c WHERE EXISTS (
        SELECT FROM pg_policy p WHERE p.polrelid = c.oid
          AND pg_get_expr(p.polqual, p.polrelid) LIKE '%project_ids%')
"""

RULES = (
    Rule(
        "Row Level Security is on and forced",
        f"SELECT c.oid::regclass AS what, NOT (c.relrowsecurity AND c.relforcerowsecurity) AS breaks FROM {_TABLES}",
        least=30,
    ),
    Rule(
        "a partition is as guarded as its table",
        "SELECT c.oid::regclass AS what, NOT (c.relrowsecurity AND c.relforcerowsecurity) "
        "  OR NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) AS breaks "
        "FROM pg_class c WHERE c.relispartition",
        least=0,
    ),
    Rule(
        "a policy looks the projects up once a statement",
        # What is left when the wrapped call is taken out must not call anything: neither this function nor another.
        "SELECT p.polrelid::regclass || '.' || p.polname AS what, "
        "  replace(replace(rule, '( SELECT app.project_ids() AS project_ids)', ''), '= ANY (', '') "
        "    ~ '\\w\\s*\\(' AS breaks "
        "FROM pg_policy p, LATERAL (SELECT unnest(ARRAY[pg_get_expr(p.polqual, p.polrelid), "
        "  pg_get_expr(p.polwithcheck, p.polrelid)]) AS rule) r "
        "WHERE rule IS NOT NULL AND p.polroles && ARRAY['{user}'::regrole::oid]",
        least=50,
    ),
    Rule(
        "what people read is asked of their projects, with no other way round",
        "SELECT p.polrelid::regclass || '.' || p.polname AS what, "
        "  pg_get_expr(p.polqual, p.polrelid) NOT LIKE "
        "    CASE p.polrelid::regclass::text WHEN 'projects' THEN '(id' ELSE '(project_id' END "
        "    || ' = ANY (( SELECT app.project_ids() AS project_ids)::uuid[]))%' "
        "  OR pg_get_expr(p.polqual, p.polrelid) LIKE '% OR %' AS breaks "
        "FROM pg_policy p WHERE p.polroles && ARRAY['{user}'::regrole::oid]",
        least=50,
    ),
    Rule("the policy's column leads an index of all rows", _LEADS, least=25),
    Rule(
        "no view shows what its maker may see, and no materialized view is granted",
        "SELECT c.oid::regclass AS what, c.relkind = 'm' "
        "  OR NOT coalesce(c.reloptions::text LIKE '%security_invoker=true%', false) AS breaks "
        "FROM pg_class c WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace) "
        "AND c.relkind IN ('v', 'm')",
        least=0,
    ),
    Rule(
        "functions are the definer's, run as it, with an empty search_path",
        "SELECT f.oid::regprocedure AS what, NOT (f.prosecdef AND f.proconfig = ARRAY['search_path=\"\"'] "
        "  AND f.proowner = '{definer}'::regrole) AS breaks "
        "FROM pg_proc f WHERE f.pronamespace IN ('public'::regnamespace, 'app'::regnamespace)",
        least=13,
    ),
    Rule(
        "nobody may call a function because everybody may",
        "SELECT f.oid::regprocedure AS what, f.proacl IS NULL OR EXISTS ("
        "    SELECT FROM aclexplode(f.proacl) a WHERE a.grantee = 0) AS breaks "
        "FROM pg_proc f WHERE f.pronamespace IN ('public'::regnamespace, 'app'::regnamespace)",
        least=13,
    ),
    Rule(
        "who is asking is said by one text",
        "SELECT f.oid::regprocedure AS what, coalesce(substring(f.prosrc FROM 'FROM \\((.*)\\) asking') <> "
        "  (SELECT substring(prosrc FROM 'FROM \\((.*)\\) asking') FROM pg_proc "
        "   WHERE oid = 'app.project_ids()'::regprocedure), true) AS breaks "
        "FROM pg_proc f WHERE f.oid IN ('app.user_id()'::regprocedure, 'app.token()'::regprocedure, "
        "  'app.project_ids()'::regprocedure)",
        least=3,
    ),
    Rule(
        "no function of ours is said to be leakproof",
        "SELECT f.oid::regprocedure AS what, f.proleakproof AS breaks FROM pg_proc f "
        "WHERE f.pronamespace IN ('public'::regnamespace, 'app'::regnamespace)",
        least=13,
    ),
    Rule(
        "one permissive policy for each table, role and command",
        "SELECT p.polrelid::regclass || ' ' || r::regrole || ' ' || command AS what, count(*) > 1 AS breaks "
        "FROM pg_policy p, unnest(p.polroles) r, LATERAL unnest("
        "  CASE p.polcmd WHEN '*' THEN ARRAY['r', 'a', 'w', 'd'] ELSE ARRAY[p.polcmd::text] END) command "
        "WHERE p.polpermissive GROUP BY p.polrelid, r, command",
        least=100,
    ),
    Rule(
        "no policy is for everybody",
        "SELECT p.polrelid::regclass || '.' || p.polname AS what, 0::oid = ANY (p.polroles) AS breaks FROM pg_policy p",
        least=100,
    ),
    Rule(
        "what people read has a restrictive guard beside its policy",
        "SELECT c.oid::regclass AS what, NOT (EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid "
        "    AND NOT p.polpermissive AND p.polcmd = '*' AND p.polroles = ARRAY['{user}'::regrole::oid]) "
        "  AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid "
        "    AND p.polpermissive AND p.polcmd = 'r' AND p.polroles = ARRAY['{user}'::regrole::oid])) AS breaks "
        f"FROM {_TABLES} AND has_any_column_privilege('{{user}}', c.oid, 'SELECT')",
        least=25,
    ),
    Rule(
        "people hold nothing but SELECT, and nobody a right to a column alone",
        "SELECT c.oid::regclass AS what, a.privilege_type IS NOT NULL OR EXISTS ("
        "    SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attacl IS NOT NULL) AS breaks "
        "FROM (SELECT c.* FROM pg_class c WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace)"
        "      AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')) c "
        "LEFT JOIN LATERAL (SELECT * FROM aclexplode(c.relacl) a WHERE a.grantee = 0 "
        "    OR (a.grantee = '{user}'::regrole AND a.privilege_type <> 'SELECT') LIMIT 1) a ON true",
        least=30,
    ),
    Rule(
        "no grant may be passed on",
        "SELECT c.oid::regclass || ' ' || a.grantee::regrole || ' ' || a.privilege_type AS what, "
        "  a.is_grantable AND a.grantee <> c.relowner AS breaks "
        "FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace)",
        least=100,
    ),
    Rule(
        "no column is an enum, whose = is not leakproof",
        "SELECT c.oid::regclass || '.' || a.attname AS what, t.typtype = 'e' AS breaks FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "JOIN pg_type t ON t.oid = a.atttypid "
        "WHERE c.relnamespace IN ('public'::regnamespace, 'app'::regnamespace) AND c.relkind IN ('r', 'p')",
        least=200,
    ),
    Rule(
        "a foreign key between tables of projects carries the project",
        # Of two tables that both have a project_id, their project_ids are matched with each other.
        "SELECT f.conrelid::regclass || '.' || f.conname AS what, NOT EXISTS ("
        "    SELECT FROM generate_subscripts(f.conkey, 1) n "
        "    JOIN pg_attribute s ON s.attrelid = f.conrelid AND s.attnum = f.conkey[n] "
        "    JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = f.confkey[n] "
        "    WHERE s.attname = 'project_id' AND t.attname = 'project_id') AS breaks "
        "FROM pg_constraint f WHERE f.contype = 'f' "
        "AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = f.conrelid AND attname = 'project_id') "
        "AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = f.confrelid AND attname = 'project_id')",
        least=20,
    ),
    Rule(
        "a unique key of a project's table has the project in it, or random ids alone",
        # A name that is taken in a project that one cannot see must not be noticed.
        "SELECT i.indexrelid::regclass AS what, NOT EXISTS ("
        "    SELECT FROM unnest(i.indkey::int2[]) k JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k "
        "    WHERE a.attname IN ('project_id', 'connection_id') OR a.atttypid = 'uuid'::regtype) AS breaks "
        "FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE i.indisunique "
        "AND c.relnamespace = 'public'::regnamespace AND (c.relname = 'projects' OR EXISTS ("
        "  SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polroles && ARRAY['{user}'::regrole::oid]))",
        least=25,
    ),
    Rule(
        "nobody makes temporary tables, and nobody but the owner makes schemas",
        "SELECT r.rolname || ' ' || privilege AS what, "
        "  has_database_privilege(r.rolname, current_database(), privilege) "
        "  AND NOT (privilege = 'CREATE' AND r.rolname = '{owner}') AS breaks "
        "FROM pg_roles r, unnest(ARRAY['TEMP', 'CREATE']) privilege "
        "WHERE r.rolname IN ('{login}', '{user}', '{sync}', '{definer}', '{owner}')",
        least=10,
    ),
    Rule(
        "nobody but the owner makes anything in a schema",
        "SELECT r.rolname || ' ' || n.nspname AS what, has_schema_privilege(r.rolname, n.oid, 'CREATE') "
        "  AND r.rolname <> '{owner}' AS breaks "
        "FROM pg_roles r, pg_namespace n WHERE r.rolname IN ('{login}', '{user}', '{sync}', '{definer}', '{owner}') "
        "AND n.nspname !~ '^pg_(toast|temp)'",
        least=15,
    ),
    Rule(
        "nobody writes large objects",
        "SELECT r.rolname || ' ' || f.oid::regprocedure AS what, "
        "  has_function_privilege(r.rolname, f.oid, 'EXECUTE') AS breaks "
        "FROM pg_roles r, pg_proc f WHERE r.rolname IN ('{login}', '{user}', '{sync}', '{definer}') "
        "AND f.pronamespace = 'pg_catalog'::regnamespace "
        "AND f.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lowrite', 'lo_open', 'lo_import', "
        "  'lo_export', 'lo_unlink', 'lo_truncate', 'lo_truncate64')",
        least=40,
    ),
    Rule(
        "roles that log in stop waiting by themselves",
        "SELECT r.rolname || ' ' || setting AS what, NOT EXISTS (SELECT FROM pg_db_role_setting s, "
        "    unnest(s.setconfig) c WHERE s.setrole = r.oid AND c LIKE setting || '=%' AND c NOT LIKE '%=0') AS breaks "
        "FROM pg_roles r, unnest(ARRAY['statement_timeout', 'idle_in_transaction_session_timeout']) setting "
        "WHERE r.rolname IN ('{login}', '{sync}') "
        "UNION ALL SELECT '{login} lock_timeout', NOT EXISTS (SELECT FROM pg_db_role_setting s, unnest(s.setconfig) c "
        "  WHERE s.setrole = '{login}'::regrole AND c LIKE 'lock_timeout=%')",
        least=5,
    ),
    Rule(
        "no role has powers of its own, and none that logs in has those of another without saying so",
        "SELECT r.rolname AS what, r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb "
        "  OR r.rolreplication OR (r.rolcanlogin AND r.rolinherit) "
        "  OR r.rolcanlogin <> (r.rolname IN ('{login}', '{sync}')) AS breaks "
        "FROM pg_roles r WHERE r.rolname IN ('{login}', '{user}', '{sync}', '{definer}', '{owner}')",
        least=5,
    ),
    Rule(
        "the one role that can be become is the user role, by the login role, and it is not inherited",
        "SELECT m.member::regrole || ' is ' || m.roleid::regrole AS what, "
        "  NOT (m.member = '{login}'::regrole AND m.roleid = '{user}'::regrole "
        "       AND m.set_option AND NOT m.inherit_option AND NOT m.admin_option) AS breaks "
        "FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
        "WHERE r.rolname IN ('{login}', '{user}', '{sync}', '{definer}', '{owner}')",
    ),
)


async def check(admin: Any, rule: Rule, roles: Roles) -> Checked:
    """Run one rule over the database that `admin` is connected to."""
    names = {word: getattr(roles, word) for word in ("owner", "login", "user", "sync", "definer")}
    query = rule.query
    for word, name in names.items():
        query = query.replace(f"{{{word}}}", name)
    rows = await admin.fetch(f"SELECT what::text, breaks FROM ({query}) rule")
    broken = sorted(row["what"] for row in rows if row["breaks"] is not False)
    if len(rows) < rule.least:
        broken.append(f"only {len(rows)} things were looked at, not {rule.least}")
    return Checked(rule, len(rows), broken)


async def check_all(admin: Any, database: Database) -> list[Checked]:
    return [await check(admin, rule, database.roles) for rule in RULES]
