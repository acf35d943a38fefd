"""The shape of a handler: it takes the state so far and one event, and changes the state."""

from collections.abc import Callable

from temporalio.api.history.v1 import HistoryEvent

from watchglass.parse.run_state import RunState

Handler = Callable[[RunState, HistoryEvent, int], None]


def ignore(state: RunState, event: HistoryEvent, event_id: int) -> None:
    """A known event that says nothing about units or the run's life."""
