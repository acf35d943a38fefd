"""The demo's workers, and the traffic for them."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from watchglass.builder.worker import app_worker
from watchglass.demo import approvals, archive, credit, data_import, orders, payments, prices, reports, shipping
from watchglass.demo import subscriptions as subs
from watchglass.demo.components import STEPS, served
from watchglass.demo.loyalty import LoyaltyAccount
from watchglass.demo.queues import ARCHIVE, OFFICE
from watchglass.demo.traffic import run_traffic

_GRACE = timedelta(seconds=2)

WORKFLOWS: Sequence[type] = (
    approvals.ExpenseApproval,
    credit.CreditCheck,
    data_import.DataImport,
    data_import.ImportBatch,
    LoyaltyAccount,
    orders.OrderFulfilment,
    payments.Payment,
    prices.PriceCheck,
    reports.NightlyReport,
    shipping.Shipping,
    subs.Subscription,
)
"""Those that work; the archive's is apart."""
_ACTIVITIES: Sequence[Callable[..., Any]] = (
    *(approvals.notify, data_import.read_file, data_import.check_rows, data_import.write_rows),
    *(orders.reserve_goods, orders.release_goods, orders.write_invoice),
    *(payments.charge_card, payments.book_payment, prices.ask_price),
    *(reports.add_up_sales, reports.write_report, reports.send_report),
    *(shipping.pack_parcel, shipping.hand_over_to_carrier, shipping.confirm_delivery),
    *(subs.write_monthly_invoice, subs.collect_by_direct_debit, subs.send_farewell_letter),
)


async def run_demo(client: Client) -> None:
    """Work on the demo's runs and start new ones in the client's namespace, until cancelled."""
    steps = app_worker(client, task_queue=STEPS, components=served())
    async with office_worker(client), archive_worker(client), steps, asyncio.TaskGroup() as group:
        await run_traffic(client, group)


def office_worker(client: Client) -> Worker:
    """Return the worker for everything that works."""
    return Worker(
        client,
        task_queue=OFFICE,
        workflows=WORKFLOWS,
        activities=_ACTIVITIES,
        nexus_service_handlers=[credit.CreditBureauDesk()],
        # The sandbox imports every workflow's modules anew for each run; these few are known to be deterministic.
        workflow_runner=UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=_GRACE,
    )


def archive_worker(client: Client) -> Worker:
    """Return the worker whose workflow tasks fail: it replays everything, and the code does not fit."""
    return Worker(
        client,
        task_queue=ARCHIVE,
        workflows=[archive.InvoiceArchive],
        activities=[archive.collect_invoices, archive.seal_archive],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=0,
        graceful_shutdown_timeout=_GRACE,
    )
