"""The answer to a request that is refused before its protocol has seen it, in the shape that its protocol reads."""

from starlette.types import Receive, Scope, Send

from watchglass.api.rest.problem import send_problem
from watchglass.api.trpc import response
from watchglass.api.trpc.errors import TRPCError


async def refuse(error: TRPCError, scope: Scope, receive: Receive, send: Send) -> None:
    """Under /trpc as tRPC's clients read it, elsewhere as a problem of RFC 9457."""
    if scope["path"].startswith("/trpc/"):
        await response.send_answer(send, response.failure(error))
    else:
        await send_problem(send, error)
