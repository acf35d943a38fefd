"""Who may do what with every relation and function of the database: the one table that says so.

A table, view, sequence or function that somebody adds without a row here fails the tests beside this file. To add one:
a row here, and for tables a row of each of two projects in `seed.py`.
"""

from dataclasses import dataclass
from enum import StrEnum


class Caller(StrEnum):
    LOGIN = "the bare login role"
    ANONYMOUS = "somebody without a session"
    STRANGER = "the owner of another project"
    VIEWER = "a viewer"
    EDITOR = "an editor"
    OWNER = "an owner"
    FORMER = "a former member"
    SIGNED_OUT = "an owner whose token was revoked"
    SYNC = "the sync role"
    DEFINER = "the role of the definer functions"
    TABLES = "the role that owns the tables"


PEOPLE = (
    Caller.ANONYMOUS,
    Caller.STRANGER,
    Caller.VIEWER,
    Caller.EDITOR,
    Caller.OWNER,
    Caller.FORMER,
    Caller.SIGNED_OUT,
)
"""All act as the user role; which person it is, only the session says."""


class Action(StrEnum):
    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    TRUNCATE = "TRUNCATE"
    COPY_TO = "COPY TO"
    COPY_FROM = "COPY FROM"
    REFERENCES = "REFERENCES"


class Reach(StrEnum):
    DENIED = "refused"
    NOTHING = "no row"
    OWN = "own rows"
    ALL = "all rows"


@dataclass(frozen=True, slots=True)
class Rights:
    """Letters: S select, I insert, U update, D delete. Nobody truncates or refers to a table but its owner."""

    people: str = ""
    """Of the user role; Row Level Security leaves them the rows of their own projects."""
    sync: str = ""
    definer: str = ""
    login: str = ""
    is_guarded: bool = True
    """Under Row Level Security. False: no project's data, and no person's."""


COPIED = Rights(people="S", sync="SIUD")
"""What was copied from Temporal and what people keep: members read it, the sync role writes it."""
APPENDED = Rights(people="S", sync="SI")
"""Never changed, not even by the sync role."""
DOOR = Rights(definer="SIU")
"""Reached through definer functions alone."""
KEPT_AT_THE_DOOR = Rights(definer="SIUD")
"""The same, and their functions take rows away again."""
SECRET = Rights(sync="SIUD")
"""Not even their project's members see a row."""

RELATIONS: dict[str, Rights] = {
    "alembic_version": Rights(login="S", sync="S", is_guarded=False),
    "api_tokens": KEPT_AT_THE_DOOR,
    "audit_log": Rights(people="S", sync="SI", definer="SIU"),
    "backfills": COPIED,
    "call_budgets": SECRET,
    "component_attempts": COPIED,
    "component_changes": COPIED,
    "component_executions": COPIED,
    "component_rollups": COPIED,
    "component_statistics": COPIED,
    "components": COPIED,
    "connection_credentials": SECRET,
    "connections": Rights(people="S", sync="SIUD", definer="S"),
    "erased_runs": SECRET,
    "execution_keys": COPIED,
    "execution_search_attributes": COPIED,
    "followed_executions": COPIED,
    "history_pages": COPIED,
    "installation_log": Rights(definer="SI"),
    "listing_windows": COPIED,
    "node_journal": COPIED,
    "oidc_sign_ins": KEPT_AT_THE_DOOR,
    "patrols": COPIED,
    "project_keys": SECRET,
    "project_members": Rights(people="S", definer="SIUD"),
    "project_statistics": COPIED,
    "project_retention": COPIED,
    "projects": Rights(people="S", sync="SIUD", definer="SIU"),
    "removed_errors": COPIED,
    "rollup_checks": Rights(people="S", sync="SIUD", definer="S"),
    "rollup_components": COPIED,
    "rollup_projects": COPIED,
    "rollup_splits": COPIED,
    "rollup_variants": COPIED,
    "run_changes": COPIED,
    "run_descriptions": COPIED,
    "run_rollups": COPIED,
    "schedules": COPIED,
    "service_secrets": SECRET,
    "services": COPIED,
    "sessions": KEPT_AT_THE_DOOR,
    "sign_in_links": KEPT_AT_THE_DOOR,
    "sign_in_tries": KEPT_AT_THE_DOOR,
    "sync_gaps": COPIED,
    "task_queue_statistics": COPIED,
    "task_queues": COPIED,
    "undecoded_runs": COPIED,
    "user_identities": KEPT_AT_THE_DOOR,
    "users": DOOR,
    "workflow_drafts": COPIED,
    "workflow_executions": COPIED,
    "workflow_statistics": COPIED,
    "workflow_versions": APPENDED,
    "workflows": COPIED,
}
WITHOUT_PROJECT = {
    "alembic_version",
    "api_tokens",
    "call_budgets",
    "installation_log",
    "oidc_sign_ins",
    "sessions",
    "sign_in_links",
    "sign_in_tries",
    "user_identities",
    "users",
}
"""Rows that are no project's."""
SEQUENCES: dict[str, Rights] = {}

