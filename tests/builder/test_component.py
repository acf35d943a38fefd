"""Functions become components: their types are schemas, and what cannot be one is told why."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

import watchglass
from watchglass.builder.apps import load_app
from watchglass.builder.component import component, registered
from watchglass.builder.components.built_in import built_in_components
from watchglass.errors import InvalidInput
from watchglass.model.catalogue import Component, Source
from watchglass.model.retry_choice import NoRetries, Timeouts


class Order(BaseModel):
    number: str = Field(description="As printed on the parcel")
    lines: int = 1


@dataclass
class Receipt:
    url: str


@component(category="Shop", icon="receipt", retry=NoRetries(), timeouts=Timeouts(start_to_close_seconds=5))
def write_receipt(order: Order) -> Receipt:
    """Writes a receipt."""
    return Receipt(f"https://shop.example/{order.number}/{order.lines}")


@component(type="shop.tell", name="Tell the time", description="")
async def tell() -> str:
    """What people do not need to read."""
    return "noon"


def described(function: object) -> Component:
    found = registered(function)
    assert found is not None
    return found.component


async def ran(function: object, *given: Any) -> Any:
    found = registered(function)
    assert found is not None
    result = ActivityEnvironment().run(found.activity, *given)
    return await result if hasattr(result, "__await__") else result


class TestComponent:
    def test_the_door_is_the_packages(self) -> None:
        assert watchglass.component is component

    def test_a_function_stays_what_it_was(self) -> None:
        assert write_receipt(Order(number="7")) == Receipt("https://shop.example/7/1")

    def test_what_it_says_of_itself_is_what_people_read(self) -> None:
        found = described(write_receipt)
        assert (found.type, found.name, found.description) == ("write_receipt", "Write receipt", "Writes a receipt.")
        assert (found.category, found.icon, found.source) == ("Shop", "receipt", Source.WORKER)
        assert (found.retry, found.timeouts.start_to_close_seconds) == (NoRetries(), 5)
        assert (described(tell).type, described(tell).name, described(tell).description) == (
            *("shop.tell", "Tell the time"),
            "",
        )

    def test_the_types_are_the_schemas(self) -> None:
        found = described(write_receipt)
        assert found.input_schema["properties"]["number"]["description"] == "As printed on the parcel"
        assert found.input_schema["required"] == ["number"]
        assert found.output_schema["properties"] == {"url": {"title": "Url", "type": "string"}}
        assert described(tell).input_schema["properties"] == {}
        assert described(tell).output_schema == {"type": "string"}

    async def test_it_is_given_its_type_and_gives_json(self) -> None:
        assert await ran(write_receipt, {"number": "7", "lines": 2}) == {"url": "https://shop.example/7/2"}
        assert await ran(tell, {}) == "noon"

    async def test_what_does_not_fit_is_not_tried_again_and_names_the_fields(self) -> None:
        with pytest.raises(ApplicationError) as caught:
            await ran(write_receipt, {"lines": "many"})
        assert (caught.value.type, caught.value.non_retryable) == ("InvalidInput", True)
        assert caught.value.message == (
            "The input does not fit Write receipt (number: Field required; "
            "lines: Input should be a valid integer, unable to parse string as an integer)."
        )

    @pytest.mark.parametrize(
        ("function", "part"),
        [
            (lambda order: None, "its parameter order has no type"),
            (lambda a, b: None, "it takes one parameter, or none"),
        ],
    )
    def test_what_has_no_types_is_refused(self, function: Callable[..., Any], part: str) -> None:
        with pytest.raises(InvalidInput, match=part):
            component(function)

    def test_what_has_no_named_fields_is_refused(self) -> None:
        def count(number: int) -> int:
            return number

        with pytest.raises(InvalidInput, match="has no named fields to be filled in"):
            component(count)

    def test_what_has_no_schema_is_refused(self) -> None:
        class Odd:
            pass

        def odd(thing: Odd) -> None:
            return None

        # A class of a function's own cannot be found by its name.
        odd.__annotations__["thing"] = Odd
        with pytest.raises(InvalidInput, match="Pydantic makes no schema of"):
            component(odd)


def test_built_in_components_have_whole_schemas() -> None:
    for built_in in built_in_components():
        assert built_in.source is Source.BUILT_IN
        assert built_in.input_schema["type"] == "object"
        assert built_in.description


class TestApps:
    @pytest.fixture
    def module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
        (tmp_path / f"{request.node.name.split('[')[0]}.py").write_text(request.param)
        monkeypatch.syspath_prepend(str(tmp_path))
        return str(request.node.name.split("[")[0])

    @pytest.mark.parametrize(
        "module",
        [
            "from watchglass import component\n\n@component\ndef one() -> int:\n    return 1\n\n"
            "@component\ndef two() -> int:\n    return 2\n\nsame = one\n"
        ],
        indirect=True,
    )
    def test_a_module_has_its_components_each_once_on_a_queue_of_its_own(self, module: str) -> None:
        app = load_app(module)
        assert [each.type for each in app.announced("watchglass-7")] == ["one", "two"]
        assert {each.task_queue for each in app.announced("watchglass-7")} == {f"watchglass-7:{module}"}

    @pytest.mark.parametrize("module", ["answer = 42\n"], indirect=True)
    def test_a_module_without_any_is_told_what_is_missing(self, module: str) -> None:
        with pytest.raises(InvalidInput, match="defines no component"):
            load_app(module)

    @pytest.mark.parametrize("module", ["import nowhere_at_all\n"], indirect=True)
    def test_one_that_cannot_be_imported_says_why(self, module: str) -> None:
        with pytest.raises(InvalidInput, match="No module named 'nowhere_at_all'"):
            load_app(module)

    def test_one_that_is_not_there_is_told_so(self) -> None:
        with pytest.raises(InvalidInput, match="cannot be imported"):
            load_app("no.such.module")
