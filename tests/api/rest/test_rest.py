"""REST is the same procedures: same answers, same errors, in the words that HTTP has for them."""

import json
from typing import Any

import httpx
import pytest
import schemathesis
from jsonschema import Draft202012Validator
from tests.api.conftest import Installation
from tests.api.seeded import Caller

from watchglass.api.limits import MAX_BODY_BYTES, MAX_DRAWING_BYTES
from watchglass.api.procedures import router
from watchglass.api.rest.openapi import DEFAULT_FILE, main, openapi
from watchglass.api.rest.parameters import parameters_of, read_parameters
from watchglass.api.rest.problem import MEDIA_TYPE
from watchglass.api.trpc.errors import TRPCError
from watchglass.api.trpc.router import Kind
from watchglass.model.permission import Permission

NOBODYS = "00000000-0000-4000-8000-000000000000"


async def ask(caller: Caller, method: str, path: str, **rest: Any) -> httpx.Response:
    headers = {} if caller.token is None else {"authorization": f"Bearer {caller.token}"}
    return await caller.client.request(method, f"/api/v1/{path}", headers=headers | rest.pop("headers", {}), **rest)


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == MEDIA_TYPE
    body: dict[str, Any] = answer.json()
    schema = openapi(router)["components"]["schemas"]["ProblemDetails"]
    Draft202012Validator(schema).validate(body)
    assert body["status"] == answer.status_code
    return body


class TestAnswers:
    async def test_a_query_answers_what_trpc_answers(self, installation: Installation) -> None:
        project_id = str(installation.ours.project_id)
        for name in ("workflow.list", "project.get", "connection.list", "schedule.list"):
            told = await ask(installation.me, "GET", name, params={"projectId": project_id})
            assert told.status_code == 200, told.text
            expected = await installation.me.data(name, {"projectId": project_id})
            assert told.json() == expected

    async def test_numbers_lists_and_truth_values_are_read_from_the_url(self, installation: Installation) -> None:
        me = installation.me
        workflows = await me.data("workflow.list", {"projectId": str(installation.ours.project_id)})
        given = {"workflowId": workflows["items"][0]["id"], "limit": 1, "status": ["completed", "failed"]}
        params = given | {"topLevel": "false"}
        told = await ask(me, "GET", "execution.getExecutionHistory", params=params)
        expected = await me.data("execution.getExecutionHistory", given | {"topLevel": False})
        assert told.json()["items"] == expected["items"]

    async def test_a_mutation_takes_json(self, installation: Installation) -> None:
        made = await ask(installation.me, "POST", "project.create", json={"name": "Made by REST"})
        assert made.status_code == 200, made.text
        found = await ask(installation.me, "GET", "project.list")
        assert "Made by REST" in [project["name"] for project in found.json()["items"]]

    async def test_a_query_with_an_object_in_its_input_is_asked_by_post(self, installation: Installation) -> None:
        asked = {"projectId": str(installation.ours.project_id), "graph": {"nodes": 1}}
        told = await ask(installation.me, "POST", "workflow.validate", json=asked)
        assert told.status_code == 200
        assert told.json()["problems"]

    async def test_head_says_what_get_would(self, installation: Installation) -> None:
        head = await ask(installation.me, "HEAD", "session.me")
        assert (head.status_code, head.headers["content-type"]) == (200, "application/json")