AT_THE_DOOR = frozenset({Caller.LOGIN, Caller.DEFINER})
BY_PEOPLE = frozenset({*PEOPLE, Caller.DEFINER})
INSIDE = frozenset({Caller.DEFINER})
BY_TRIGGERS = frozenset({Caller.DEFINER, Caller.TABLES})
FUNCTIONS: dict[str, frozenset[Caller]] = {
    "app.add_group_line(uuid,text,uuid,jsonb)": INSIDE,
    "app.add_installation_line(uuid,text,uuid,jsonb)": INSIDE,
    "app.add_line(uuid,text,text,jsonb)": INSIDE,
    "app.add_member(uuid,text,text,boolean)": BY_PEOPLE,
    "app.add_user(text,text,boolean,text)": AT_THE_DOOR,
    "app.begin_oidc(bytea,text,text,text,text,interval)": AT_THE_DOOR,
    "app.can_anybody_sign_in()": AT_THE_DOOR,
    "app.change_user(uuid,boolean,boolean)": AT_THE_DOOR,
    "app.change_member(uuid,uuid,text,boolean)": BY_PEOPLE,
    "app.count_try(uuid,bytea[],integer[],interval[])": AT_THE_DOOR,
    "app.create_project(text)": BY_PEOPLE,
    "app.end_oidc(bytea)": AT_THE_DOOR,
    "app.ensure_owner(text)": AT_THE_DOOR,
    "app.ensure_project(text,uuid)": AT_THE_DOOR,
    "app.ensure_user(text)": AT_THE_DOOR,
    "app.erase_from_log(uuid,text[],text[],text)": frozenset({Caller.SYNC, Caller.DEFINER}),
    "app.exchange_sign_in_link(bytea,bytea,interval)": AT_THE_DOOR,
    "app.find_project(uuid,text,text,boolean)": AT_THE_DOOR,
    "app.find_user(text)": AT_THE_DOOR,
    "app.figure_checks(integer)": BY_PEOPLE,
    "app.follow_groups(uuid,uuid[],text[],boolean[],text[])": AT_THE_DOOR,
    "app.forgive_try(uuid)": AT_THE_DOOR,
    "app.identify(bytea)": AT_THE_DOOR,
    "app.installation_lines(timestamp with time zone,uuid,integer)": BY_PEOPLE,
    "app.installation_lines(timestamp with time zone,uuid,integer,text[])": BY_PEOPLE,
    "app.is_admin()": BY_PEOPLE,
    "app.is_last_admin(uuid)": AT_THE_DOOR,
    "app.is_last_owner(uuid,uuid)": INSIDE,
    "app.issue_own_token(bytea,text,interval,text,uuid)": BY_PEOPLE,
    "app.issue_sign_in_link(bytea,uuid,interval)": AT_THE_DOOR,
    "app.issue_token(bytea,uuid,text,interval)": AT_THE_DOOR,
    "app.issue_token(bytea,uuid,text,interval,text,uuid)": AT_THE_DOOR,
    "app.issue_token(bytea,uuid,text,interval,text,uuid,boolean)": AT_THE_DOOR,
    "app.link_identity(text,text,uuid)": AT_THE_DOOR,
    "app.managed_users()": BY_PEOPLE,
    "app.members_of(uuid)": BY_PEOPLE,
    "app.note_identity()": BY_TRIGGERS,
    "app.note_session()": BY_TRIGGERS,
    "app.note_token()": BY_TRIGGERS,
    "app.note_user()": BY_TRIGGERS,
    "app.open_session(bytea,uuid,interval,text,text,text,bytea)": AT_THE_DOOR,
    "app.own_account()": BY_PEOPLE,
    "app.own_sessions()": BY_PEOPLE,
    "app.own_tokens()": BY_PEOPLE,
    "app.owns(uuid)": INSIDE,
    "app.password_of(text)": AT_THE_DOOR,
    "app.project_ids()": BY_PEOPLE,
    "app.project_of_member(uuid,text)": AT_THE_DOOR,
    "app.remove_member(uuid,uuid)": BY_PEOPLE,
    "app.rename_project(uuid,text)": BY_PEOPLE,
    "app.revoke_own_session(uuid)": BY_PEOPLE,
    "app.revoke_own_token(uuid)": BY_PEOPLE,
    "app.revoke_session(bytea)": AT_THE_DOOR,
    "app.revoke_sessions(uuid,bytea)": AT_THE_DOOR,
    "app.revoke_token(bytea)": AT_THE_DOOR,
    "app.revoke_tokens(uuid)": AT_THE_DOOR,
    "app.set_password(uuid,text)": AT_THE_DOOR,
    "app.take_away_ended(interval,integer)": AT_THE_DOOR,
    "app.token()": BY_PEOPLE,
    "app.use_sign_in_link(bytea)": AT_THE_DOOR,
    "app.user_id()": BY_PEOPLE,
    "app.user_of_email(text)": AT_THE_DOOR,
    "app.user_of_identity(text,text)": AT_THE_DOOR,
    "app.users()": AT_THE_DOOR,
}
"""Who may call it. What it then does is up to it."""

