"""Components in Python: an ordinary typed function becomes a step that can be put on a drawing.

    from pydantic import BaseModel
    from watchglass import component

    class Order(BaseModel):
        number: str

    class Receipt(BaseModel):
        url: str

    @component(name="Write a receipt", category="Shop")
    def write_receipt(order: Order) -> Receipt: ...

The function stays what it was. `watchglass worker --app MODULE` serves what a module defines: the parameter's type
becomes the schema of the step's input, the result's type that of its output.
"""

import inspect
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints, overload

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

from watchglass.errors import InvalidInput
from watchglass.model.catalogue import Component, Source
from watchglass.model.retry_choice import RetryChoice, Timeouts

Function = TypeVar("Function", bound=Callable[..., Any])
THREADS = 20
"""Functions that are not `async` and run at once, in one worker."""
_MARK = "__watchglass_component__"


class NoInput(BaseModel):
    """Of a function without a parameter."""


@dataclass(frozen=True, slots=True)
class Registered:
    component: Component
    activity: Callable[..., Any]
    """As Temporal's workers take it."""


@overload
def component(function: Function, /) -> Function: ...
@overload
def component(
    *,
    type: str | None = ...,
    name: str | None = ...,
    description: str | None = ...,
    category: str = ...,
    icon: str = ...,
    retry: RetryChoice | None = ...,
    timeouts: Timeouts = ...,
) -> Callable[[Function], Function]: ...
def component(
    function: Function | None = None,
    /,
    *,
    type: str | None = None,
    name: str | None = None,
    description: str | None = None,
    category: str = "Other",
    icon: str = "puzzle",
    retry: RetryChoice | None = None,
    timeouts: Timeouts | None = None,
) -> Function | Callable[[Function], Function]:
    """Make a function a component.

    Args:
        type: the activity type, unique in a project; by default the function's name.
        name: what people read; by default made from the function's name.
        description: by default the function's docstring.
        icon: name of a Tabler icon.
        retry: how nodes try again that do not choose for themselves.

    Raises:
        InvalidInput: the function cannot be one; the sentence says why.
    """

    def mark(marked: Function) -> Function:
        described = Component(
            type=type or marked.__name__,
            name=name or _words(marked.__name__),
            description=inspect.getdoc(marked) or "" if description is None else description,
            category=category,
            icon=icon,
            retry=retry,
            timeouts=timeouts or Timeouts(),
            source=Source.WORKER,
        )
        setattr(marked, _MARK, _registered(marked, described))
        return marked

    return mark if function is None else mark(function)


def registered(function: object) -> Registered | None:
    """What the decorator made of a function; None for anything else."""
    found = getattr(function, _MARK, None)
    return found if isinstance(found, Registered) else None


def registered_in(things: Iterable[object]) -> list[Registered]:
    """The components among some things, each once."""
    found = {id(each): each for thing in things if (each := registered(thing)) is not None}
    return list(found.values())


def threads() -> ThreadPoolExecutor:
    """Where functions run that are not `async`."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="component")


def _registered(function: Callable[..., Any], described: Component) -> Registered:
    given, result = _types(function)
    whole = described.model_copy(
        update={
            "input_schema": {"properties": {}, **_schema(given, function, mode="validation")},
            "output_schema": _schema(result, function, mode="serialization"),
        }
    )
    takes_input = given is not NoInput
    reader, writer = TypeAdapter[Any](given), TypeAdapter[Any](result)

    def read(value: Any) -> tuple[Any, ...]:
        try:
            read = reader.validate_python({} if value is None else value)
        except ValidationError as error:
            raise ApplicationError(_sentence(error, whole.name), type="InvalidInput", non_retryable=True) from error
        return (read,) if takes_input else ()

    def written(value: Any) -> Any:
        return writer.dump_python(value, mode="json", by_alias=True)

    if inspect.iscoroutinefunction(function):

        async def run(value: Any = None) -> Any:
            return written(await function(*read(value)))

        return Registered(whole, activity.defn(name=whole.type)(run))

    def run_in_thread(value: Any = None) -> Any:
        return written(function(*read(value)))

    return Registered(whole, activity.defn(name=whole.type)(run_in_thread))


def _types(function: Callable[..., Any]) -> tuple[Any, Any]:
    """The types of its parameter and of its result."""
    parameters = list(inspect.signature(function).parameters.values())
    hints = get_type_hints(function, include_extras=True)
    if len(parameters) > 1 or any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters):
        raise InvalidInput(
            f"{function.__qualname__} cannot be a component: it takes one parameter, or none. "
            "Put several values into one Pydantic model."
        )
    if parameters and parameters[0].name not in hints:
        raise InvalidInput(
            f"{function.__qualname__} cannot be a component: its parameter {parameters[0].name} has no type. "
            "Give it a Pydantic model, whose fields people fill in."
        )
    return hints[parameters[0].name] if parameters else NoInput, hints.get("return", Any)


def _schema(type: Any, function: Callable[..., Any], *, mode: Any) -> dict[str, Any]:
    try:
        schema = TypeAdapter(type).json_schema(mode=mode)
    except PydanticSchemaGenerationError as error:
        raise InvalidInput(
            f"{function.__qualname__} cannot be a component: Pydantic makes no schema of {type!r}. Use a Pydantic "
            "model, a dataclass, or types that JSON has."
        ) from error
    if mode == "validation" and schema.get("type") != "object":
        raise InvalidInput(
            f"{function.__qualname__} cannot be a component: its parameter is {type!r} and has no named fields to be "
            "filled in. Use a Pydantic model or a dataclass."
        )
    return schema


def _sentence(error: ValidationError, name: str) -> str:
    problems = "; ".join(
        f"{'.'.join(map(str, found['loc'])) or 'the whole'}: {found['msg']}" for found in error.errors()[:5]
    )
    return f"The input does not fit {name} ({problems})."


def _words(name: str) -> str:
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]
