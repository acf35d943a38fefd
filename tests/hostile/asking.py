"""Hostile values in every field of every query, as the page asks it and as a program does, and in addresses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from tests.hostile.up import Up

from watchglass.api.procedures import router
from watchglass.api.rest.parameters import flat_fields, parameters_of
from watchglass.api.trpc.router import Kind, Procedure

_AT_ONCE = 8
_MANY_OF_ONE_KIND = 40
"""Of texts in fields that hold ids, or one of a few words, one of so many is asked: the same rule refuses them all."""


@dataclass
class Asked:
    answers: int = 0
    fields: int = 0
    """Different ones, in which texts were sent."""
    broken: list[str] = field(default_factory=list)
    """Answers that are neither what was asked for nor a sentence."""

    def hear(self, what: str, answer: httpx.Response) -> None:
        self.answers += 1
        kind = answer.headers.get("content-type", "")
        if answer.status_code >= 500:
            self.broken.append(f"{what}: {answer.status_code} {answer.text[:300]}")
        elif answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self.broken.append(f"{what}: asked too often, the value was not tried")
        elif "json" not in kind and "text/plain" not in kind and '<div id="root"' not in answer.text:
            # The page is the only HTML that there is.
            self.broken.append(f"{what}: {kind}: {answer.text[:100]!r}")


async def ask(up: Up, texts: Sequence[str], ids: Mapping[str, str], asked: Asked) -> None:
    """Send every text in every field; `ids` are of things that are there, by what inputs call them."""
    work: list[Callable[[], Awaitable[None]]] = []
    for procedure in router:
        if procedure.kind is not Kind.QUERY or procedure.input is None or not (fields := _fields(procedure)):
            continue
        usual = {name: ids[name] for name in fields if name in ids}
        for name, is_free in fields.items():
            asked.fields += 1
            work += [
                _question(up, asked, procedure, usual, name, text, person)
                for person, text in enumerate(texts if is_free else texts[::_MANY_OF_ONE_KIND])
            ]
    work += [_address(up, asked, text) for text in texts]
    turns = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(one: Callable[[], Awaitable[None]]) -> None:
        async with turns:
            await one()

    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(in_turn(one))


def _fields(procedure: Procedure) -> dict[str, bool]:
    """Those that hold a text, and whether any text is one that they could hold."""
    assert procedure.input is not None
    parameters = parameters_of(procedure)
    if parameters is None:
        return {}
    schema = procedure.input.json_schema()
    definitions = schema.get("$defs", {})
    fields = flat_fields(schema, definitions)
    return {
        name: not _is_narrow(fields[name], definitions)
        for name, parameter in parameters.items()
        if not parameter.is_json
    }


def _is_narrow(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> bool:
    if "$ref" in schema:
        return _is_narrow(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "anyOf" in schema:
        return any(_is_narrow(one, definitions) for one in schema["anyOf"])
    if "items" in schema:
        return _is_narrow(schema["items"], definitions)
    return "enum" in schema or "const" in schema or schema.get("format") in ("uuid", "date-time")


def _question(
    up: Up, asked: Asked, procedure: Procedure, usual: Mapping[str, str], name: str, text: str, person: int
) -> Callable[[], Awaitable[None]]:
    async def question() -> None:
        parameters = parameters_of(procedure)
        assert parameters is not None
        given = dict(usual) | {name: text}
        what = f"{procedure.name} {name}={text[:60]!r}"
        asked.hear(what, await up.ask_rest(procedure.name, given, person=person))
        as_json: dict[str, Any] = {}
        for key, value in given.items():
            *of_object, field = key.split(".")
            place = as_json.setdefault(of_object[0], {}) if of_object else as_json
            place[field] = [value] if parameters[key].is_list else value
        asked.hear(what, await up.ask(procedure.name, as_json, person=person))

    return question


def _address(up: Up, asked: Asked, text: str) -> Callable[[], Awaitable[None]]:
    """The text as a part of every kind of address that there is."""

    async def address() -> None:
        part = quote(text, safe="")
        for path in (
            *(f"/trpc/{part}", f"/api/v1/{part}", f"/assets/{part}"),
            f"/t/{up.connection_id}/{part}",
        ):
            answer = await up.http.get(path)
            up.statuses[answer.status_code] += 1
            asked.hear(f"the address {path[:80]}", answer)

    return address
