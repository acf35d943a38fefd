"""Connections, from their rows; and what came of a test."""

from typing import Any

from watchglass.api.shapes.connection import (
    Certificate,
    ConnectionDetails,
    ConnectionTest,
    StoredCredentials,
    TestedCall,
)
from watchglass.model.connection import Level
from watchglass.model.credentials import ShownCertificate
from watchglass.store.credentials import shown_from_text
from watchglass.store.summaries import Row
from watchglass.temporal.examine import Examination

STATES: dict[str, Any] = {"new": "unknown", "ok": "connected", "unreachable": "unreachable", "refused": "refused"}


def render_connection(row: Row) -> ConnectionDetails:
    return ConnectionDetails(
        id=str(row["id"]),
        project_id=str(row["project_id"]),
        address=row["address"],
        namespace=row["namespace"],
        is_embedded=row["is_embedded"],
        state=STATES[row["state"]],
        error=row["error"],
        notice=notice_of(row),
        checked_at=row["checked_at"],
        scope=row["scope"],
        level=Level(row["level"]),
        visibility_per_second=row["visibility_per_second"],
        history_per_second=row["history_per_second"],
        ui_address=row["ui_address"],
        http_address=row["http_address"],
        codec_address=row["codec_address"],
        decodes_at_sync=row["decodes_at_sync"],
        credentials=_credentials(row["shown_credentials"]),
    )


def notice_of(row: Row) -> str | None:
    """That the namespace was made anew, since it cannot be told from its runs."""
    if row["namespace_replaced_at"] is None:
        return None
    return (
        f"The namespace {row['namespace']} was deleted and made anew, noticed on "
        f"{row['namespace_replaced_at']:%d %B %Y at %H:%M} UTC. Runs that were copied before stay here; Temporal no "
        "longer has them."
    )


def render_test(found: Examination) -> ConnectionTest:
    return ConnectionTest(
        is_good=found.is_good,
        problem=found.problem,
        calls=[
            TestedCall(
                call=tried.call,
                purpose=tried.purpose,
                is_needed=tried.is_needed,
                outcome=tried.outcome,
                message=tried.message,
                took_ms=tried.took_ms,
            )
            for tried in found.calls
        ],
        server_version=found.server_version,
        retention_seconds=found.retention_seconds,
        run_count=found.run_count,
        round_trip_ms=found.round_trip_ms,
    )


def _credentials(text: str | None) -> StoredCredentials:
    told = shown_from_text(text)
    return StoredCredentials(
        tls=told.tls,
        server_name=told.server_name,
        server_ca=_certificate(told.server_ca),
        api_key=told.api_key,
        client_certificate=_certificate(told.client_certificate),
        header_names=list(told.header_names),
        codec_token=told.codec_token,
        set_at=told.set_at,
    )


def _certificate(told: ShownCertificate | None) -> Certificate | None:
    return Certificate(subject=told.subject, expires_at=told.expires_at) if told else None
