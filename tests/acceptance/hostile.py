"""Somebody else's worker that does with hostile values what any worker does with its own."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

NUL_AND_HTML = "\x00<img src=x onerror=alert(1)>"

JSON_TEXTS = {
    "escaped NUL": rb'"a\u0000b"',
    "bare NUL": b'"a\x00b"',
    "lone surrogate": rb'"\ud800"',
    "surrogate in a key": rb'{"\udfff": 1}',
    "NaN": b"NaN",
    "infinity": b"[-Infinity, 1e400]",
    "2^64": b"18446744073709551616",
    "digits": b"1.000000000000000000000000000000001",
    "five thousand digits": b"9" * 5000,
    "same key twice": b'{"a": 1, "a": 2}',
    "prototype": b'{"__proto__": {"x": 1}, "constructor": null}',
    "no UTF-8": b"\xff\xfe\x00",
    "cut off": b'{"a": [1, 2',
    "HTML": b'"</script><img src=x onerror=alert(1)>"',
    "controls": '"\u202e\u0007\u001b[31m\r\n"'.encode(),
    "10,000 levels": b"[" * 10_000 + b"]" * 10_000,
    "empty": b"",
}


def json_payload(data: bytes) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=data)


@activity.defn
async def echo(value: RawValue) -> RawValue:
    return value


@activity.defn
async def complain() -> None:
    raise ApplicationError(f"bad luck {NUL_AND_HTML}", type=f"Type{NUL_AND_HTML}", non_retryable=True)


@activity.defn
async def later() -> None:
    activity.raise_complete_async()


@workflow.defn
class Echo:
    """Gives back, byte for byte, what it was given, and has an activity do the same."""

    @workflow.run
    async def run(self, value: RawValue) -> RawValue:
        given: RawValue = await workflow.execute_activity(
            echo,
            value,
            result_type=RawValue,
            start_to_close_timeout=timedelta(seconds=20),
            summary="a summary with \ud800 and \x00",
        )
        return given


@workflow.defn
class Complain:
    @workflow.run
    async def run(self) -> None:
        await workflow.execute_activity(complain, start_to_close_timeout=timedelta(seconds=20))


@workflow.defn
class EndedFromOutside:
    """Waits for an activity that somebody else ends, after it was sent as many signals as anybody likes."""

    @workflow.run
    async def run(self, value: RawValue, attempts: int) -> None:
        await workflow.execute_activity(
            later,
            activity_id="later",
            start_to_close_timeout=timedelta(minutes=5),
            retry_policy=RetryPolicy(maximum_attempts=attempts, initial_interval=timedelta(seconds=30)),
        )

    @workflow.signal
    def note(self, number: int) -> None:
        pass


WORKFLOWS = (Echo, Complain, EndedFromOutside)
ACTIVITIES = (echo, complain, later)


def nested_failure(causes: int) -> str:
    """JSON of a failure with that many causes below it."""
    opened = "".join(
        f'{{"message":"cause {n}","applicationFailureInfo":{{"type":"Deep"}},"cause":' for n in range(causes)
    )
    return f'{opened}{{"message":"bottom","applicationFailureInfo":{{"type":"Deep"}}}}{"}" * causes}'
