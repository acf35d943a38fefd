"""`watchglass user …`."""

import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, TypeVar

import typer
import uvloop

from watchglass.auth.people import create_user, update_user
from watchglass.auth.tokens import user_called
from watchglass.cli.open_store import open_store
from watchglass.cli.running import find_running
from watchglass.config import Settings
from watchglass.store.scope import Store
from watchglass.store.users import User, read_users

_ResultT = TypeVar("_ResultT")

users = typer.Typer(
    help="The people who may sign in.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="What they are called.")]
DataDir = Annotated[Path | None, typer.Option(help="The data directory of a running `up`.")]


@users.callback()
def root() -> None:
    """The people who may sign in."""


@users.command("add")
def add(
    name: Name,
    email: Annotated[str | None, typer.Option(help="By which an OpenID provider may know them.")] = None,
    admin: Annotated[bool, typer.Option("--admin", help="Let them manage people.")] = False,
    password: Annotated[bool, typer.Option(help="Ask for a password; without one they use a link.")] = True,
    data_dir: DataDir = None,
) -> None:
    """Let somebody in. The password is asked for, or read from standard input."""
    given = _password() if password else None

    async def create(store: Store) -> None:
        await create_user(store, name=name, email=email, password=given, is_admin=admin)

    _with_store(data_dir, create)
    print(f"{name} may sign in, and sees nothing until an owner makes them a member of a project.")


@users.command("list")
def list_them(data_dir: DataDir = None) -> None:
    """Print everybody who may sign in, and who could."""

    async def read(store: Store) -> list[User]:
        async with store.door() as door:
            return await read_users(door)

    for user in _with_store(data_dir, read):
        print("  ".join([user.name, *_said(user)]))


@users.command("set-password")
def set_password(name: Name, data_dir: DataDir = None) -> None:
    """Give somebody a new password, sign them out everywhere, and end their API tokens."""
    print(f"This signs {name} out everywhere and ends their API tokens: programs need new ones.", file=sys.stderr)
    given = _password()

    async def change(store: Store) -> int:
        return await update_user(store, await user_called(store, name), name, password=given)

    ended = _with_store(data_dir, change)
    print(f"The password of {name} is set; they are signed out everywhere, and {_tokens(ended)}.")


@users.command("disable")
def disable(
    name: Name,
    enable: Annotated[bool, typer.Option("--undo", help="Let them in again.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Keep somebody out: their sessions end and their tokens open nothing."""

    async def change(store: Store) -> int:
        return await update_user(store, await user_called(store, name), name, is_disabled=not enable)

    _with_store(data_dir, change)
    print(f"{name} may sign in again." if enable else f"{name} is kept out.")


def _with_store(data_dir: Path | None, work: Callable[[Store], Awaitable[_ResultT]]) -> _ResultT:
    settings = Settings.read(data_dir=data_dir)

    async def run() -> _ResultT:
        async with AsyncExitStack() as stack:
            return await work(await open_store(stack, find_running(settings).urls, settings, size=1))

    return uvloop.run(run())


def _password() -> str:
    """Typed twice, or a line of standard input; never an argument, which every program of the machine can see."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def _tokens(ended: int) -> str:
    match ended:
        case 0:
            return "had no API token that could end"
        case 1:
            return "their API token has ended"
        case _:
            return f"their {ended} API tokens have ended"


def _said(user: User) -> list[str]:
    ways = ["password"] * user.has_password + list(user.issuers)
    return [
        user.email or "-",
        "administrator" if user.is_admin else "-",
        "kept out" if user.disabled_at else f"signs in with {', '.join(ways) or 'a link'}",
    ]
