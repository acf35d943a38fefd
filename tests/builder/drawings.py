"""Small drawings, and the components that they are made of."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from temporalio.exceptions import ApplicationError

from watchglass.builder.component import component
from watchglass.model.graph import Graph


class Text(BaseModel):
    text: str


class Number(BaseModel):
    number: float


@component
async def shout(given: Text) -> Text:
    """Says it louder."""
    return Text(text=given.text.upper())


@component
def double(given: Number) -> Number:
    return Number(number=given.number * 2)


@component
async def refuse(given: Text) -> None:
    """Fails with what it is given."""
    raise ApplicationError(given.text, type="Refused", non_retryable=True)


@component
async def fill(given: Number) -> Text:
    """A text of that many characters."""
    return Text(text="x" * int(given.number))


COMPONENTS = (shout, double, refuse, fill)


def node(id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, **more}


def activity(id: str, component: str, input: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return node(id, "activity", component=component, input=dict(input or {}), **more)


def edges(*written: str) -> list[dict[str, str]]:
    """Written `source.port>target`, or `a>b>c` for a chain."""
    found = []
    for line in written:
        ids = line.split(">")
        for left, target in pairwise(ids):
            source, _, port = left.partition(".")
            found.append({"source": source, "port": port or "next", "target": target})
    return found


def drawing(name: str, nodes: list[dict[str, Any]], *written: str, **more: Any) -> Graph:
    """A graph whose start node is added."""
    return Graph.model_validate(
        {"name": name, "nodes": [node("start", "start"), *nodes], "edges": edges(*written), **more}
    )