class TestErrors:
    async def test_strangers_are_told_how_to_sign_in(self, installation: Installation) -> None:
        answer = await ask(installation.nobody, "GET", "project.list")
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert problem_of(answer)["code"] == "UNAUTHORIZED"

    async def test_strangers_learn_nothing_about_inputs(self, installation: Installation) -> None:
        answer = await ask(installation.nobody, "GET", "project.get", params={"nothing": "of it"})
        assert problem_of(answer)["code"] == "UNAUTHORIZED"

    async def test_foreign_and_unknown_ids_are_answered_alike(self, installation: Installation) -> None:
        foreign = {"projectId": str(installation.theirs.project_id)}
        first = await ask(installation.me, "GET", "project.get", params=foreign)
        second = await ask(installation.me, "GET", "project.get", params={"projectId": NOBODYS})
        assert first.status_code == 404
        assert problem_of(first) == problem_of(second)

    @pytest.mark.parametrize(
        ("params", "said"),
        [
            ({}, "projectId: Field required"),
            ({"projectId": "x"}, "projectId: Input should be a valid UUID"),
            ({"projectId": NOBODYS, "limit": "many"}, "limit: Input should be a valid integer"),
            ({"projectId": NOBODYS, "limit": "1e2"}, "limit: Input should be a valid integer"),
            ({"projectId": NOBODYS, "limit": "9" * 500}, "limit: Input should be a valid integer"),
            ({"projectId": NOBODYS, "limit": 201}, "limit: Input should be less than or equal to 200"),
            ({"projectId": NOBODYS, "__proto__": "1"}, "'__proto__' is not valid: There is no such parameter."),
            ({"projectId": [NOBODYS, NOBODYS]}, "'projectId' is not valid: This parameter is given more than once."),
        ],
    )
    async def test_what_is_wrong_with_a_parameter_is_said(
        self, installation: Installation, params: dict[str, Any], said: str
    ) -> None:
        problem = problem_of(await ask(installation.me, "GET", "workflow.list", params=params))
        assert problem["code"] == "BAD_REQUEST"
        assert said in problem["detail"]
        assert problem["issues"][0]["path"][0] in {"projectId", "limit", "__proto__"}

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("POST", "project.list", "GET, HEAD"),
            ("GET", "project.create", "POST"),
            ("HEAD", "project.create", "POST"),
            ("PUT", "project.create", "POST"),
            ("OPTIONS", "project.list", "GET, HEAD"),
            ("DELETE", "openapi.json", "GET, HEAD"),
        ],
    )
    async def test_another_method_is_told_the_right_one(
        self, installation: Installation, method: str, path: str, allowed: str
    ) -> None:
        answer = await ask(installation.me, method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)

    @pytest.mark.parametrize("path", ["nothing", "", "project", "project.list/", "__proto__", "project.list%00", "%ff"])
    async def test_other_paths_are_not_found(self, installation: Installation, path: str) -> None:
        answer = await ask(installation.me, "GET", path)
        assert problem_of(answer)["status"] in (400, 404)

    async def test_only_json_is_read(self, installation: Installation) -> None:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp"):
            answer = await ask(installation.me, "POST", "project.create", content=b"{}", headers={"content-type": kind})
            assert problem_of(answer)["code"] == "UNSUPPORTED_MEDIA_TYPE"

    async def test_an_input_by_post_is_not_read_from_the_url(self, installation: Installation) -> None:
        answer = await ask(installation.me, "POST", "project.create", params={"name": "x"}, json={})
        assert problem_of(answer)["code"] == "BAD_REQUEST"


class TestParameters:
    def test_every_query_without_objects_has_an_address_of_its_own(self) -> None:
        by_url = [procedure for procedure in router if parameters_of(procedure) is not None]
        by_body = {procedure.name for procedure in router} - {procedure.name for procedure in by_url}
        assert all(procedure.kind is Kind.QUERY for procedure in by_url)
        assert {name for name in by_body if _procedure(name).kind is Kind.QUERY} >= {"workflow.validate"}
        assert len(by_url) > 30

    def test_texts_that_look_like_numbers_stay_texts(self) -> None:
        read = read_parameters(_procedure("execution.getExecutionHistory"), [("buildId", "1"), ("limit", "1")])
        assert json.loads(read) == {"buildId": "1", "limit": 1}

    def test_what_is_unknown_is_named_at_a_bearable_length(self) -> None:
        with pytest.raises(TRPCError) as caught:
            read_parameters(_procedure("project.get"), [("x" * 5000, "1")])
        assert len(caught.value.message) < 300


class TestDocument:
    def test_it_is_valid_openapi(self) -> None:
        schemathesis.openapi.from_dict(openapi(router)).validate()

    def test_the_published_one_is_up_to_date(self) -> None:
        assert main(["--check", str(DEFAULT_FILE)]) == 0

    async def test_it_is_served_to_everybody(self, installation: Installation) -> None:
        answer = await ask(installation.nobody, "GET", "openapi.json")
        assert answer.status_code == 200
        assert answer.json() == json.loads(DEFAULT_FILE.read_text())

    def test_it_has_every_procedure_and_says_what_it_needs(self) -> None:
        document = openapi(router)
        operations = {
            operation["operationId"]: (method, operation)
            for path in document["paths"].values()
            for method, operation in path.items()
        }
        assert set(operations) == {procedure.name for procedure in router}
        for procedure in router:
            method, operation = operations[procedure.name]
            assert operation["summary"], procedure.name
            assert (operation.get("security") == []) == (procedure.permission is Permission.PUBLIC)
            assert ("401" in operation["responses"]) == (procedure.permission is not Permission.PUBLIC)
            assert {"200", "400", "404", "405", "408", "414", "421", "429", "500", "503"} <= set(operation["responses"])
            assert ("415" in operation["responses"]) == (method == "post")
            assert procedure.body_limit in (MAX_BODY_BYTES, MAX_DRAWING_BYTES)

    def test_every_reference_leads_somewhere(self) -> None:
        document = openapi(router)
        for reference in _references(document):
            place: Any = document
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]


def _references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _references(item)]
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    return []


def _procedure(name: str) -> Any:
    found = router.find(name)
    assert found is not None
    return found
