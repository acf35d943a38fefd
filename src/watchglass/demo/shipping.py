"""A parcel on its way: the sub-workflow of an order."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

_DEPOTS = {"DE": "Hannover", "FR": "Lyon", "IT": "Verona", "NL": "Utrecht", "SE": "Malmö"}
_STEP = timedelta(seconds=20)
_CARRIER_RETRIES = RetryPolicy(initial_interval=timedelta(seconds=1), backoff_coefficient=2, maximum_attempts=5)


@dataclass(frozen=True, slots=True)
class Address:
    name: str
    street: str
    city: str
    country: str
    """Two letters, as ISO 3166 has them."""


@dataclass(frozen=True, slots=True)
class Parcel:
    order: str
    weight_kg: float
    address: Address


@dataclass(frozen=True, slots=True)
class Delivery:
    tracking_number: str
    depot: str
    delivered_to: str


@activity.defn(name="pack_parcel")
async def pack_parcel(parcel: Parcel) -> str:
    await asyncio.sleep(0.6)
    return f"Box {'L' if parcel.weight_kg > 5 else 'M'} for order {parcel.order}"


@activity.defn(name="hand_over_to_carrier")
async def hand_over_to_carrier(parcel: Parcel) -> str:
    """Return the tracking number. The carrier's first answer is always that it is busy."""
    _depot_of(parcel)
    await asyncio.sleep(0.4)
    if activity.info().attempt == 1:
        raise ApplicationError("The carrier's booking system is busy, try again", type="CarrierBusy")
    return f"PX{parcel.order}{parcel.address.country}"


@activity.defn(name="confirm_delivery")
async def confirm_delivery(parcel: Parcel) -> str:
    await asyncio.sleep(0.3)
    return f"Signed for by {parcel.address.name}"


@workflow.defn
class Shipping:
    """Packs a parcel, gives it to the carrier and waits until it has arrived."""

    @workflow.run
    async def run(self, parcel: Parcel) -> Delivery:
        await workflow.execute_activity(pack_parcel, parcel, start_to_close_timeout=_STEP, summary="Pack the parcel")
        tracking = await workflow.execute_activity(
            hand_over_to_carrier,
            parcel,
            start_to_close_timeout=_STEP,
            retry_policy=_CARRIER_RETRIES,
            summary="Hand over to the carrier",
        )
        await workflow.sleep(timedelta(seconds=4), summary="Parcel travels 2 days (4 seconds here)")
        signed = await workflow.execute_activity(
            confirm_delivery, parcel, start_to_close_timeout=_STEP, summary="Confirm the delivery"
        )
        return Delivery(tracking, _DEPOTS[parcel.address.country], signed)


def _depot_of(parcel: Parcel) -> str:
    try:
        return _find_depot(parcel.address)
    except LookupError as error:
        raise ApplicationError(
            f"The carrier refuses the parcel of order {parcel.order}", type="ParcelRefused", non_retryable=True
        ) from error


def _find_depot(address: Address) -> str:
    try:
        return _DEPOTS[address.country]
    except KeyError as error:
        raise LookupError(f"No depot serves {address.city} ({address.country})") from error
