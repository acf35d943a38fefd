"""How far back older runs are copied, and what that costs: said, and asked on a terminal."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime

import typer

from watchglass.cli.visible import say
from watchglass.errors import InvalidInput, WatchglassError
from watchglass.model.connection import Connection, Level
from watchglass.store.backfills import NewBackfill, add_answer_none, add_backfill
from watchglass.sync.estimate import Estimate, LevelEstimate, estimate
from watchglass.sync.parts import Parts
from watchglass.temporal.errors import QuestionRefused

_QUESTION = "How far back are older runs copied? all, none, or since when, such as 2026-01-31"


@dataclass(frozen=True, slots=True)
class HowFarBack:
    text: str
    """As it is typed."""
    none: bool
    since: datetime | None
    """Runs that started at or after this moment; None: all that there are."""

    @classmethod
    def read(cls, text: str) -> "HowFarBack":
        """Raises InvalidInput."""
        text = text.strip().lower()
        if text in ("all", "none"):
            return cls(text, none=text == "none", since=None)
        try:
            since = datetime.fromisoformat(text)
        except ValueError as error:
            raise InvalidInput(
                f"{text!r} does not say how far back older runs are copied. Write all, none, or since when (UTC), such "
                "as 2026-01-31 or 2026-01-31T12:00."
            ) from error
        return cls(text, none=False, since=since.replace(tzinfo=since.tzinfo or UTC))


async def answer_how_far_back(parts: Parts, connection: Connection, answer: HowFarBack | None) -> None:
    """Have older runs of a new connection copied, as it was answered or is answered now on a terminal."""
    if answer is None:
        answer = await _asked(parts, connection)
    elif not answer.none:
        await print_cost(parts, connection, NewBackfill(from_at=answer.since))
    if answer is None:
        say(
            "Older runs wait until somebody says how far back: on the project's page, or with "
            f"`watchglass sync --connection {connection.id}` for all of them, and --since for less."
        )
        return
    async with parts.store.write() as writer:
        if answer.none:
            await add_answer_none(writer, connection)
        else:
            await add_backfill(writer, connection, NewBackfill(from_at=answer.since))
    say("Older runs are not copied." if answer.none else "The workers copy them; the project's page shows how far.")


async def _asked(parts: Parts, connection: Connection) -> HowFarBack | None:
    """What somebody at a terminal answers, once the cost of it was shown; None where there is nobody to ask."""
    shown = HowFarBack.read("all")
    await print_cost(parts, connection, NewBackfill())
    while sys.stdin.isatty() and sys.stdout.isatty():
        try:
            answer = HowFarBack.read(typer.prompt(_QUESTION, default=shown.text))
        except InvalidInput as error:
            say(error.message)
            continue
        except typer.Abort:
            print()
            return None
        if answer.none or answer.since == shown.since:
            return answer
        shown = answer
        await print_cost(parts, connection, NewBackfill(from_at=answer.since))
    return None


async def print_cost(parts: Parts, connection: Connection, new: NewBackfill) -> None:
    """Say what the job would cost at the connection's level; where Temporal does not tell, say that.

    Raises:
        QuestionRefused: the job's query is none that Temporal understands.
    """
    try:
        told = await estimate(parts, connection.id, new.from_at, new.query)
    except QuestionRefused:
        raise
    except WatchglassError as error:
        say(f"What it costs cannot be told beforehand. {error.message}")
        return
    say(cost_sentence(told, connection.level))
    if told.proposed is not connection.level and connection.level is Level.ALL:
        less = told.of(told.proposed)
        say(
            f"That is much. At level {less.level} it would be {_sum(told, less)}: "
            f"`watchglass connection update {connection.id} --level {less.level}`."
        )


def cost_sentence(told: Estimate, level: Level) -> str:
    """`There are 18,330 runs. At level all, copying them takes about 412,000 events, …`."""
    runs = told.counted.runs
    there = "There is 1 run." if runs == 1 else f"There are {runs:,} runs."
    cost = told.of(level)
    if cost.runs == 0:
        return f"{there} At level {level} they are listed in {_counted(cost.calls, 'call')}, and no history is copied."
    return f"{there} At level {level} this copies {_sum(told, cost)}."


def _sum(told: Estimate, cost: LevelEstimate) -> str:
    about = "" if told.is_exact else "about "
    return ", ".join(
        (
            _counted(cost.runs, "run"),
            f"{about}{_counted(cost.events, 'event')}",
            f"{about}{_size(cost.bytes)}",
            _counted(cost.calls, "call"),
            _time(cost.seconds),
        )
    )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _size(number: int) -> str:
    size = float(number)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} GiB"


def _time(seconds: float) -> str:
    if seconds < 60:
        return "less than a minute"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"about {hours:,} h {minutes} min" if hours else f"about {minutes} min"
