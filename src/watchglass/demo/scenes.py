"""The scenes that are played once: between them they show every state a run can be in."""

from datetime import timedelta

from watchglass.demo import acts
from watchglass.demo.approvals import Decision, Expense
from watchglass.demo.archive import ArchiveJob
from watchglass.demo.cast import (
    APPROVER,
    ARTICLES,
    BLUE_DOOR,
    CUSTOMERS,
    DE_KLOK,
    HARBOUR_CAFE,
    LE_JARDIN,
    POLAR_INN,
    VILLA_ROSA,
    Customer,
)
from watchglass.demo.credit import Applicant
from watchglass.demo.data_import import ImportJob
from watchglass.demo.loyalty import Account
from watchglass.demo.orders import Line, Order, PaymentReceived
from watchglass.demo.payments import Bank, CardPayment, Strategy
from watchglass.demo.prepare import attributes
from watchglass.demo.prices import Article
from watchglass.demo.queues import ARCHIVE, TAX_OFFICE
from watchglass.demo.scene import Act, Scene
from watchglass.demo.subscriptions import Contract, PlanChange
from watchglass.demo.tax import TAX_RETURN, TaxReturn


def opening_scenes() -> list[Scene]:
    """Return the scenes in the order in which they begin."""
    return [*_accounts(), *_stuck(), *_payments(), *_subscriptions(), *_orders(), *_approvals(), *_others()]


def _accounts() -> list[Scene]:
    return [
        Scene(
            "LoyaltyAccount",
            customer.loyalty_account,
            Account(customer.name),
            f"Loyalty points of {customer.name}",
            memo={"owner": "Customer care"},
        )
        for customer in CUSTOMERS
    ]


def _stuck() -> list[Scene]:
    archive = ArchiveJob(year=2024, invoices=18_204)
    tax = TaxReturn("Northwind Coffee Supplies", "2026 Q3", vat=48_211.37)
    return [
        Scene("InvoiceArchive", "archive-2024", archive, "Invoices of 2024", task_queue=ARCHIVE),
        Scene(TAX_RETURN, "tax-return-2026-q3", tax, "VAT return, third quarter", task_queue=TAX_OFFICE),
    ]


def _payments() -> list[Scene]:
    return [
        payment("payment-7001", BLUE_DOOR, 249.90, "keep_trying", bank="away"),
        payment("payment-7002", HARBOUR_CAFE, 128.40, "keep_trying", bank="away", away_for_attempts=3),
        payment("payment-7003", VILLA_ROSA, 1_310.00, "fail_after_3", bank="away"),
        payment("payment-7004", LE_JARDIN, 87.15, "exponential_backoff", bank="away", away_for_attempts=2),
        payment("payment-7005", DE_KLOK, 412.60, "no_retries", bank="away"),
        payment("payment-7006", VILLA_ROSA, 9_800.00, "exponential_backoff", bank="declines"),
        payment("payment-7007", LE_JARDIN, 63.00, "fail_after_3", bank="slow"),
    ]


def _subscriptions() -> list[Scene]:
    change = acts.signal("change_plan", PlanChange("Barista Plus", 59.0), after=5)
    return [
        subscription("subscription-301", HARBOUR_CAFE, months=6, then=change),
        subscription("subscription-302", BLUE_DOOR, months=24, then=acts.cancel(after=8)),
        subscription(
            "subscription-303",
            VILLA_ROSA,
            months=24,
            then=acts.pause(after=8, reason="The hotel is closed for renovation"),
        ),
        subscription(
            "subscription-304", LE_JARDIN, months=24, then=acts.signal("cancel_contract", "moving away", after=7)
        ),
    ]


def _orders() -> list[Scene]:
    return [
        order("10001", LE_JARDIN, quantity=2, paid_after=3),
        order("10002", POLAR_INN, quantity=1, paid_after=3),
        order("10003", DE_KLOK, quantity=5, paid_after=None),
        order("10004", BLUE_DOOR, quantity=3, paid_after=None, start_delay=timedelta(days=30)),
    ]


