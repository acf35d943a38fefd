"""What a person or a program tells Watchglass, and what it makes of that: kept as it was given, or refused."""

import asyncio
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
from temporalio.api.common.v1 import WorkflowExecution
from tests.hostile.up import Json, Up

_NEVER_TAKEN = ("authority", "certificate", "codec server", "file")
"""What has to be a certificate, an address that whoever runs Watchglass allows, or a drawing: see `drawing.py`."""

_TRIES = 5
_PAUSE_SECONDS = 3
_STARTED = re.compile(r"Run (.*) was started, but Temporal did not answer", re.DOTALL)


@dataclass
class Told:
    """What was taken, what was refused with a sentence, and what came back as something else."""

    kept: Counter[str] = field(default_factory=Counter)
    """How many values were given back as they were, by what they were told as."""
    taken: Counter[str] = field(default_factory=Counter)
    """How many were not refused."""
    refused: Counter[str] = field(default_factory=Counter)
    altered: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Answers that are no sentence of ours."""
    answers: int = 0

    async def tell(self, up: Up, what: str, procedure: str, given: Json | bytes, *, person: int = 0) -> Any:
        """The answer; None when it was refused with a sentence. Every other time it is asked for as programs do."""
        self.answers += 1
        rest = self.answers % 2 == 0
        for _ in range(_TRIES):
            try:
                answer = await up.tell(procedure, given, person=person, rest=rest)
            except httpx.HTTPError as error:
                self.broken.append(f"{procedure}: {error!r}")
                return None
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            # Temporal was too busy, which is said; a run that it started all the same is found by its id.
            if (started := _STARTED.search(answer.text)) is not None:
                self.taken[what] += 1
                return {"executionId": await up.found(WorkflowExecution(workflow_id=json.loads(f'"{started[1]}"')))}
            await asyncio.sleep(_PAUSE_SECONDS)
        if answer.status_code == httpx.codes.OK:
            self.taken[what] += 1
            return answer.json() if rest else answer.json()["result"]["data"]
        if (fault := _no_refusal(answer, rest=rest)) is not None:
            self.broken.append(f"{what}, {procedure} {str(given)[:200]}: {fault}: {answer.text[:300]}")
        self.refused[what] += 1
        return None

    def never_taken(self) -> list[str]:
        """What nothing was taken as: then nothing was tried but one refusal, over and over."""
        return sorted(name for name in self.refused if not self.taken[name] and name not in _NEVER_TAKEN)

    def compare(self, what: str, given: object, came_back: object) -> None:
        if given == came_back:
            self.kept[what] += 1
        else:
            self.altered.append(f"{what}: {str(given)[:120]!r} became {str(came_back)[:120]!r}")


def _no_refusal(answer: httpx.Response, *, rest: bool) -> str | None:
    """What is wrong with how something was refused; None: nothing."""
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return "a bug"
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return "asked too often: the value was not tried"
    if "json" not in answer.headers["content-type"]:
        return "no JSON"
    told = answer.json()
    sentence = told.get("detail") if rest else told["error"]["message"]
    return None if isinstance(sentence, str) and sentence.strip() else "no sentence"
