"""Decoding while copying, for connections that ask for it. It never holds a sync up: what fails is done later."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

import structlog

from watchglass.errors import WatchglassError
from watchglass.model.connection import Connection
from watchglass.parse.encoded import Change, change_described, change_execution
from watchglass.sync.decode import decoded
from watchglass.sync.parts import Away, Parts
from watchglass.sync.read import ReadRun
from watchglass.sync.save import may_differ, writes_anew
from watchglass.temporal.codec import Codec
from watchglass.temporal.errors import CodecFaulty

log = structlog.get_logger()

AT_ONCE_SECONDS = 2.0
"""A run that needs longer is stored as it is and decoded afterwards."""
AWAY_SECONDS = 15.0
"""For so long nobody asks a codec server that did not answer: a thousand runs would each wait for it."""


async def decode_runs(parts: Parts, runs: Sequence[ReadRun]) -> list[ReadRun]:
    """The runs with values decoded where their connections want it; `undecoded` says why where that failed."""
    if not any(decodes(run.connection) for run in runs):
        return list(runs)
    return list(await asyncio.gather(*(_decoded(parts, run) for run in runs)))


def decodes(connection: Connection) -> bool:
    return connection.decodes_at_sync and connection.codec_address is not None


async def codec_of(parts: Parts, connection: Connection) -> Codec:
    """The connection's codec server, with the token that was given for that very address.

    Raises:
        Unsealable: the token cannot be opened by this process.
        InvalidInput: this installation does not allow that codec server.
    """
    assert connection.codec_address is not None
    parts.codec_hosts.refuse_others(connection.codec_address)
    credentials = await parts.credentials(connection)
    is_for_it = credentials.codec_token_for == connection.codec_address
    return Codec(connection.codec_address, connection.namespace, credentials.codec_token if is_for_it else None)


async def _decoded(parts: Parts, run: ReadRun) -> ReadRun:
    if not decodes(run.connection):
        return run
    away = parts.away_codecs.get(run.connection.id)
    if away is not None and time.monotonic() < away.until:
        return replace(run, undecoded=away.sentence)
    try:
        return await decoded(
            await codec_of(parts, run.connection),
            lambda change: _changed(run, change),
            redactor=await parts.redactor(run.connection),
            seconds=AT_ONCE_SECONDS,
        )
    except WatchglassError as error:
        log.warning("run_not_decoded", execution_id=str(run.state.key.id), reason=error.message)
        if not isinstance(error, CodecFaulty):
            parts.away_codecs[run.connection.id] = Away(time.monotonic() + AWAY_SECONDS, error.message)
        return replace(run, undecoded=error.message)


def _changed(run: ReadRun, change: Change) -> ReadRun:
    """Of the units, those that will be written."""
    is_anew = writes_anew(run.state, run)
    return replace(
        run,
        execution=change_execution(run.execution, change, concerns=lambda unit: is_anew or may_differ(unit, run)),
        described=None if run.described is None else change_described(run.described, change),
    )
