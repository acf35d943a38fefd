"""What a project hides, and what it erases."""

import asyncio
from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from watchglass.api.context import Context
from watchglass.api.procedures.absent import absent
from watchglass.api.procedures.details import found_execution
from watchglass.api.procedures.rights import require_member, require_owner
from watchglass.api.shapes.base import ProjectIdInput
from watchglass.api.shapes.privacy import (
    Erased,
    EraseInput,
    Erasure,
    ErasureInput,
    HiddenInEvent,
    Mention,
    Privacy,
    RedactionRules,
    RedactionRulesInput,
    RefusedRule,
    RulesPreview,
    RulesSaved,
    RulesTried,
)
from watchglass.api.trpc.router import Router
from watchglass.errors import Conflict
from watchglass.model.permission import Permission
from watchglass.model.project import Role
from watchglass.model.redaction import RedactionRules as Rules
from watchglass.model.status import OPEN_STATUSES
from watchglass.parse.redaction.preview import Previewed, preview
from watchglass.parse.redaction.redactor import Redactor
from watchglass.parse.redaction.refused import refused_rules, without
from watchglass.store.audit import add_line
from watchglass.store.erased_runs import count_mentions, find_erasable, find_mentions
from watchglass.store.history_pages import PAGE_EVENTS, read_some_events
from watchglass.store.project_keys import ensure_project_key
from watchglass.store.redaction import count_unredacted, newest_copied, read_rules, save_rules
from watchglass.store.sync_states import read_state
from watchglass.sync.erase import MOST_LOOKED_AT, erase

router: Router[Context] = Router()
_ERASE_SECONDS = timedelta(seconds=60)
_MENTIONS = 20
_MOST_BYTES = 8 * 1024 * 1024
"""Of a run that rules are tried on: the beginning says enough of one with large values."""


@router.query("privacy.getRules", permission=Permission.LOOK)
async def get_rules(context: Context, input: ProjectIdInput) -> Privacy:
    """What the project hides in values before they are stored."""
    return await _shown(context, input.project_id)


@router.mutation("privacy.saveRules", permission=Permission.OWN)
async def save(context: Context, input: RulesSaved) -> Privacy:
    """Hide from now on what these rules say, unless somebody else changed them meanwhile.

    Every process follows within seconds. What is stored stays.
    """
    await _own(context, input.project_id)
    rules = _rules(input.rules)
    Redactor(rules, b"", revision=0)  # Says which rule cannot be used.
    async with context.store.write() as writer:
        if not rules.is_empty:
            await ensure_project_key(writer, context.store.seal, input.project_id)
        await save_rules(writer, input.project_id, rules, instead_of=input.revision)
        await add_line(
            writer,
            project_id=input.project_id,
            by=context.principal,
            action="privacy.rules",
            target=input.project_id,
            details={name: len(kept) for name, kept in asdict(rules).items()},
        )
    return await _shown(context, input.project_id)


@router.mutation("privacy.preview", permission=Permission.OWN)
async def try_out(context: Context, input: RulesTried) -> RulesPreview:
    """What rules would hide in a sample and in the newest run. Nothing is stored."""
    await _own(context, input.project_id)
    async with context.store.write() as writer:
        key = await ensure_project_key(writer, context.store.seal, input.project_id)
    rules = _rules(input.rules)
    refused = refused_rules(rules)
    redactor = Redactor(without(rules, refused), key, revision=0)
    async with context.store.read_as(context.principal) as reader:
        run = await newest_copied(reader, input.project_id)
        events = (
            await read_some_events(
                reader,
                project_id=run.project_id,
                execution_id=run.id,
                first=1,
                last=PAGE_EVENTS,
                most_bytes=_MOST_BYTES,
            )
            if run
            else []
        )
    # In a thread: values may be large, and others want to be answered.
    found: Previewed = await asyncio.to_thread(preview, events, redactor)
    sample = None if input.sample is None else input.sample.encode("utf-8", "surrogatepass")
    after = None if sample is None else await asyncio.to_thread(redactor.json, sample)
    return RulesPreview(
        refused=[RefusedRule(kind=one.kind, at=one.at, message=one.message) for one in refused],
        sample=None if after is None else after.decode("utf-8", "replace"),
        execution_id=str(run.id) if run else None,
        events=[HiddenInEvent(event_id=one.event_id, type=one.type, count=one.count) for one in found.hidden],
        unreadable=found.unreadable,
    )


