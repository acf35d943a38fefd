"""Decoding while copying, for a connection that asks for it: never in the way of a sync, and made up for later."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from tests.acceptance.bench import Bench, assert_totals_equal_recomputation, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id
from tests.acceptance.vault import CARD, Charge, Retry, Stamp, vault_worker
from tests.api.seeded import Caller, client_for
from tests.codec import TOKEN, CodecServer, codec_server

from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.errors import InvalidInput
from watchglass.model.credentials import NO_CREDENTIALS, NOTHING_SHOWN, Credentials
from watchglass.parse import PARSE_VERSION
from watchglass.parse.error_group import error_group
from watchglass.store.credentials import save_credentials
from watchglass.store.error_runs import step_name
from watchglass.store.history_pages import read_events
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.decode import decoded
from watchglass.sync.decode_later import decode_due
from watchglass.sync.decode_setting import decode_at_sync, decode_on_view
from watchglass.sync.one import sync_execution
from watchglass.sync.parts import Parts
from watchglass.sync.rederive import rederive
from watchglass.temporal.client import Clients

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Decoding:
    bench: Bench
    codec: CodecServer
    client: Client
    queue: str

    def parts(self) -> Parts:
        """As a process that starts now has them: nothing is remembered."""
        return Parts(self.bench.store, Clients())

    async def settings(self, *, decodes: bool = True, token: str | None = TOKEN, token_for: str | None = None) -> None:
        credentials = Credentials(codec_token=token, codec_token_for=token_for or self.codec.address)
        connection = self.bench.connection
        async with self.bench.store.write() as writer:
            await writer.execute(
                "UPDATE connections SET codec_address = $2, decodes_at_sync = $3 WHERE id = $1",
                connection.id,
                self.codec.address,
                decodes,
            )
            await save_credentials(
                writer,
                self.bench.store.seal,
                project_id=connection.project_id,
                connection_id=connection.id,
                credentials=NO_CREDENTIALS if token is None else credentials,
                shown=NOTHING_SHOWN,
            )

    async def charged(self) -> ExecutionKey:
        handle = await self.client.start_workflow(
            Charge.run, CARD, id=new_id("charge"), task_queue=self.queue, memo={"customer": CARD}
        )
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        return await self.bench.key_of(handle)

    async def row(self, key: ExecutionKey) -> dict[str, Any]:
        async with self.bench.store.write() as reader:
            row = await reader.fetchrow(
                "SELECT e.error_type, e.error_message, e.error_group, e.failed_step, e.failure, e.input, e.memo, "
                "e.status, e.sync_status, u.error AS undecoded "
                "FROM workflow_executions e LEFT JOIN undecoded_runs u ON u.execution_id = e.id WHERE e.id = $1",
                key.id,
            )
        assert row is not None
        return dict(row)

    async def units(self, key: ExecutionKey) -> list[dict[str, Any]]:
        async with self.bench.store.write() as reader:
            rows = await reader.fetch(
                "SELECT * FROM component_executions WHERE execution_id = $1 ORDER BY event_id", key.id
            )
        return [dict(row) for row in rows]

    async def due_now(self) -> None:
        """As if the pause before the next try were over."""
        async with self.bench.store.write() as writer:
            await writer.execute("UPDATE undecoded_runs SET next_try_at = clock_timestamp()")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def decoding(bench: Bench, temporal: EmbeddedTemporal) -> AsyncIterator[Decoding]:
    async with codec_server() as codec, vault_worker(temporal.address) as (client, queue):
        yield Decoding(bench, codec, client, queue)


@pytest.fixture(autouse=True)
async def from_the_beginning(decoding: Decoding) -> None:
    decoding.codec.behaviour = "decode"
    decoding.codec.asked.clear()
    await decoding.settings()
    async with decoding.bench.store.write() as writer:
        await writer.execute("DELETE FROM undecoded_runs")


async def is_wholly_decoded(decoding: Decoding, key: ExecutionKey) -> None:
    row = await decoding.row(key)
    assert row["error_message"] == f"declined {CARD}"
    assert row["error_group"] == error_group(row["error_type"], row["error_message"], step_name(row["failed_step"]))
    assert f"no answer for {CARD}" in row["failure"]
    assert json.dumps(CARD).encode() in row["input"]
    assert json.dumps(CARD).encode() in row["memo"]
    assert row["undecoded"] is None
    check, charge = await decoding.units(key)
    assert json.dumps(f"checked {CARD}").encode() in check["output"]
    assert str(2**64).encode() in charge["input"]
    assert charge["error_message"] == f"declined {CARD}"


class TestDecoded:
    async def test_rows_can_be_read_and_the_history_stays_as_held(self, decoding: Decoding) -> None:
        key = await decoding.charged()
        assert (await sync_execution(decoding.parts(), key)).error is None
        await is_wholly_decoded(decoding, key)
        async with decoding.bench.store.write() as reader:
            events = await read_events(reader, project_id=key.project_id, execution_id=key.id)
        assert CARD.encode() not in b"".join(event.SerializeToString() for event in events)

    async def test_a_connection_that_does_not_ask_for_it_sends_nothing(self, decoding: Decoding) -> None:
        await decoding.settings(decodes=False)
        key = await decoding.charged()
        assert (await sync_execution(decoding.parts(), key)).error is None
        assert (await decoding.row(key))["error_message"] == "Encoded failure"
        assert decoding.codec.asked == []

    async def test_of_large_values_the_beginning_can_be_read(self, decoding: Decoding) -> None:
        handle = await decoding.client.start_workflow(
            Stamp.run, args=[CARD, 5000], id=new_id("stamp"), task_queue=decoding.queue
        )
        await handle.result()
        key = await decoding.bench.key_of(handle)
        assert (await sync_execution(decoding.parts(), key)).error is None
        [stamp] = await decoding.units(key)
        [beginning] = json.loads(stamp["output_beginnings"])
        assert beginning[1].startswith(f'"{CARD}xxx')
        assert stamp["output"] is None

    async def test_attempts_and_heartbeats_of_an_open_run(self, decoding: Decoding) -> None:
        handle: WorkflowHandle[Any, Any] = await decoding.client.start_workflow(
            Retry.run, CARD, id=new_id("retry"), task_queue=decoding.queue
        )
        key = await decoding.bench.key_of(handle)

        async def seen() -> list[Any]:
            assert (await sync_execution(decoding.parts(), key)).error is None
            async with decoding.bench.store.write() as reader:
                return await reader.fetch("SELECT failure FROM component_attempts WHERE execution_id = $1", key.id)

        attempts = await eventually(seen)
        assert [json.loads(row["failure"])[0]["message"] for row in attempts] == [f"not yet {CARD}"]
        [unit] = await decoding.units(key)
        assert json.dumps(f"half of {CARD}").encode() in unit["heartbeat"]
        await handle.terminate()


class TestMadeUpFor:
    @pytest.mark.parametrize("behaviour", ["slow", "broken", "garbage", "few"])
    async def test_a_codec_server_in_trouble_delays_nothing_but_the_decoding(
        self, decoding: Decoding, behaviour: str
    ) -> None:
        decoding.codec.behaviour = behaviour
        key = await decoding.charged()
        outcome = await sync_execution(decoding.parts(), key)
        assert (outcome.synced, outcome.error) == (True, None)
        row = await decoding.row(key)
        assert (row["status"], row["sync_status"], row["error_message"]) == ("failed", "synced", "Encoded failure")
        assert decoding.codec.address in row["undecoded"]
        decoding.codec.behaviour = "decode"
        assert await decode_due(decoding.parts()) == 1
        await is_wholly_decoded(decoding, key)
        await assert_totals_equal_recomputation(decoding.bench.store)

    async def test_it_is_tried_until_it_works(self, decoding: Decoding) -> None:
        decoding.codec.behaviour = "broken"
        key = await decoding.charged()
        await sync_execution(decoding.parts(), key)
        for _ in range(3):
            await decoding.due_now()
            assert await decode_due(decoding.parts()) == 1
            assert "failed (500)" in (await decoding.row(key))["undecoded"]
        assert await decode_due(decoding.parts()) == 0  # not before its pause is over
        decoding.codec.behaviour = "decode"
        await decoding.due_now()
        await decode_due(decoding.parts())
        await is_wholly_decoded(decoding, key)

    async def test_a_codec_server_that_is_away_is_not_asked_for_every_run(self, decoding: Decoding) -> None:
        decoding.codec.behaviour = "broken"
        keys = [await decoding.charged() for _ in range(3)]
        parts = decoding.parts()
        for key in keys:
            assert (await sync_execution(parts, key)).error is None
        assert len(decoding.codec.asked) == 1
        decoding.codec.behaviour = "decode"
        assert await decode_due(parts) == 3
        for key in keys:
            await is_wholly_decoded(decoding, key)

    async def test_large_values_are_decoded_later_too(self, decoding: Decoding) -> None:
        decoding.codec.behaviour = "broken"
        handle = await decoding.client.start_workflow(
            Stamp.run, args=[CARD, 5000], id=new_id("stamp"), task_queue=decoding.queue
        )
        await handle.result()
        key = await decoding.bench.key_of(handle)
        await sync_execution(decoding.parts(), key)
        decoding.codec.behaviour = "decode"
        await decode_due(decoding.parts())
        [stamp] = await decoding.units(key)
        assert json.loads(stamp["output_beginnings"])[0][1].startswith(f'"{CARD}xxx')

    async def test_a_run_that_is_derived_again_is_decoded_again(self, decoding: Decoding) -> None:
        key = await decoding.charged()
        await sync_execution(decoding.parts(), key)
        assert (await rederive(decoding.bench.store, [key], below=PARSE_VERSION + 1)).done == 1
        assert (await decoding.row(key))["error_message"] == "Encoded failure"
        assert await decode_due(decoding.parts()) == 1
        await is_wholly_decoded(decoding, key)

    async def test_one_that_is_derived_again_while_it_is_decoded_is_decoded_once_more(
        self, decoding: Decoding, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decoding.codec.behaviour = "broken"
        key = await decoding.charged()
        await sync_execution(decoding.parts(), key)
        decoding.codec.behaviour = "decode"

        async def slowly(*given: Any, **options: Any) -> Any:
            monkeypatch.undo()
            assert (await rederive(decoding.bench.store, [key])).done == 1
            return await decoded(*given, **options)

        monkeypatch.setattr("watchglass.sync.decode_later.decoded", slowly)
        async with decoding.bench.store.write() as writer:
            await writer.execute(
                "UPDATE workflow_executions SET derived_version = derived_version - 1 WHERE id = $1", key.id
            )
        assert await decode_due(decoding.parts()) == 1
        assert (await decoding.row(key))["error_message"] == "Encoded failure", "what was read before is not written"
        assert await decode_due(decoding.parts()) == 1
        await is_wholly_decoded(decoding, key)


class TestSetting:
    async def test_an_owner_switches_it_on_and_off(self, decoding: Decoding) -> None:
        await decoding.settings(decodes=False, token=None)
        token = await create_token(decoding.bench.store, user="ada", name="setting", lifetime=timedelta(hours=1))
        async with client_for(decoding.bench.store, decoding.parts()) as http:
            caller = Caller(http, token)
            given = {"connectionId": str(decoding.bench.connection.id), "decodes": True, "codecToken": TOKEN}
            answer = await caller.mutate("connection.decodeAtSync", given)
            assert answer.status_code == 200, answer.text
            told = answer.json()["result"]["data"]
            assert (told["decodesAtSync"], told["credentials"]["codecToken"]) == (True, True)
            assert TOKEN not in answer.text
            key = await decoding.charged()
            assert (await sync_execution(decoding.parts(), key)).error is None
            await is_wholly_decoded(decoding, key)
            off = await caller.mutate("connection.decodeAtSync", given | {"decodes": False, "codecToken": None})
            told = off.json()["result"]["data"]
            assert (told["decodesAtSync"], told["credentials"]["codecToken"]) == (False, False)
            decoding.codec.asked.clear()
            await sync_execution(decoding.parts(), await decoding.charged())
            assert decoding.codec.asked == []

    async def test_it_needs_a_codec_server(self, decoding: Decoding) -> None:
        connection = replace(decoding.bench.connection, codec_address=None)
        with pytest.raises(InvalidInput, match="has no codec server"):
            await decode_at_sync(decoding.bench.store, connection, token=TOKEN)

    async def test_other_credentials_stay_when_the_token_changes(self, decoding: Decoding) -> None:
        store, connection = decoding.bench.store, decoding.bench.connection
        async with store.write() as writer:
            await save_credentials(
                writer,
                store.seal,
                project_id=connection.project_id,
                connection_id=connection.id,
                credentials=Credentials(headers=(("x-shop", "one"),)),
                shown=NOTHING_SHOWN,
            )
        with_codec = replace(connection, codec_address=decoding.codec.address)
        await decode_at_sync(store, with_codec, token=TOKEN)
        assert (await decoding.parts().credentials(connection)).headers == (("x-shop", "one"),)
        await decode_on_view(store, with_codec)
        assert await decoding.parts().credentials(connection) == Credentials(headers=(("x-shop", "one"),))


class TestToken:
    async def test_it_goes_to_no_other_address_than_it_was_given_for(self, decoding: Decoding) -> None:
        await decoding.settings(token_for="https://another.example.com")
        key = await decoding.charged()
        assert (await sync_execution(decoding.parts(), key)).error is None
        [asked] = decoding.codec.asked
        assert "authorization" not in asked.headers
        assert "asks for a token (401)" in (await decoding.row(key))["undecoded"]

    async def test_it_is_in_no_log_line_and_in_no_row(
        self, decoding: Decoding, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for behaviour in ("decode", "broken", "garbage"):
            decoding.codec.behaviour = behaviour
            await sync_execution(decoding.parts(), await decoding.charged())
        await decode_due(decoding.parts())
        printed = capsys.readouterr()
        assert "run_not_decoded" in printed.out + printed.err + caplog.text
        assert TOKEN not in printed.out + printed.err + caplog.text
        async with decoding.bench.store.write() as reader:
            rows = await reader.fetch("SELECT to_jsonb(c)::text AS row FROM connection_credentials c")
        assert rows
        assert TOKEN not in "".join(row["row"] for row in rows)
