"""`watchglass connection …`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
import uvloop

from watchglass.cli import connection_options as options
from watchglass.cli.connection_options import Given
from watchglass.cli.connection_table import print_connections, print_examination
from watchglass.cli.found import OWNER
from watchglass.cli.how_far_back import HowFarBack, answer_how_far_back
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.cli.sync import choose_connection
from watchglass.cli.visible import say
from watchglass.config import Settings
from watchglass.errors import InvalidInput, NotFound
from watchglass.model.connection import Connection, ConnectionSettings
from watchglass.model.credentials import NO_CREDENTIALS, Credentials
from watchglass.store.connections import all_connections, read_described_connections
from watchglass.store.credentials import open_kept, read_kept
from watchglass.store.projects import project_named
from watchglass.store.scope import Store
from watchglass.store.users import ensure_owner, ensure_project
from watchglass.sync.connections import (
    Change,
    CredentialsChange,
    add_connection,
    change_connection,
    credentials_after,
    examine_connection,
)
from watchglass.sync.decode_setting import WARNING, decode_at_sync, decode_on_view
from watchglass.sync.parts import Parts
from watchglass.temporal.client import Clients
from watchglass.temporal.examine import Examination

connections = typer.Typer(
    help="The Temporals that are looked at.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)

DataDir = Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")]
Which = Annotated[str | None, typer.Argument(help="Its namespace or id; needed when there are several.")]
Untested = Annotated[bool, typer.Option(help="Store it even if the test fails.")]


@connections.callback()
def root() -> None:
    """The Temporals that are looked at."""


@connections.command("add")
@options.takes_given
def add(
    project: Annotated[str, typer.Option(help="Name or id of the project that looks at it.")],
    given: Given,
    new_project: Annotated[bool, typer.Option(help="Make the project when there is none of that name.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            help="Which older runs are copied: all, none, or those that started since a date (UTC). Without it you are "
            "asked, here or on the page."
        ),
    ] = None,
    untested: Untested = False,
    data_dir: DataDir = None,
) -> None:
    """Look at another Temporal namespace, after a test of every call that is needed."""
    answer = None if since is None else HowFarBack.read(since)
    made = _add(
        Settings.read(data_dir=data_dir), project, given, answer=answer, new_project=new_project, untested=untested
    )
    uvloop.run(made)


@connections.command("test")
def test(
    connection: Which = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Try every call that is needed, and say of each what came of it; exit code 1 when one does not work."""
    found = uvloop.run(_test(Settings.read(data_dir=data_dir), connection))
    print_examination(found, as_json=as_json)
    if not found.is_good:
        raise typer.Exit(1)


