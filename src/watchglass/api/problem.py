"""Answers of the door that are no sign-in, as problems of RFC 9457."""

from starlette.responses import JSONResponse, Response

from watchglass.api.trpc.errors import TRPCError


def problem(status: int, sentence: str) -> Response:
    return JSONResponse(
        {"title": sentence, "status": status}, status_code=status, media_type="application/problem+json"
    )


def problem_of(error: TRPCError) -> Response:
    """The same, with what the headers say of an error."""
    answer = problem(error.status, error.message)
    answer.raw_headers.extend(error.headers())
    return answer
