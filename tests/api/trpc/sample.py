"""A small router with every kind of procedure, for the wire's own tests.

python -m tests.api.trpc.sample PORT      serves it until it is killed
python -m tests.api.trpc.sample --types FILE
"""

import asyncio
import socket
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import structlog
import uvicorn
from pydantic import Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount

from watchglass.api.perform import Performer
from watchglass.api.shapes.base import CursorInput, Input, Output
from watchglass.api.trpc.endpoint import Endpoint
from watchglass.api.trpc.errors import TRPCError
from watchglass.api.trpc.router import Procedure, Router
from watchglass.api.trpc.typescript import typescript
from watchglass.model.permission import Permission

Context = dict[str, int]
router: Router[Context] = Router()
counts = {"cancelled": 0, "finished": 0}


class GreetInput(Input):
    name: str


class AddInput(Input):
    a: int
    b: int


class PageInput(CursorInput):
    limit: Annotated[int, Field(ge=1, le=10)] = 3


class Page(Output):
    items: list[int]
    next_cursor: str | None


class WaitInput(Input):
    ms: int


class FailInput(Input):
    how: Literal["notFound", "bug", "timeout"]


class ValueInput(Input):
    value: Any


class Value(Output):
    value: Any


class Counts(Output):
    cancelled: int
    finished: int


class ManyInput(Input):
    items: list[int]


@router.query("sample.health", permission=Permission.PUBLIC)
async def health(_context: Context) -> bool:
    """Is it there?"""
    return True


@router.query("sample.greet", permission=Permission.PUBLIC)
async def greet(_context: Context, input: GreetInput | None) -> str:
    return f"Hello {input.name if input else 'nobody'}"


@router.query("sample.add", permission=Permission.PUBLIC)
async def add(_context: Context, input: AddInput) -> int:
    return input.a + input.b


@router.query("sample.page", permission=Permission.PUBLIC)
async def page(_context: Context, input: PageInput) -> Page:
    first = int(input.cursor or 0)
    last = first + input.limit
    return Page(items=list(range(first, last)), next_cursor=str(last) if last < 9 else None)


@router.query("sample.echo", permission=Permission.PUBLIC)
async def echo(_context: Context, input: ValueInput) -> Value:
    return Value(value=input.value)


@router.query("sample.many", permission=Permission.PUBLIC)
async def many(_context: Context, input: ManyInput) -> int:
    return len(input.items)


@router.query("sample.fail", permission=Permission.PUBLIC, timeout=timedelta(milliseconds=50))
async def fail(_context: Context, input: FailInput) -> None:
    match input.how:
        case "notFound":
            raise TRPCError("NOT_FOUND", "There is no such thing.")
        case "bug":
            raise RuntimeError("secret detail")
        case "timeout":
            await asyncio.sleep(60)


@router.query("sample.wait", permission=Permission.PUBLIC)
async def wait(_context: Context, input: WaitInput) -> bool:
    return await _wait(input)


@router.mutation("sample.work", permission=Permission.PUBLIC)
async def work(_context: Context, input: WaitInput) -> bool:
    return await _wait(input)


@router.mutation("sample.reset", permission=Permission.PUBLIC)
async def reset(_context: Context) -> bool:
    counts.update(cancelled=0, finished=0)
    return True


@router.query("sample.counts", permission=Permission.PUBLIC)
async def read_counts(_context: Context) -> Counts:
    return Counts(**counts)


async def _wait(input: WaitInput) -> bool:
    try:
        await asyncio.sleep(input.ms / 1000)
    except asyncio.CancelledError:
        counts["cancelled"] += 1
        raise
    counts["finished"] += 1
    return True


async def _context(request: Request) -> Context:
    if request.headers.get("x-refuse"):
        raise TRPCError("UNAUTHORIZED", "Who are you?")
    return {}


def _guard(_procedure: Procedure, _context: Context) -> None:
    return


def _translate(_error: Exception) -> None:
    return None


endpoint = Endpoint(Performer(router=router, context=_context, guard=_guard, translate=_translate))
app = Starlette(routes=[Mount("/trpc", endpoint)])


def main() -> None:
    if sys.argv[1:2] == ["--types"]:
        Path(sys.argv[2]).write_text(typescript(router))
        return
    # Of standard output only the first line is read; a pipe that fills up would stop the server.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])


if __name__ == "__main__":
    main()
