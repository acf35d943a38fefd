"""A namespace whose values are truly encrypted, looked at through the team's own codec server."""

import json
import logging
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import WorkflowFailureError
from tests.acceptance.bench import Bench, bench
from tests.acceptance.eventually import eventually
from tests.acceptance.observed import new_id
from tests.acceptance.vault import CARD, Charge, Retry, Stamp, vault_worker
from tests.api.seeded import Caller, client_for
from tests.codec import TOKEN, CodecServer, codec_server
from tests.databases import make_project

from watchglass.auth.people import create_user
from watchglass.auth.tokens import create_token
from watchglass.embedded.temporal import EmbeddedTemporal
from watchglass.store.history_pages import read_events
from watchglass.store.sync_states import ExecutionKey
from watchglass.sync.one import sync_execution

__all__ = ["bench"]
pytestmark = pytest.mark.acceptance


@dataclass(frozen=True)
class Vault:
    """A failed run, a completed one with a large result, and one that retries; all encrypted."""

    codec: CodecServer
    caller: Caller
    failed: ExecutionKey
    large: ExecutionKey
    retrying: ExecutionKey

    async def decode_run(self, key: ExecutionKey, token: str | None = TOKEN, **other: Any) -> httpx.Response:
        return await self.caller.mutate("execution.decodeExecution", self._input(key, token) | other)

    async def decode_step(self, key: ExecutionKey, event_id: int, token: str | None = TOKEN) -> httpx.Response:
        given = self._input(key, token) | {"eventId": event_id}
        return await self.caller.mutate("execution.decodeComponentExecution", given)

    async def page(self, key: ExecutionKey) -> dict[str, Any]:
        page: dict[str, Any] = await self.caller.data("execution.getExecutionDetails", {"executionId": str(key.id)})
        return page

    async def step(self, key: ExecutionKey, name: str) -> dict[str, Any]:
        steps = (await self.page(key))["components"]
        step: dict[str, Any] = next(step for step in steps if step["componentName"] == name)
        return step

    def _input(self, key: ExecutionKey, token: str | None) -> dict[str, Any]:
        return {"executionId": str(key.id), "codecAddress": self.codec.address, "codecToken": token}


async def set_codec(bench: Bench, address: str | None) -> None:
    async with bench.store.write() as writer:
        await writer.execute("UPDATE connections SET codec_address = $2 WHERE id = $1", bench.connection.id, address)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def vault(bench: Bench, temporal: EmbeddedTemporal) -> AsyncIterator[Vault]:
    token = await create_token(bench.store, user="ada", name="codec", lifetime=timedelta(hours=1))
    async with (
        codec_server() as codec,
        client_for(bench.store, bench.parts) as http,
        vault_worker(temporal.address) as (client, queue),
    ):
        await set_codec(bench, codec.address)
        failed = await client.start_workflow(
            Charge.run, CARD, id=new_id("charge"), task_queue=queue, memo={"customer": CARD}
        )
        large = await client.start_workflow(Stamp.run, args=[CARD, 70_000], id=new_id("stamp"), task_queue=queue)
        retrying = await client.start_workflow(Retry.run, CARD, id=new_id("retry"), task_queue=queue)
        with pytest.raises(WorkflowFailureError):
            await failed.result()
        await large.result()
        keys = [await bench.key_of(handle) for handle in (failed, large, retrying)]
        made = Vault(codec, Caller(http, token), *keys)

        async def has_failed_once() -> bool:
            assert (await sync_execution(bench.parts, keys[2])).error is None
            return bool((await made.step(keys[2], "cards.retry"))["attempt"] == 2)

        for key in keys[:2]:
            assert (await sync_execution(bench.parts, key)).error is None
        assert await eventually(has_failed_once)
        yield made
        await retrying.terminate()


@pytest.fixture(autouse=True)
async def well_behaved(vault: Vault) -> None:
    vault.codec.behaviour = "decode"
    vault.codec.asked.clear()


def data_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["result"]["data"]
    return data


def sentence_of(answer: httpx.Response) -> str:
    assert answer.status_code != 200, answer.text
    sentence: str = answer.json()["error"]["message"]
    return sentence


class TestStored:
    async def test_nothing_readable_is_stored(self, bench: Bench, vault: Vault) -> None:
        async with bench.store.write() as reader:
            events = await read_events(reader, project_id=vault.failed.project_id, execution_id=vault.failed.id)
            rows = await reader.fetch(
                "SELECT to_jsonb(c)::text AS row FROM component_executions c WHERE execution_id = $1 "
                "UNION ALL SELECT to_jsonb(e)::text FROM workflow_executions e WHERE id = $1",
                vault.failed.id,
            )
        held = b"".join(event.SerializeToString() for event in events)
        assert b"binary/encrypted" in held
        assert CARD.encode() not in held
        assert CARD not in "".join(row["row"] for row in rows)

    async def test_the_page_is_told_what_is_encoded_and_by_whom_it_can_be_decoded(self, vault: Vault) -> None:
        execution = (await vault.page(vault.failed))["execution"]
        assert execution["codecAddress"] == vault.codec.address
        assert [(value["isEncoded"], value["text"]) for value in execution["input"]] == [(True, None)]
        assert execution["failure"]["encoded"]
        assert execution["errorMessage"] == "Encoded failure"
        assert vault.codec.asked == []


