"""Connections and their tests, for the terminal."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from watchglass.cli.visible import say, visible
from watchglass.store.credentials import shown_from_text
from watchglass.temporal.examine import Examination, Outcome

_WORDS = {
    Outcome.OK: "ok",
    Outcome.REFUSED: "refused",
    Outcome.NOT_OFFERED: "not offered",
    Outcome.FAILED: "failed",
    Outcome.NOT_TRIED: "not tried",
}


def print_connections(rows: Sequence[Any], *, as_json: bool) -> None:
    """A line each, or a JSON list."""
    if as_json:
        print(json.dumps([_row_json(row) for row in rows], indent=2, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for name in ("id", "project", "address", "namespace", "scope", "level", "sign-in", "state"):
        table.add_column(name, overflow="fold")
    for row in rows:
        cells = (row["project_name"], row["address"], row["namespace"], row["scope"] or "all runs", row["level"])
        table.add_row(
            str(row["id"]),
            *(Text(visible(cell)) for cell in cells),
            Text(visible(_sign_in(row))),
            Text(visible(row["state"])),
        )
    Console().print(table)
    for row in rows:
        if row["error"]:
            say(f"{row['namespace']} at {row['address']}: {row['error']}")


def print_examination(found: Examination, *, as_json: bool) -> None:
    """A line for each call, or JSON."""
    if as_json:
        print(json.dumps({**asdict(found), "is_good": found.is_good, "problem": found.problem}, indent=2))
        return
    if found.obstacle:
        say(found.obstacle)
        return
    width = max((len(tried.call) for tried in found.calls), default=0)
    for tried in found.calls:
        say(f"{_WORDS[tried.outcome]:<12} {tried.call:<{width}}  {tried.purpose}")
        if tried.message:
            say(f"{'':<12} {tried.message}")
    facts = (
        ("Temporal", found.server_version),
        ("round trip", f"{found.round_trip_ms:.0f} ms" if found.round_trip_ms is not None else None),
        ("runs are kept for", str(timedelta(seconds=found.retention_seconds)) if found.retention_seconds else None),
        ("runs in scope", f"{found.run_count:,}" if found.run_count is not None else None),
    )
    for name, fact in facts:
        if fact is not None:
            say(f"{name}: {fact}")


def _sign_in(row: Any) -> str:
    told = shown_from_text(row["shown_credentials"])
    parts = (
        ("API key", told.api_key),
        ("client certificate", told.client_certificate),
        ("headers " + ", ".join(told.header_names), told.header_names),
        ("TLS", told.tls),
    )
    return ", ".join(name for name, is_set in parts if is_set) or "none"


def _row_json(row: Any) -> dict[str, Any]:
    names = ("id", "project_id", "project_name", "address", "namespace", "scope", "level", "state", "error")
    return {name: row[name] for name in names} | {"credentials": asdict(shown_from_text(row["shown_credentials"]))}
