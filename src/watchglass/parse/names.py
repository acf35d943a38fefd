"""What a unit is called, and which node of its workflow it stands for.

In a run that the builder started (its memo carries `watchglass`) the activity id is `node` or `node[2.5]`,
a child's workflow id is `<parent id>/<activity id>`, and timers carry the same as their summary. In every
other run the node is the unit's own summary, else the component's name.
"""

import re

from temporalio.api.history.v1 import HistoryEvent

from watchglass.parse.search_attributes import read_text

_BUILT_ID = re.compile(r"([a-z][a-z0-9-]{0,62})(?:\[(\d{1,9}(?:\.\d{1,9})*)\])?")

Place = tuple[str, tuple[int, ...]]
"""Node id, and which item of which loops it was; nothing outside of loops."""


def summary_of(event: HistoryEvent) -> str | None:
    """The words its author gave the unit; None when there are none or they cannot be read."""
    if not event.HasField("user_metadata"):
        return None
    return read_text(event.user_metadata.summary.SerializeToString()) or None


def built_place(builder_id: str) -> Place | None:
    """Node and iteration from a builder's id; None when it is not one."""
    match = _BUILT_ID.fullmatch(builder_id)
    if match is None:
        return None
    rounds = match[2]
    return match[1], tuple(int(part) for part in rounds.split(".")) if rounds else ()
