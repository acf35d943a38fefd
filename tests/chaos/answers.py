"""What the API may answer while processes die: all of it, or a sentence that says why not. Never half, never wrong."""

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import httpx

SENTENCES = frozenset({408, 429, 503})
"""It took too long, it is asked too often, or something that is needed is away."""
CALL_SECONDS = 25.0
"""Longer than the longest deadline of any procedure: whoever is not answered by then never is."""


class NotAnswered(Exception):
    """Nobody was there, or said why not. What was asked for may have been done all the same."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass
class Answers:
    """Counts answers by kind, and keeps those that nobody should ever see."""

    counts: Counter[str] = field(default_factory=Counter)
    """By status; `none`: nobody was there, or died before the answer was whole, which HTTP shows; `late`: no answer."""
    wrong: list[str] = field(default_factory=list)

    async def ask(self, api: httpx.AsyncClient, path: str, /, **given: Any) -> Any:
        """A query's data. Raises NotAnswered."""
        params = {"input": json.dumps(given)} if given else {}
        return await self._sent(path, api.get(f"/trpc/{path}", params=params), ())

    async def tell(self, api: httpx.AsyncClient, path: str, /, *, also: Collection[int] = (), **given: Any) -> Any:
        """A mutation's data. `also`: statuses with a sentence that are right here. Raises NotAnswered."""
        return await self._sent(path, api.post(f"/trpc/{path}", json=given), also)

    async def _sent(self, path: str, sent: Any, also: Collection[int]) -> Any:
        try:
            answer: httpx.Response = await sent
        except httpx.ReadTimeout as error:
            self.counts["late"] += 1
            self.wrong.append(f"{path}: no answer within {CALL_SECONDS:.0f} s")
            raise NotAnswered from error
        except httpx.HTTPError as error:
            self.counts["none"] += 1
            raise NotAnswered from error
        self.counts[str(answer.status_code)] += 1
        try:
            found = answer.json()
            if answer.status_code == 200:
                return found["result"]["data"]
            sentence = found["error"]["message"]
        except (ValueError, KeyError, TypeError) as error:
            self.wrong.append(f"{path}: {answer.status_code} {answer.text[:300]!r}")
            raise NotAnswered from error
        is_sentence = isinstance(sentence, str) and sentence.endswith(".") and " " in sentence
        if answer.status_code not in {*SENTENCES, *also} or not is_sentence:
            self.wrong.append(f"{path}: {answer.status_code} {sentence}")
        raise NotAnswered(sentence)

    def blame(self, what: str, problem: str | None) -> None:
        if problem is not None:
            self.wrong.append(f"{what}: {problem}")
