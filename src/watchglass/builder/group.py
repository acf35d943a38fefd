"""Tasks that belong together: the first that fails ends the others, and none is left behind."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Group:
    """`start` tasks before and while `ended` is awaited.

    Not `asyncio.TaskGroup`: what fails here has to come out as itself.
    """

    def __init__(self) -> None:
        self.is_closing = False
        """What ends now was ended by us."""
        self._tasks: dict[asyncio.Task[None], None] = {}
        self._over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks[task] = None
        task.add_done_callback(self._one_ended)

    async def ended(self) -> None:
        """Wait until none is left; raise what one raises. Cancelled, or after a failure, it first ends them all."""
        try:
            if self._tasks:
                await self._over
        except GeneratorExit:
            # The worker has let go of the workflow: there is nobody to wait any more.
            raise
        except BaseException:
            await self._end_all()
            raise
        await self._end_all()

    async def _end_all(self) -> None:
        self.is_closing = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _one_ended(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        error = None if task.cancelled() else task.exception()
        if self._over.done():
            return
        if error is not None:
            self._over.set_exception(error)
        elif not self._tasks:
            self._over.set_result(None)
