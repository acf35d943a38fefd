"""Values that only the workers' codec can read, decoded for the person looking; nothing of it is kept."""

from dataclasses import replace
from datetime import timedelta

from pydantic import SecretStr

from watchglass.api.context import Context
from watchglass.api.procedures.details import WholeComponent, readable_execution, whole_component
from watchglass.api.procedures.shown import shown
from watchglass.api.procedures.values import own_values
from watchglass.api.render.execution import VALUE_BYTES, read_memo
from watchglass.api.render.failure import render_failure
from watchglass.api.render.payload import render_memo, render_values
from watchglass.api.shapes.component import ComponentExecutionDetails
from watchglass.api.shapes.decode import DecodeComponentInput, DecodedExecution, DecodeExecutionInput
from watchglass.api.trpc.router import Router
from watchglass.errors import Conflict
from watchglass.model.permission import Permission
from watchglass.parse.encoded import (
    Change,
    change_attempt,
    change_component,
    change_failure,
    change_memo,
    change_values,
)
from watchglass.parse.failure import surface_error
from watchglass.parse.redaction.redactor import Redactor
from watchglass.store.failures import failure_from_json
from watchglass.store.summaries import Row
from watchglass.sync.decode import decoded
from watchglass.temporal.codec import CODEC_SECONDS, Codec

router: Router[Context] = Router()
_TIMEOUT = timedelta(seconds=CODEC_SECONDS + 10)
"""The codec server's own deadline, and time to read a long history."""


@router.mutation("execution.decodeExecution", permission=Permission.PAYLOADS, timeout=_TIMEOUT)
async def decode_execution(context: Context, input: DecodeExecutionInput) -> DecodedExecution:
    """An execution's own values, decoded by the connection's codec server."""
    async with context.store.read_as(context.principal) as reader:
        row = await readable_execution(reader, context.principal, input.execution_id)
        codec = _codec(row, input.codec_address, input.codec_token)
        context.namespaces.codec_hosts.refuse_others(codec.address)
        given, result = await own_values(reader, row)
    failure, memo = failure_from_json(row["failure"]), read_memo(row["memo"])
    redactor = await _redactor(context, row)
    given, result, failure, memo = await decoded(
        codec,
        lambda change: (
            change_values(given, change),
            change_values(result, change),
            change_failure(failure, change),
            change_memo(memo, change),
        ),
        redactor=redactor,
    )
    error_type, error_message = surface_error(failure)
    values = DecodedExecution(
        input=render_values(given, limit=VALUE_BYTES),
        result=render_values(result, limit=VALUE_BYTES),
        failure=render_failure(failure),
        memo=render_memo(memo, limit=VALUE_BYTES),
        error_message=error_message,
        error_type=error_type,
    )
    return await shown(context, row, values, sees=True)


@router.mutation("execution.decodeComponentExecution", permission=Permission.PAYLOADS, timeout=_TIMEOUT)
async def decode_component_execution(context: Context, input: DecodeComponentInput) -> ComponentExecutionDetails:
    """One component execution, whole, with its values decoded by the connection's codec server."""
    async with context.store.read_as(context.principal) as reader:
        row = await readable_execution(reader, context.principal, input.execution_id)
        codec = _codec(row, input.codec_address, input.codec_token)
        context.namespaces.codec_hosts.refuse_others(codec.address)
        whole = await whole_component(reader, row, input.event_id, as_held=True)
    redactor = await _redactor(context, row)
    values = (await decoded(codec, lambda change: _changed(whole, change), redactor=redactor)).rendered()
    return await shown(context, row, values, sees=True)


async def _redactor(context: Context, row: Row) -> Redactor | None:
    """What the project wants hidden is hidden from who can decode it, too."""
    return await context.namespaces.redactor(await context.namespaces.connection(row["connection_id"]))


def _changed(whole: WholeComponent, change: Change) -> WholeComponent:
    return replace(
        whole,
        component=change_component(whole.component, change),
        observed=[change_attempt(attempt, change) for attempt in whole.observed],
    )


def _codec(row: Row, agreed_address: str, token: SecretStr | None) -> Codec:
    """The connection's own codec server, and only when it is the one that the person agreed to.

    Raises:
        Conflict: there is none, or it is another one by now.
    """
    address = row["codec_address"]
    if address is None:
        raise Conflict("The connection of this run has no codec server. An owner or editor of the project can set one.")
    if address != agreed_address:
        raise Conflict(
            f"The connection's codec server is {address} now, which is not the one that you agreed to. "
            "Nothing was sent. Load the page again."
        )
    return Codec(address, row["namespace"], token.get_secret_value() if token else None)
