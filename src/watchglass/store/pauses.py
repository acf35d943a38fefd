"""A pause as one JSON text, and back."""

import json

from watchglass.model.pause import Pause
from watchglass.store.text import storable


def pause_to_json(pause: Pause | None) -> str | None:
    if pause is None:
        return None
    texts = [None if text is None else storable(text) for text in (pause.by, pause.reason, pause.rule)]
    return json.dumps([pause.at, *texts])


def pause_from_json(text: str | None) -> Pause | None:
    return None if text is None else Pause(*json.loads(text))