def _approvals() -> list[Scene]:
    yes = Decision(APPROVER, approved=True, comment="good price")
    forged = Decision("Tom Becker", approved=True, comment="I approve my own")
    return [
        approval(Expense("E-501", "Amina Diallo", "New coffee machine for the shop", 4_250.0, APPROVER)),
        approval(
            Expense("E-502", "Tom Becker", "Train to the trade fair", 318.4, APPROVER),
            then=acts.decide(forged, yes, after=4),
        ),
        approval(
            Expense("E-503", "Carla Rossi", "Team dinner", 640.0, APPROVER),
            then=acts.terminate(after=6, reason="Entered twice, see E-498"),
        ),
        approval(
            Expense("E-504", "Erik Svensson", "Licence that ends today", 99.0, APPROVER),
            execution_timeout=timedelta(seconds=20),
        ),
    ]


def _others() -> list[Scene]:
    applicant = Applicant(VILLA_ROSA.id, VILLA_ROSA.name, credit_limit=5_000.0)
    return [
        data_import(ImportJob("customers-2026-11.csv", "Shop export", rows=600)),
        data_import(ImportJob("payments-2026-11.csv", "Bank statement", rows=300, wrong_row=217)),
        Scene("PriceCheck", "price-check-A-415", ARTICLES[2], f"Prices of {ARTICLES[2].name}"),
        Scene(
            "CreditCheck",
            "credit-check-C-1102",
            applicant,
            f"Credit limit of {VILLA_ROSA.name}",
            attributes=attributes(VILLA_ROSA.id, applicant.credit_limit),
        ),
    ]


def payment(
    workflow_id: str,
    customer: Customer,
    amount: float,
    strategy: Strategy,
    *,
    bank: Bank = "answers",
    away_for_attempts: int = 0,
) -> Scene:
    invoice = workflow_id.replace("payment", "I")
    return Scene(
        "Payment",
        workflow_id,
        CardPayment(invoice, customer.name, amount, strategy, bank, away_for_attempts),
        f"{customer.name} pays {amount:.2f} EUR",
        attributes=attributes(customer.id, amount),
    )


def subscription(workflow_id: str, customer: Customer, *, months: int, then: Act | None = None) -> Scene:
    contract = Contract(workflow_id, customer.id, customer.name, "Barista", monthly_price=39.0, months_left=months)
    return Scene(
        "Subscription",
        workflow_id,
        contract,
        f"Coffee subscription of {customer.name}",
        then=then,
        attributes=attributes(customer.id, contract.monthly_price),
        memo={"salesperson": "Carla Rossi"},
    )


def order(
    number: str,
    customer: Customer,
    *,
    quantity: int,
    paid_after: float | None,
    start_delay: timedelta | None = None,
) -> Scene:
    """Return the scene of an order; `paid_after` in seconds, None when it is never paid."""
    lines = [Line(article.name, quantity, article.our_price) for article in _chosen(number)]
    content = Order(number, customer.id, customer.name, lines, customer.address, customer.loyalty_account)
    paid = PaymentReceived(content.amount, f"Order {number}")
    return Scene(
        "OrderFulfilment",
        f"order-{number}",
        content,
        f"Order {number} of {customer.name}",
        then=acts.signal("payment_received", paid, after=paid_after) if paid_after is not None else None,
        attributes=attributes(customer.id, content.amount),
        memo={"channel": "Web shop", "customer": customer.name},
        start_delay=start_delay,
    )


def approval(expense: Expense, *, then: Act | None = None, execution_timeout: timedelta | None = None) -> Scene:
    return Scene(
        "ExpenseApproval",
        f"expense-{expense.number}",
        expense,
        f"{expense.purpose}, {expense.amount:.2f} EUR",
        then=then,
        execution_timeout=execution_timeout,
        memo={"approver": expense.approver},
    )


def data_import(job: ImportJob) -> Scene:
    return Scene("DataImport", f"import-{job.file}", job, f"{job.rows} rows from {job.source}")


def _chosen(number: str) -> list[Article]:
    """Return two articles, always the same for an order number."""
    first = int(number) % len(ARTICLES)
    return [ARTICLES[first], ARTICLES[(first + 2) % len(ARTICLES)]]
