"""Every command, loaded when it is called: one needs a web server, another the parser alone."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

_COMMANDS = (
    "up",
    "migrate",
    "backup",
    "restore",
    "upgrade-database",
    "worker",
    "api",
    "sync",
    "rederive",
    "demo-worker",
    "inspect",
    "history",
    "redact",
    "erase",
    "retention",
    "rotate-key",
    "stats",
    "doctor",
    "sign-in-link",
    "connection",
    "user",
    "token",
    "workflow",
)
"""In the order in which they are shown. The function, or the group of functions, is in the module of that name."""
_GROUPS = {
    "connection": "connections",
    "stats": "statistics",
    "token": "tokens",
    "user": "users",
    "workflow": "workflows",
}
_HIDDEN = {"demo-worker"}


class Commands(TyperGroup):
    """The commands of `watchglass`."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = import_module(f"watchglass.cli.{name}")
        if cmd_name in _GROUPS:
            command = get_command(getattr(module, _GROUPS[cmd_name]))
        else:
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
            alone.command(cmd_name, hidden=cmd_name in _HIDDEN)(getattr(module, name))
            command = get_command(alone)
        command.name = cmd_name
        return command
