"""What the demo's namespace has to know before the first run: search attributes, the Nexus endpoint, the schedule."""

from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.nexus.v1 import EndpointSpec, EndpointTarget
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    CreateNexusEndpointRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleBackfill,
    ScheduleOverlapPolicy,
    ScheduleSpec,
)
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

from watchglass.demo.credit import ENDPOINT
from watchglass.demo.queues import OFFICE
from watchglass.demo.reports import NightlyReport, ReportJob

CUSTOMER_ID = SearchAttributeKey.for_keyword("CustomerId")
AMOUNT = SearchAttributeKey.for_float("Amount")
SCHEDULE = "nightly-report"
CALL = timedelta(seconds=5)

_TYPES = {
    CUSTOMER_ID.name: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    AMOUNT.name: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
}


def attributes(customer_id: str, amount: float) -> TypedSearchAttributes:
    """Return the search attributes of a run that is about one customer's money, in euros."""
    return TypedSearchAttributes([SearchAttributePair(CUSTOMER_ID, customer_id), SearchAttributePair(AMOUNT, amount)])


async def prepare(client: Client) -> None:
    """Create what is missing; what is there already stays as it is."""
    await _add_search_attributes(client)
    await _create_endpoint(client)
    await _create_schedule(client)


async def _add_search_attributes(client: Client) -> None:
    request = ListSearchAttributesRequest(namespace=client.namespace)
    known = await client.operator_service.list_search_attributes(request, timeout=CALL)
    missing = {name: kind for name, kind in _TYPES.items() if name not in known.custom_attributes}
    if missing:
        add = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        await client.operator_service.add_search_attributes(add, timeout=CALL)


async def _create_endpoint(client: Client) -> None:
    spec = EndpointSpec(
        name=ENDPOINT,
        target=EndpointTarget(worker=EndpointTarget.Worker(namespace=client.namespace, task_queue=OFFICE)),
    )
    try:
        await client.operator_service.create_nexus_endpoint(CreateNexusEndpointRequest(spec=spec), timeout=CALL)
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:
            raise


async def _create_schedule(client: Client) -> None:
    """Create the schedule, with the reports of the last three nights so that there is something to see by day."""
    now = datetime.now(UTC)
    past = ScheduleBackfill(start_at=now - timedelta(days=3), end_at=now, overlap=ScheduleOverlapPolicy.ALLOW_ALL)
    try:
        await client.create_schedule(SCHEDULE, _nightly(), backfill=[past], rpc_timeout=CALL)
    except ScheduleAlreadyRunningError:
        return


def _nightly() -> Schedule:
    job = ReportJob("Sales of the day", ["North", "South", "Benelux"], ["sales@northwind.example", "Ines Moreau"])
    action = ScheduleActionStartWorkflow(
        NightlyReport.run, job, id=SCHEDULE, task_queue=OFFICE, static_summary="Sales of the day, by region"
    )
    return Schedule(action=action, spec=ScheduleSpec(cron_expressions=["0 2 * * *"]))
