"""The nightly report: run by a schedule at 02:00 UTC."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow

_STEP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class ReportJob:
    title: str
    regions: list[str]
    recipients: list[str]


@dataclass(frozen=True, slots=True)
class RegionSales:
    region: str
    orders: int
    revenue: float
    """Euros."""


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    sales: list[RegionSales]


@activity.defn(name="add_up_sales")
async def add_up_sales(region: str) -> RegionSales:
    await asyncio.sleep(0.5)
    orders = 40 + 7 * len(region)
    return RegionSales(region, orders, round(orders * 83.45, 2))


@activity.defn(name="write_report")
async def write_report(report: Report) -> str:
    await asyncio.sleep(0.4)
    lines = [f"{one.region}: {one.orders} orders, {one.revenue:.2f} EUR" for one in report.sales]
    return "\n".join([report.title, *lines])


@activity.defn(name="send_report")
async def send_report(recipients: list[str]) -> str:
    await asyncio.sleep(0.2)
    return f"Sent to {', '.join(recipients)}"


@workflow.defn
class NightlyReport:
    """Adds up the sales of each region and sends them round."""

    @workflow.run
    async def run(self, job: ReportJob) -> str:
        sales = await asyncio.gather(*(self._sales(region) for region in job.regions))
        text = await workflow.execute_activity(
            write_report, Report(job.title, list(sales)), start_to_close_timeout=_STEP, summary="Write the report"
        )
        await workflow.execute_activity(
            send_report, job.recipients, start_to_close_timeout=_STEP, summary="Send the report"
        )
        return text

    async def _sales(self, region: str) -> RegionSales:
        return await workflow.execute_activity(
            add_up_sales, region, start_to_close_timeout=_STEP, summary=f"Add up sales in {region}"
        )
