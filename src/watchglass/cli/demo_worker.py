"""`watchglass demo-worker`: hidden, because `up` starts it."""

import logging
from typing import Annotated

import typer
import uvloop
from temporalio.client import Client
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig

from watchglass.cli.stop import run_until, stop_flag
from watchglass.config import Settings
from watchglass.demo.worker import run_demo
from watchglass.errors import Unavailable
from watchglass.logging import configure_logging


def demo_worker(
    address: Annotated[str, typer.Option(help="host:port of the Temporal that runs the demo.")],
    namespace: Annotated[str, typer.Option(help="Where the demo runs.")] = "demo",
    json_log: Annotated[bool, typer.Option(help="Log JSON lines.")] = False,
) -> None:
    """Run the demo workflows until stopped."""
    configure_logging(json_lines=json_log, level=Settings.read().log_level)
    # Steps of the demo fail on purpose; the SDK would report every one of them with its stack.
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    uvloop.run(_run(address, namespace))


async def _run(address: str, namespace: str) -> None:
    flag = stop_flag()
    quiet = Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter="off")))
    try:
        client = await Client.connect(address, namespace=namespace, runtime=quiet)
    except RuntimeError as error:
        raise Unavailable(f"The Temporal for the demo at {address} does not answer ({error}).") from error
    await run_until(flag, run_demo(client))
