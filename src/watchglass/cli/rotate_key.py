"""`watchglass rotate-key`: another key for what is encrypted in the database."""

import asyncio
import secrets
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.cli.secret_key import given_secrets, key_file, read_keys
from watchglass.config import Settings
from watchglass.embedded.secret import write_private
from watchglass.errors import Conflict, InvalidInput
from watchglass.logging import configure_logging
from watchglass.store.lost_keys import find_lost, replace_lost
from watchglass.store.reseal import reseal_all

_SETTLE_SECONDS = 2.0
"""A process that sealed something with the old key a moment ago has committed it after this."""


def rotate_key(
    data_dir: Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")] = None,
    forget_lost: Annotated[
        bool,
        typer.Option("--forget-lost", help="Rotate nothing: give projects whose key is lost another, after a restore."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --forget-lost: do not ask.")] = False,
) -> None:
    """Encrypt all stored credentials with a new key, while everything runs. Stop and repeat as you like."""
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=False, level="error")
    uvloop.run(_forget_lost(settings, yes=yes) if forget_lost else _rotate(settings))


async def _rotate(settings: Settings) -> None:
    given, file = given_secrets(settings), key_file(settings)
    if len(given) == 1:
        raise InvalidInput(
            "WATCHGLASS_SECRET_KEY holds one key. Set it to the new key, a comma and the old one, restart all "
            "processes with that, run this again, and take the old key away afterwards."
        )
    if not given:
        _begin(file)
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=1)
        total = 0
        while True:
            done = await reseal_all(store)
            total += done.done
            if not done.done:
                break
            await asyncio.sleep(_SETTLE_SECONDS)
    if done.left:
        raise Conflict(
            f"Sealed with the new key: {total:,}. What none of the keys opens: {done.left:,}; enter those credentials "
            "again. The old key is kept until then."
        )
    if not given:
        write_private(file, read_keys(file)[0] + "\n")
    print(f"Sealed with the new key: {total:,}. Marks of hidden values keep their meaning.")
    print(
        "Take the old key out of WATCHGLASS_SECRET_KEY now."
        if given
        else "The old key is gone from the data directory."
    )
    print("A backup made before opens with the old key alone: keep it with that backup.")


async def _forget_lost(settings: Settings, *, yes: bool) -> None:
    async with AsyncExitStack() as stack:
        store = await open_store(stack, find_running(settings).urls, settings, size=1)
        async with store.write() as reader:
            lost = await find_lost(reader, store.seal)
        if not lost:
            print("The key of this installation opens the keys of all projects: nothing is lost.")
            return
        runs, workflow_ids = sum(one.runs for one in lost), sum(one.workflow_ids for one in lost)
        print(f"Projects whose key the key of this installation does not open: {', '.join(one.name for one in lost)}.")
        print("Marks of hidden values that are made from now on differ from those that are stored.")
        if runs or workflow_ids:
            print(
                f"ERASED RUNS MAY COME BACK: nothing will know the {runs:,} runs and {workflow_ids:,} workflow ids "
                "that were erased in them, and what Temporal still has of these is copied again. Delete it in Temporal "
                "first, or erase it here again afterwards."
            )
        if not yes and not typer.confirm("Is the old key lost for good? Give these projects new keys?"):
            raise InvalidInput("Nothing was changed. Start with the old key (WATCHGLASS_SECRET_KEY) to keep all.")
        done = sum([await replace_lost(store, one.project_id) for one in lost])
    print(f"Projects with a new key: {done:,}. They are copied again within seconds.")


def _begin(file: Path) -> None:
    """Put a new key before the old one, unless an earlier try did; processes read the file again by themselves."""
    if not file.exists():
        raise InvalidInput(f"There is no key at {file}. Name the data directory of `up`, or set WATCHGLASS_SECRET_KEY.")
    keys = read_keys(file)
    if len(keys) == 1:
        write_private(file, f"{secrets.token_urlsafe(32)},{keys[0]}\n")