_LETTERS = {
    Action.SELECT: "S",
    Action.COPY_TO: "S",
    Action.INSERT: "I",
    Action.UPDATE: "U",
    Action.DELETE: "D",
}
_MEMBERS = {Caller.STRANGER, Caller.VIEWER, Caller.EDITOR, Caller.OWNER}


def expected_reach(rights: Rights, caller: Caller, action: Action, *, has_project: bool) -> Reach:
    """What `caller` gets of a table that has rows of two projects."""
    if caller is Caller.TABLES:
        return _reach_of_owner(rights, action)
    letters = rights.people if caller in PEOPLE else _letters_of(rights, caller)
    if _LETTERS.get(action, "-") not in letters:
        return Reach.DENIED
    if caller not in PEOPLE:
        return Reach.ALL
    if not has_project or caller not in _MEMBERS:
        return Reach.NOTHING
    return Reach.OWN


def _letters_of(rights: Rights, caller: Caller) -> str:
    return {Caller.SYNC: rights.sync, Caller.DEFINER: rights.definer, Caller.LOGIN: rights.login}[caller]


def _reach_of_owner(rights: Rights, action: Action) -> Reach:
    """FORCE binds the owner too: without a policy for it there is no row for it. Structure is what it is there for."""
    if not rights.is_guarded or action in (Action.TRUNCATE, Action.REFERENCES):
        return Reach.ALL
    return Reach.DENIED if action in (Action.INSERT, Action.COPY_FROM) else Reach.NOTHING