@router.query("execution.previewErase", permission=Permission.OWN, is_large=True)
async def preview_erase(context: Context, input: ErasureInput) -> Erasure:
    """What `execution.erase` would delete, and which other runs name it and stay."""
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
        project_id: UUID = row["project_id"]
        await require_owner(reader, context.principal, project_id, otherwise="execution")
        workflow_id: str = row["temporal_workflow_id"]
        every = await find_erasable(reader, project_id, workflow_id, None, limit=MOST_LOOKED_AT)
        runs = every if input.what == "workflow_id" else [run for run in every if run.key.id == row["id"]]
        running = [run.run_id for run in runs if run.status in OPEN_STATUSES and not run.is_gone]
        mentions = await count_mentions(reader, project_id, workflow_id)
        named = await find_mentions(reader, project_id, workflow_id, limit=_MENTIONS)
    return Erasure(
        runs=len(runs),
        steps=sum(run.steps for run in runs),
        history_bytes=sum(run.history_bytes for run in runs),
        running=running[0] if running else None,
        same_workflow_id=len(every) - len(runs),
        mentions=mentions,
        mentioned_by=[
            Mention(execution_id=str(one.key.id), temporal_workflow_id=one.workflow_id, relation=one.relation)
            for one in named
        ],
    )


@router.mutation("execution.erase", permission=Permission.OWN, timeout=_ERASE_SECONDS)
async def erase_execution(context: Context, input: EraseInput) -> Erased:
    """Erase every trace of a run, or of all runs of its workflow id. They are not copied again."""
    async with context.store.read_as(context.principal) as reader:
        row = await found_execution(reader, input.execution_id)
        await require_owner(reader, context.principal, row["project_id"], otherwise="execution")
    workflow_id: str = row["temporal_workflow_id"]
    if input.confirmation != workflow_id:
        raise Conflict("What was typed is not the workflow id of this run. Nothing was erased.")
    async with context.store.write() as writer:
        state = await read_state(writer, input.execution_id, project_id=row["project_id"])
    if state is None:
        raise absent("execution")
    done = await erase(
        context.store,
        row["project_id"],
        state.ref.workflow_id,
        run_id=state.ref.run_id if input.what == "run" else None,
        by=context.principal,
    )
    return Erased(runs=done.runs, mentions=done.mentions)


async def _own(context: Context, project_id: UUID) -> None:
    async with context.store.read_as(context.principal) as reader:
        await require_owner(reader, context.principal, project_id, otherwise="project")


async def _shown(context: Context, project_id: UUID) -> Privacy:
    async with context.store.read_as(context.principal) as reader:
        member = await require_member(reader, context.principal, project_id, otherwise="project")
        kept = await read_rules(reader, project_id)
        earlier = 0 if kept.rules.is_empty else await count_unredacted(reader, project_id, kept.revision)
    return Privacy(
        rules=RedactionRules(
            keys=list(kept.rules.keys),
            paths=list(kept.rules.paths),
            patterns=list(kept.rules.patterns),
            expressions=list(kept.rules.expressions),
        ),
        revision=kept.revision,
        may_change=member.role is Role.OWNER,
        earlier_runs=earlier,
    )


def _rules(input: RedactionRulesInput) -> Rules:
    return Rules(tuple(input.keys), tuple(input.paths), tuple(input.patterns), tuple(input.expressions))
