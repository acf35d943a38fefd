"""Services and the project's part of the catalogue, through the API."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from tests.api.procedures.drawn import data_of, join, sentence_of, signed_in
from tests.builder.answering import Answering, answering
from tests.databases import Database

from watchglass.model.service import SealedService
from watchglass.store.scope import Store
from watchglass.store.services import open_service

SECRET = "Bearer 4d5e-very-secret"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server() -> AsyncIterator[Answering]:
    async with answering() as served:
        yield served


def shop(url: str = "https://shop.example", **more: Any) -> dict[str, Any]:
    settings = {"kind": "http", "baseUrl": url}
    return {"name": "shop", "settings": settings, "secret": {"headers": {"Authorization": SECRET}}} | more


class TestSecrets:
    async def test_they_go_in_and_only_their_sealed_form_comes_out(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        project = {"projectId": str(tenant.project_id)}
        made = await ada.mutate("service.create", project | shop())
        assert data_of(made)["hasSecret"] is True
        sealed = await ada.query("service.getSealed", project | {"name": "shop"})
        for answer in (made, sealed, await ada.query("service.list", project), await ada.query("audit.list", project)):
            assert answer.status_code == 200, answer.text
            assert SECRET not in answer.text
        opened = open_service(store.seal, SealedService.model_validate(data_of(sealed)))
        assert opened.headers == {"Authorization": SECRET}

    async def test_viewers_do_not_get_the_sealed_form(self, store: Store, database: Database) -> None:
        ada, tenant = await signed_in(store)
        bob, other = await signed_in(store, "bob")
        await join(database, tenant.project_id, other, role="viewer")
        project = {"projectId": str(tenant.project_id)}
        data_of(await ada.mutate("service.create", project | shop()))
        assert (await bob.data("service.list", project))["role"] == "viewer"
        sentence_of(await bob.query("service.getSealed", project | {"name": "shop"}), 403)

    async def test_a_secret_is_not_sent_to_another_address(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        made = data_of(await ada.mutate("service.create", {"projectId": str(tenant.project_id)} | shop()))
        elsewhere = {
            "serviceId": made["id"],
            "name": "shop",
            "settings": {"kind": "http", "baseUrl": "https://evil.example"},
        }
        said = sentence_of(await ada.mutate("service.update", elsewhere), 400)
        assert "given for another address" in said
        renamed = {"serviceId": made["id"], "name": "till", "settings": made["settings"]}
        assert data_of(await ada.mutate("service.update", renamed))["hasSecret"] is True

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"kind": "http", "baseUrl": "https://ada:secret@shop.example"}, "no user name or password"),
            ({"kind": "http", "baseUrl": "https://shop.example/?key=1"}, "has no ?"),
            ({"kind": "http", "baseUrl": "file:///etc/passwd"}, "begins with http"),
            ({"kind": "postgres", "host": "/var/run", "database": "a", "user": "b"}, "is no host"),
            ({"kind": "postgres", "host": "a@b", "database": "a", "user": "b"}, "is no host"),
        ],
    )
    async def test_members_see_no_password_in_an_address(
        self, store: Store, settings: dict[str, Any], said: str
    ) -> None:
        ada, tenant = await signed_in(store)
        project = {"projectId": str(tenant.project_id)}
        new = {"name": "other", "settings": settings}
        assert said in sentence_of(await ada.mutate("service.create", project | new), 400)
        made = data_of(await ada.mutate("service.create", project | shop()))
        assert said in sentence_of(await ada.mutate("service.update", {"serviceId": made["id"]} | new), 400)

    async def test_a_name_that_no_text_can_hold(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        new = {"projectId": str(tenant.project_id)} | shop(name="a\x00b")
        assert "U+0000" in sentence_of(await ada.mutate("service.create", new), 400)

    async def test_a_secret_can_be_taken_away(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        made = data_of(await ada.mutate("service.create", {"projectId": str(tenant.project_id)} | shop()))
        without = {"serviceId": made["id"], "name": "shop", "settings": made["settings"], "secret": {}}
        assert data_of(await ada.mutate("service.update", without))["hasSecret"] is False

    async def test_a_secret_of_the_other_kind_is_refused(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        wrong = {"projectId": str(tenant.project_id)} | shop(secret={"password": "x"})
        assert "signed in to by headers" in sentence_of(await ada.mutate("service.create", wrong), 400)


class TestTest:
    async def test_an_address_inside_is_tried_once_an_owner_allows_it(self, store: Store, server: Answering) -> None:
        ada, tenant = await signed_in(store)
        project = {"projectId": str(tenant.project_id)}
        made = data_of(await ada.mutate("service.create", project | shop(server.url)))
        before = len(server.asked)
        refused = data_of(await ada.mutate("service.test", {"serviceId": made["id"]}))
        assert "is no public address" in refused["testError"]
        assert len(server.asked) == before
        kept = data_of(await ada.mutate("service.setNetworks", project | {"networks": ["127.0.0.1"]}))
        assert kept == {"networks": ["127.0.0.1/32"]}
        tried = data_of(await ada.mutate("service.test", {"serviceId": made["id"]}))
        assert (tried["testError"], tried["testedAt"] is not None) == (None, True)
        assert server.asked[-1][2]["authorization"] == SECRET

    async def test_networks_are_for_owners(self, store: Store, database: Database) -> None:
        _, tenant = await signed_in(store)
        bob, other = await signed_in(store, "bob")
        await join(database, tenant.project_id, other, role="editor")
        given = {"projectId": str(tenant.project_id), "networks": ["10.0.0.0/8"]}
        assert "Only owners" in sentence_of(await bob.mutate("service.setNetworks", given), 403)

    @pytest.mark.parametrize("text", ["home", "10.0.0.1/8", "10.0.0.0/40"])
    async def test_what_is_no_network(self, store: Store, text: str) -> None:
        ada, tenant = await signed_in(store)
        given = {"projectId": str(tenant.project_id), "networks": [text]}
        assert "is no network" in sentence_of(await ada.mutate("service.setNetworks", given), 400)


class TestNames:
    async def test_a_name_is_taken_once(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        project = {"projectId": str(tenant.project_id)}
        data_of(await ada.mutate("service.create", project | shop()))
        assert "has a service named" in sentence_of(await ada.mutate("service.create", project | shop()), 409)

    async def test_what_is_removed_is_gone_with_its_secret(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        project = {"projectId": str(tenant.project_id)}
        made = data_of(await ada.mutate("service.create", project | shop()))
        data_of(await ada.mutate("service.remove", {"serviceId": made["id"]}))
        assert (await ada.data("service.list", project))["items"] == []
        async with store.write() as reader:
            assert await reader.fetchval("SELECT count(*) FROM service_secrets WHERE service_id = $1", made["id"]) == 0


class TestComponents:
    async def test_what_is_written_down_is_in_the_catalogue_until_it_is_removed(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        project = {"projectId": str(tenant.project_id)}
        component = {"type": "ship", "name": "Ship it", "taskQueue": "go-workers", "source": "built_in"}
        assert data_of(await ada.mutate("component.register", project | {"component": component}))["source"] == "person"
        listed = (await ada.data("component.list", project))["items"]
        assert ("ship", "go-workers") in [(item["type"], item["taskQueue"]) for item in listed]
        data_of(await ada.mutate("component.remove", project | {"type": "ship"}))
        assert "ship" not in [item["type"] for item in (await ada.data("component.list", project))["items"]]
        sentence_of(await ada.mutate("component.remove", project | {"type": "ship"}), 404)

    async def test_a_worker_replaces_what_it_said_before(self, store: Store) -> None:
        ada, tenant = await signed_in(store)
        project = {"projectId": str(tenant.project_id)}
        for name in ("Pay", "Pay now"):
            said = {"components": [{"type": "pay", "name": name}]}
            data_of(await ada.mutate("component.announce", project | said))
        (pay,) = [item for item in (await ada.data("component.list", project))["items"] if item["type"] == "pay"]
        assert (pay["name"], pay["source"]) == ("Pay now", "worker")

    @pytest.mark.parametrize(
        ("schema", "said"),
        [
            ({"type": "nonsense"}, "is no JSON Schema"),
            ({"type": "string"}, "must describe an object"),
            ({"type": "object", "properties": {"a": {"pattern": "(?P<a"}}}, "The pattern"),
            ({"type": "object", "description": "x" * 100_000}, "more than 100,000 characters"),
        ],
    )
    async def test_schemas_that_no_node_could_use(self, store: Store, schema: dict[str, Any], said: str) -> None:
        ada, tenant = await signed_in(store)
        component = {"type": "pay", "name": "Pay", "inputSchema": schema}
        given = {"projectId": str(tenant.project_id), "component": component}
        assert said in sentence_of(await ada.mutate("component.register", given), 400)

    @pytest.mark.parametrize("pattern", ["a{99999999999}", "(" * 5000 + ")" * 5000, "[[:alpha:]]", "(a+)+$"])
    async def test_patterns_that_break_other_engines_are_no_bug(self, store: Store, pattern: str) -> None:
        ada, tenant = await signed_in(store)
        schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}}
        component = {"type": "pay", "name": "Pay", "inputSchema": schema, "outputSchema": schema}
        given = {"projectId": str(tenant.project_id), "component": component}
        assert data_of(await ada.mutate("component.register", given))["inputSchema"] == schema
