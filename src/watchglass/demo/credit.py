"""Credit check: asks the credit bureau, a service of its own behind a Nexus endpoint."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import nexusrpc
import nexusrpc.handler
from temporalio import workflow

ENDPOINT = "demo-credit-bureau"


@dataclass(frozen=True, slots=True)
class Applicant:
    customer_id: str
    company: str
    credit_limit: float
    """Euros."""


@dataclass(frozen=True, slots=True)
class Score:
    points: int
    text: str


@nexusrpc.service(name="CreditBureau")
class CreditBureau:
    score: nexusrpc.Operation[Applicant, Score]


@nexusrpc.handler.service_handler(service=CreditBureau)
class CreditBureauDesk:
    """The bureau's side of it."""

    @nexusrpc.handler.sync_operation
    async def score(self, _context: nexusrpc.handler.StartOperationContext, applicant: Applicant) -> Score:
        await asyncio.sleep(0.3)
        points = 400 + 30 * len(applicant.company) % 450
        return Score(points, "good" if points >= 600 else "weak")


@workflow.defn
class CreditCheck:
    """Decides about the credit limit that a customer asks for."""

    @workflow.run
    async def run(self, applicant: Applicant) -> str:
        bureau = workflow.create_nexus_client(service=CreditBureau, endpoint=ENDPOINT)
        score = await bureau.execute_operation(
            CreditBureau.score,
            applicant,
            schedule_to_close_timeout=timedelta(seconds=20),
            summary="Ask the credit bureau",
        )
        granted = applicant.credit_limit if score.points >= 600 else applicant.credit_limit / 2
        return f"{applicant.company} gets {granted:.2f} EUR ({score.text}, {score.points} points)"