class TestDecode:
    async def test_a_run_shows_its_input_memo_and_every_cause(self, vault: Vault) -> None:
        run = data_of(await vault.decode_run(vault.failed))
        assert [value["text"] for value in run["input"]] == [json.dumps(CARD)]
        assert run["input"][0]["decodedFrom"] == "binary/encrypted"
        assert run["memo"]["customer"]["text"] == json.dumps(CARD)
        assert run["errorMessage"] == f"declined {CARD}"
        assert run["errorType"] == "Declined"
        chain = causes(run["failure"])
        assert [link["encoded"] for link in chain] == [False] * len(chain)
        assert [link["message"] for link in chain][-2:] == [f"declined {CARD}", f"no answer for {CARD}"]
        assert "in charge" in chain[-2]["stackTrace"]
        assert json.loads(chain[-2]["details"][0]["text"]) == {"card": CARD}

    async def test_decoding_is_seeing_the_values_and_leaves_a_line(self, bench: Bench, vault: Vault) -> None:
        for number, procedure in enumerate(("execution.decodeExecution", "execution.decodeComponentExecution")):
            name = new_id("decoder")
            person = await create_user(bench.store, name=name, email=None, password=None, is_admin=False)
            token = await create_token(bench.store, user=name, name="t", lifetime=timedelta(hours=1))
            added = await vault.caller.mutate(
                "member.add", {"projectId": str(vault.failed.project_id), "name": name, "role": "viewer"}
            )
            assert added.status_code == 200, added.text
            decoder = Caller(vault.caller.client, token)
            step = await vault.step(vault.failed, "cards.charge")
            given = {
                "executionId": str(vault.failed.id),
                "codecAddress": vault.codec.address,
                "codecToken": TOKEN,
                **({"eventId": step["eventId"]} if number else {}),
            }
            data_of(await decoder.mutate(procedure, given))
            wanted = {"projectId": str(vault.failed.project_id), "kind": "values", "by": name}
            lines = (await vault.caller.data("audit.list", wanted))["items"]
            assert [(line["action"], line["target"]) for line in lines] == [("values.see", str(vault.failed.id))], (
                person
            )

    async def test_a_step_shows_every_argument_with_all_its_digits(self, vault: Vault) -> None:
        step = await vault.step(vault.failed, "cards.charge")
        decoded = data_of(await vault.decode_step(vault.failed, step["eventId"]))
        assert [value["text"] for value in decoded["input"]] == [json.dumps(CARD), str(2**64)]
        assert decoded["errorMessage"] == f"declined {CARD}"
        assert {key: decoded[key] for key in ("id", "status", "retryVerdict")} == {
            key: step[key] for key in ("id", "status", "retryVerdict")
        }

    async def test_all_values_of_a_step_go_in_one_request(self, vault: Vault) -> None:
        step = await vault.step(vault.failed, "cards.charge")
        data_of(await vault.decode_step(vault.failed, step["eventId"]))
        [asked] = vault.codec.asked
        assert asked.count >= 4  # two arguments, two failures with attributes, details
        assert asked.headers["x-namespace"] == "default"
        assert asked.headers["content-type"] == "application/json"

    async def test_values_that_only_the_history_page_holds(self, vault: Vault) -> None:
        step = await vault.step(vault.large, "cards.stamp")
        assert step["outputTruncated"]
        decoded = data_of(await vault.decode_step(vault.large, step["eventId"]))
        assert decoded["output"][0]["text"] == json.dumps(CARD + "x" * 70_000)
        run = data_of(await vault.decode_run(vault.large))
        assert run["result"][0]["truncated"]
        assert run["result"][0]["text"].startswith(f'"{CARD}xxx')

    async def test_heartbeat_and_attempts_of_a_step_that_retries(self, vault: Vault) -> None:
        step = await vault.step(vault.retrying, "cards.retry")
        decoded = data_of(await vault.decode_step(vault.retrying, step["eventId"]))
        assert [value["text"] for value in decoded["heartbeat"]] == [json.dumps(f"half of {CARD}")]
        assert decoded["previousFailure"]["message"] == f"not yet {CARD}"
        assert [attempt["failure"]["message"] for attempt in decoded["attempts"] if attempt["failure"]] == [
            f"not yet {CARD}"
        ]

    async def test_nothing_that_was_decoded_is_kept(self, bench: Bench, vault: Vault) -> None:
        before = await bench.digest(vault.failed)
        data_of(await vault.decode_run(vault.failed))
        assert await bench.digest(vault.failed) == before

    async def test_what_the_codec_gives_back_as_it_was_stays_encoded(self, vault: Vault) -> None:
        vault.codec.behaviour = "unchanged"
        run = data_of(await vault.decode_run(vault.failed))
        assert [(value["isEncoded"], value["decodedFrom"]) for value in run["input"]] == [(True, None)]
        assert run["failure"]["encoded"]


