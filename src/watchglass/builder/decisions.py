"""Answers of people to approval nodes, which may come before the run has got there."""

import asyncio

from watchglass.model.graph import NodeId
from watchglass.model.journal import Decision

_Key = tuple[NodeId, tuple[int, ...]]


class Decisions:
    """The first answer for a node counts, and one that nobody asks for is kept."""

    def __init__(self) -> None:
        self._early: dict[_Key, Decision] = {}
        self._awaited: dict[_Key, asyncio.Future[Decision]] = {}

    def take_in(self, decision: Decision) -> None:
        key = (decision.node, decision.iteration)
        awaited = self._awaited.get(key)
        if awaited is None:
            self._early.setdefault(key, decision)
        elif not awaited.done():
            awaited.set_result(decision)

    def awaited(self, node: NodeId, iteration: tuple[int, ...]) -> asyncio.Future[Decision]:
        """The answer, when it comes."""
        future = self._awaited[node, iteration] = asyncio.get_running_loop().create_future()
        early = self._early.pop((node, iteration), None)
        if early is not None:
            future.set_result(early)
        return future

    @property
    def early(self) -> list[Decision]:
        """Those that nobody has asked for yet."""
        return list(self._early.values())
