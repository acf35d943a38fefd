"""Expense approval: waits for a person's decision, which comes as an update."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow

_STEP = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Expense:
    number: str
    employee: str
    purpose: str
    amount: float
    """Euros."""
    approver: str
    reminder_seconds: int = 7 * 24 * 3600
    """How long to wait before the approver is reminded."""
    reminders: int = 0
    """How often to remind before giving up; 0 means for ever."""


@dataclass(frozen=True, slots=True)
class Decision:
    approver: str
    approved: bool
    comment: str


@dataclass(frozen=True, slots=True)
class Message:
    to: str
    text: str


@activity.defn(name="notify")
async def notify(message: Message) -> str:
    await asyncio.sleep(0.3)
    return f"Mail to {message.to}: {message.text}"


@workflow.defn
class ExpenseApproval:
    """Asks the approver, reminds, and tells the employee what was decided."""

    @workflow.init
    def __init__(self, expense: Expense) -> None:
        self._expense = expense
        self._decision: Decision | None = None

    @workflow.run
    async def run(self, expense: Expense) -> str:
        await self._notify(expense.approver, "please decide", summary="Ask the approver")
        reminded = 0
        while not await self._decided():
            reminded += 1
            if reminded == expense.reminders:
                return f"{expense.number} was not decided after {reminded} reminders"
            await self._notify(expense.approver, "still waiting for you", summary="Remind the approver")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return f"{expense.number} {'approved' if self._approved() else 'rejected'}"

    @workflow.update
    async def decide(self, decision: Decision) -> str:
        self._decision = decision
        verdict = "approved" if decision.approved else "rejected"
        await self._notify(self._expense.employee, f"{verdict}: {decision.comment}", summary="Tell the employee")
        return f"{self._expense.employee} was told: {verdict}"

    @decide.validator
    def _check(self, decision: Decision) -> None:
        if decision.approver != self._expense.approver:
            raise ValueError(f"Only {self._expense.approver} can decide about {self._expense.number}.")

    async def _decided(self) -> bool:
        seconds = self._expense.reminder_seconds
        try:
            await workflow.wait_condition(
                lambda: self._decision is not None,
                timeout=seconds,
                timeout_summary=f"Wait {_words(seconds)} for the decision",
            )
        except TimeoutError:
            return False
        return True

    def _approved(self) -> bool:
        return self._decision is not None and self._decision.approved

    async def _notify(self, to: str, text: str, *, summary: str) -> None:
        message = Message(to, f"{self._expense.purpose}, {self._expense.amount:.2f} EUR: {text}")
        await workflow.execute_activity(notify, message, start_to_close_timeout=_STEP, summary=summary)


def _words(seconds: int) -> str:
    days = seconds // 86_400
    return f"{days} days" if days else f"{seconds} seconds"