class TestRefused:
    async def test_another_token_is_a_sentence(self, vault: Vault) -> None:
        sentence = sentence_of(await vault.decode_run(vault.failed, "wrong"))
        assert sentence.startswith(f"The codec server at {vault.codec.address} refuses the token (403).")

    async def test_no_token_is_a_sentence(self, vault: Vault) -> None:
        assert "asks for a token (401)" in sentence_of(await vault.decode_run(vault.failed, None))

    async def test_a_token_that_no_header_can_carry(self, vault: Vault) -> None:
        for token in ("line\nbreak", "ключ"):
            answer = await vault.decode_run(vault.failed, token)
            assert "printable ASCII" in sentence_of(answer)
            assert token not in answer.text
        assert vault.codec.asked == []

    @pytest.mark.parametrize(
        ("behaviour", "part"),
        [
            ("slow", "did not answer within 5 s"),
            ("garbage", "something else than payloads"),
            ("deep", "something else than payloads"),
            ("few", "was asked for"),
            ("redirect", "sends the request elsewhere (307), which is not followed"),
            ("enormous", "more than 8 MB"),
            ("broken", "failed (500)"),
            ("unknown", "answered 404"),
        ],
    )
    async def test_whatever_the_codec_server_does_is_a_sentence(self, vault: Vault, behaviour: str, part: str) -> None:
        vault.codec.behaviour = behaviour
        answer = await vault.decode_run(vault.failed)
        assert part in sentence_of(answer)
        assert answer.status_code in (412, 503)
        assert "secret" not in answer.text
        assert [asked.path for asked in vault.codec.asked] == ["/decode"]
        assert (await vault.page(vault.failed))["execution"]["status"] == "failed"

    async def test_a_codec_server_that_is_down(self, bench: Bench, vault: Vault) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        await set_codec(bench, address)
        try:
            answer = await vault.decode_run(vault.failed, codecAddress=address)
            assert sentence_of(answer).startswith(f"The codec server at {address} cannot be reached.")
        finally:
            await set_codec(bench, vault.codec.address)

    async def test_nothing_goes_to_an_address_that_nobody_agreed_to(self, bench: Bench, vault: Vault) -> None:
        answer = await vault.decode_run(vault.failed, codecAddress="http://127.0.0.1:1")
        assert answer.status_code == 409
        assert "Nothing was sent." in sentence_of(answer)
        assert vault.codec.asked == []

    async def test_a_connection_without_a_codec_server(self, bench: Bench, vault: Vault) -> None:
        await set_codec(bench, None)
        try:
            assert "has no codec server" in sentence_of(await vault.decode_run(vault.failed))
        finally:
            await set_codec(bench, vault.codec.address)

    async def test_the_member_of_another_project_is_told_that_there_is_no_such_run(
        self, bench: Bench, vault: Vault
    ) -> None:
        await make_project(bench.store, "Elsewhere", owner="eve")
        token = await create_token(bench.store, user="eve", name="codec", lifetime=timedelta(hours=1))
        eve = Caller(vault.caller.client, token)
        given = {"executionId": str(vault.failed.id), "codecAddress": vault.codec.address, "codecToken": TOKEN}
        step = await vault.step(vault.failed, "cards.charge")
        for name, more in (
            ("execution.decodeExecution", {}),
            ("execution.decodeComponentExecution", {"eventId": step["eventId"]}),
        ):
            assert (await eve.mutate(name, given | more)).status_code == 404
        assert vault.codec.asked == []

    async def test_a_question_cannot_carry_the_token(self, vault: Vault) -> None:
        given = {"executionId": str(vault.failed.id), "codecAddress": vault.codec.address, "codecToken": TOKEN}
        assert (await vault.caller.query("execution.decodeExecution", given)).status_code == 405
        assert vault.codec.asked == []


async def test_the_token_is_in_no_log_line(vault: Vault, caplog: pytest.LogCaptureFixture) -> None:
    for library in (None, "httpx", "httpcore"):  # quieter by name once any test has configured logging
        caplog.set_level(logging.DEBUG, logger=library)
    data_of(await vault.decode_run(vault.failed))
    for behaviour in ("garbage", "broken", "redirect"):
        vault.codec.behaviour = behaviour
        sentence_of(await vault.decode_run(vault.failed))
    assert caplog.records  # the HTTP client's own, at least
    assert TOKEN not in caplog.text
    assert all(TOKEN not in repr(record.args) for record in caplog.records)


def causes(failure: dict[str, Any] | None) -> list[dict[str, Any]]:
    chain = []
    while failure is not None:
        chain.append(failure)
        failure = failure["cause"]
    return chain
