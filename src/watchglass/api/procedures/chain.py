"""The chain that an execution belongs to."""

from datetime import UTC, datetime
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.render.chain import render_chain_figures, render_chain_page
from watchglass.api.shapes.chain import ChainInput, ExecutionChain
from watchglass.api.trpc.router import Router
from watchglass.model.permission import Permission
from watchglass.store.chains import chain_of, read_chain_figures, read_chain_page, read_chain_place
from watchglass.store.executions import read_execution

router: Router[Context] = Router()


@router.query("execution.getChain", permission=Permission.LOOK)
async def get_chain(context: Context, input: ChainInput) -> ExecutionChain:
    """The runs that carry each other on (continue-as-new, retry, cron, reset), this execution among them."""
    descending = input.order == "desc"
    async with context.store.read_as(context.principal) as reader:
        row = await read_execution(reader, input.execution_id)
        if row is None:
            raise absent("execution")
        chain = await chain_of(reader, row)
        page = await read_chain_page(reader, chain, cursor=input.cursor, limit=input.limit, descending=descending)
        figures = await read_chain_figures(reader, chain)
        place = await read_chain_place(reader, chain, row)
    return ExecutionChain(
        items=render_chain_page(page, descending=descending),
        next_cursor=page.next_cursor,
        number=place["number"],
        previous_execution_id=_text(place["before"]),
        next_execution_id=_text(place["after"]),
        figures=render_chain_figures(figures),
        as_of=datetime.now(UTC),
    )


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)
