"""*Plans*: what lists and statistics ask of the database, planned for any arguments and for those that were given."""

from tests.api.seeded import Caller, client_for, open_parts
from tests.store.rls.plans import Asked, listening, plan, read_whole

from benchmarks.figure import Figure
from benchmarks.generate.database import filled_database
from benchmarks.generate.fill import sign_in
from benchmarks.place import Place
from benchmarks.statistics_speed import every_question

_LARGE = {"workflow_executions", "component_executions", "run_rollups", "component_rollups"}


async def measure_plans(place: Place, scale: float) -> list[Figure]:
    """Of the largest and of the smallest tenant: queries that read one of the large tables from end to end."""
    installation, filled = await filled_database(place, scale)
    figures = []
    async with installation.open_store() as store:
        heard = listening(store)
        parts = open_parts(heard)
        async with client_for(heard, parts) as client:
            for word, number in (("largest", 0), ("smallest", len(filled.projects) - 1)):
                caller = Caller(client, await sign_in(store, number))
                heard.asked.clear()
                async for procedure, input in every_question(heard, filled.projects[number]):
                    answer = await caller.query(procedure, input)
                    if answer.status_code != 200:
                        raise RuntimeError(f"{procedure} {input}: {answer.text}")
                asked: list[Asked] = list({entry.query: entry for entry in heard.asked}.values())
                for generic in (True, False):
                    whole = [
                        (" ".join(entry.query.split())[:120], tables)
                        for entry in asked
                        if (tables := read_whole(await plan(heard, entry, generic=generic), _LARGE))
                    ]
                    said = "; ".join(f"{query} ({tables})".replace("|", "/") for query, tables in whole)
                    kind = "any arguments" if generic else "these arguments"
                    figures.append(
                        Figure(
                            "plans",
                            f"{word}: queries that read a large table whole, planned for {kind}",
                            len(whole),
                            most=0,
                            note=f"{len(asked)} queries; {said}",
                        )
                    )
    return figures
