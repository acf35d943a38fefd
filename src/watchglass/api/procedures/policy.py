"""Retry policies, while they are chosen."""

from watchglass.api.context import Context
from watchglass.api.shapes.policy import AttemptStart, PolicyExplained, PolicyInput, TemporalPolicy
from watchglass.api.trpc.router import Router
from watchglass.builder.policies import explain
from watchglass.model.permission import Permission

router: Router[Context] = Router()


@router.query("policy.explain", permission=Permission.SIGNED_IN)
async def explain_policy(context: Context, input: PolicyInput) -> PolicyExplained:
    """When the attempts of a retry policy start, and whether they ever end."""
    found = explain(input.retry, input.timeouts)
    longest = found.policy.maximum_interval_ms
    return PolicyExplained(
        attempts=[AttemptStart(number=each.number, starts_after_ms=each.starts_after_ms) for each in found.attempts],
        is_cut=found.is_cut,
        sentence=found.sentence,
        may_never_finish=found.may_never_finish,
        warning=found.warning,
        temporal=TemporalPolicy(
            initial_interval_seconds=found.policy.initial_interval_ms / 1000,
            backoff_coefficient=found.policy.backoff_coefficient,
            maximum_interval_seconds=None if longest is None else longest / 1000,
            maximum_attempts=found.policy.maximum_attempts,
        ),
    )
