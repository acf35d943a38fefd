"""Everything that can be asked for, one noun a file. A procedure is: who, validated input, one call, output."""

from watchglass.api.context import Context
from watchglass.api.procedures import (
    attention,
    audit,
    backfill,
    chain,
    component,
    connection,
    decode,
    details,
    draft,
    history,
    intervene,
    place,
    project,
    register,
    run,
    run_graph,
    schedule,
    service,
    session,
    statistics,
    sync,
    version,
    workflow,
    workflow_file,
)
from watchglass.api.trpc.router import Router

router: Router[Context] = Router()
for part in (
    attention,
    audit,
    backfill,
    chain,
    component,
    connection,
    decode,
    details,
    draft,
    history,
    intervene,
    place,
    project,
    register,
    run,
    run_graph,
    schedule,
    service,
    session,
    statistics,
    sync,
    version,
    workflow,
    workflow_file,
):
    router.include(part.router)