@connections.command("list")
def list_connections(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Print the connections of all projects, and whether they answer."""
    print_connections(uvloop.run(_list(Settings.read(data_dir=data_dir))), as_json=as_json)


@connections.command("update")
@options.takes_given
def update(
    given: Given,
    connection: Which = None,
    no_credentials: Annotated[
        bool, typer.Option(help="Forget the stored credentials, the codec server's token among them.")
    ] = False,
    untested: Untested = False,
    data_dir: DataDir = None,
) -> None:
    """Change a connection; what is not given stays. Running processes follow within seconds."""
    settings = Settings.read(data_dir=data_dir)
    uvloop.run(_update(settings, connection, given, forget=no_credentials, untested=untested))


@connections.command("decode")
def decode(
    connection: Which = None,
    at_sync: Annotated[
        bool,
        typer.Option("--at-sync/--on-view", help="While values are copied, or only while somebody looks at them."),
    ] = False,
    codec_token: options.CodecToken = None,
    data_dir: DataDir = None,
) -> None:
    """Say when the codec server is asked to decode encrypted values.

    With --at-sync, decoded values are readable in the database, in its backups and in exports by everybody who may see
    the project, whether or not they could use the codec server.
    """
    token = None if codec_token is None else options.read_secret(codec_token)
    uvloop.run(_decode(Settings.read(data_dir=data_dir), connection, at_sync=at_sync, token=token or None))


async def _decode(settings: Settings, connection: str | None, *, at_sync: bool, token: str | None) -> None:
    async with _open(settings) as store:
        chosen = await _chosen(store, connection)
        if at_sync:
            await decode_at_sync(store, chosen, token=token)
            say(f"Values of {chosen.namespace} are decoded by {chosen.codec_address} while they are copied. {WARNING}")
        else:
            await decode_on_view(store, chosen)
            say(f"Values of {chosen.namespace} are stored as Temporal holds them. What was decoded before stays so.")


async def _add(
    settings: Settings,
    project: str,
    given: Given,
    *,
    answer: HowFarBack | None,
    new_project: bool,
    untested: bool,
) -> None:
    wanted, credentials = given.settings(), given.credentials(NO_CREDENTIALS)
    async with _open(settings) as store:
        project_id = await _project(store, project, make=False) if not new_project else None
        if not untested:
            await _refuse_what_fails(wanted, credentials)
        project_id = project_id or await _project(store, project, make=True)
        made = await add_connection(store, project_id, wanted, credentials)
        say(f"Connection {made.id}: namespace {made.namespace} at {made.address} is looked at from now on.")
        await answer_how_far_back(Parts(store, Clients()), made, answer)


async def _test(settings: Settings, connection: str | None) -> Examination:
    async with _open(settings) as store:
        chosen = await _chosen(store, connection)
        return await examine_connection(chosen.settings, await _credentials(store, chosen))


async def _list(settings: Settings) -> list[Any]:
    async with _open(settings) as store, store.write() as reader:
        return await read_described_connections(reader)


async def _update(settings: Settings, connection: str | None, given: Given, *, forget: bool, untested: bool) -> None:
    async with _open(settings) as store:
        before = await _chosen(store, connection)
        if forget:
            credentials = replace(CredentialsChange.to(given.credentials(NO_CREDENTIALS)), codec_token=None)
        else:
            credentials = given.change(await _credentials(store, before))
        change = Change(given.settings(before.settings), credentials)
        if not untested:
            await _refuse_what_fails(change.settings, await credentials_after(store, before, change))
        changed = await change_connection(store, before, change)
    say(f"Connection {changed.id}: namespace {changed.namespace} at {changed.address} is changed.")
    if forget and changed.decodes_at_sync:
        say(
            "Its values are still decoded while they are copied, now without a token. `watchglass connection decode "
            f"{changed.id} --on-view` ends that, --at-sync --codec-token @FILE gives another token."
        )


async def _refuse_what_fails(settings: ConnectionSettings, credentials: Credentials) -> None:
    found = await examine_connection(settings, credentials)
    if found.problem is not None:
        raise InvalidInput(
            f"Not stored, because the test of {settings.namespace} at {settings.address} fails. {found.problem} "
            "(--untested stores it all the same.)"
        )


@asynccontextmanager
async def _open(settings: Settings) -> AsyncIterator[Store]:
    async with AsyncExitStack() as stack:
        yield await open_store(stack, find_running(settings).urls, settings, size=1)


async def _chosen(store: Store, wanted: str | None) -> Connection:
    async with store.write() as reader:
        return choose_connection(await all_connections(reader), wanted)


async def _credentials(store: Store, connection: Connection) -> Credentials:
    async with store.write() as reader:
        return open_kept(store.seal, await read_kept(reader, connection.id))


async def _project(store: Store, wanted: str, *, make: bool) -> UUID:
    if make:
        async with store.door() as door:
            return await ensure_project(door, name=wanted, owner=await ensure_owner(door, OWNER))
    async with store.write() as reader:
        found = await project_named(reader, wanted)
    if found is None:
        raise NotFound(f"There is no project {wanted!r}. Correct --project, or make it with --new-project.")
    return found
