"""Procedures by name. A procedure is an async function; its annotations are its contract.

    @router.query("execution.getExecutionHistory", permission=Permission.LOOK)
    async def get_execution_history(context: Context, input: ExecutionHistoryInput) -> ExecutionHistory: ...

One without input leaves the second parameter out; one whose input may be absent writes `Model | None`.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Generic, TypeVar, get_type_hints

from pydantic import TypeAdapter

from watchglass.api.limits import MAX_BODY_BYTES
from watchglass.model.permission import Permission

ContextT = TypeVar("ContextT")
Handler = Callable[..., Awaitable[Any]]
HandlerT = TypeVar("HandlerT", bound=Handler)

DEFAULT_TIMEOUT = timedelta(seconds=10)
_NAME = re.compile(r"[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)+")


class Kind(StrEnum):
    QUERY = "query"
    MUTATION = "mutation"


@dataclass(frozen=True, slots=True)
class Procedure:
    """One thing that can be asked for."""

    name: str
    kind: Kind
    handler: Handler
    input: TypeAdapter[Any] | None
    """None: it takes no input, and whatever is sent is not looked at."""
    is_input_optional: bool
    output: TypeAdapter[Any]
    timeout: timedelta
    permission: Permission
    """What the caller needs; a procedure without one cannot be registered."""
    doc: str
    body_limit: int
    """The largest body that asks for it, in bytes."""
    is_large: bool = False
    """Its answer may be megabytes: few of them are made at once."""
    adds_up: bool = False
    """It is large because the database adds up much: of the few, not all may be of these."""


class Router(Generic[ContextT]):
    """A table of procedures. Names are looked up in it and nowhere else, so `__proto__` is merely unknown."""

    def __init__(self) -> None:
        self._procedures: dict[str, Procedure] = {}

    def __iter__(self) -> Iterator[Procedure]:
        return iter(self._procedures.values())

    def find(self, name: str) -> Procedure | None:
        return self._procedures.get(name)

    def query(
        self,
        name: str,
        *,
        permission: Permission,
        timeout: timedelta = DEFAULT_TIMEOUT,
        body_limit: int = MAX_BODY_BYTES,
        is_large: bool = False,
        adds_up: bool = False,
    ) -> Callable[[HandlerT], HandlerT]:
        """Register a procedure that only reads: it is cancelled when its caller goes away.

        `is_large`: its answer may be megabytes. `adds_up`: it is large because it takes the database long.
        """
        large = is_large or adds_up
        return self._register(name, Kind.QUERY, timeout, permission, body_limit, is_large=large, adds_up=adds_up)

    def mutation(
        self,
        name: str,
        *,
        permission: Permission,
        timeout: timedelta = DEFAULT_TIMEOUT,
        body_limit: int = MAX_BODY_BYTES,
    ) -> Callable[[HandlerT], HandlerT]:
        """Register a procedure that changes something: it runs to its end even when its caller goes away."""
        return self._register(name, Kind.MUTATION, timeout, permission, body_limit)

    def include(self, other: "Router[ContextT]") -> None:
        """Add another router's procedures to this one."""
        for procedure in other:
            self._add(procedure)

    def _register(
        self,
        name: str,
        kind: Kind,
        timeout: timedelta,
        permission: Permission,
        body_limit: int,
        *,
        is_large: bool = False,
        adds_up: bool = False,
    ) -> Callable[[HandlerT], HandlerT]:
        def register(handler: HandlerT) -> HandlerT:
            made = _procedure(name, kind, handler, timeout, permission, body_limit)
            self._add(replace(made, is_large=is_large, adds_up=adds_up))
            return handler

        return register

    def _add(self, procedure: Procedure) -> None:
        if not _NAME.fullmatch(procedure.name):
            raise ValueError(f"{procedure.name!r} is not a name like `execution.resolve`.")
        if procedure.name in self._procedures:
            raise ValueError(f"The procedure {procedure.name} exists already.")
        self._procedures[procedure.name] = procedure


def _procedure(
    name: str, kind: Kind, handler: Handler, timeout: timedelta, permission: Permission, body_limit: int
) -> Procedure:
    hints = get_type_hints(handler, include_extras=True)
    parameters = list(inspect.signature(handler).parameters)
    if len(parameters) not in (1, 2) or "return" not in hints:
        raise TypeError(f"The procedure {name} must be `async def f(context, input: Model) -> Output`.")
    adapter = TypeAdapter(hints[parameters[1]]) if len(parameters) == 2 else None
    return Procedure(
        name=name,
        kind=kind,
        handler=handler,
        input=adapter,
        is_input_optional=adapter is not None and _accepts_none(hints[parameters[1]]),
        output=TypeAdapter(hints["return"]),
        timeout=timeout,
        permission=permission,
        doc=inspect.getdoc(handler) or "",
        body_limit=body_limit,
    )


def _accepts_none(hint: Any) -> bool:
    return type(None) in getattr(hint, "__args__", ())
