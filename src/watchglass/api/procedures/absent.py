"""The one answer for what does not exist and for what the person asking may not see."""

from typing import Literal

from watchglass.errors import NotFound

Noun = Literal[
    "project",
    "connection",
    "workflow",
    "execution",
    "component execution",
    "node",
    "run",
    "back-fill",
    "schedule",
    "service",
    "component",
    "session",
    "token",
    "account",
    "person",
    "member",
]

_SENTENCES: dict[Noun, str] = {
    "project": "There is no such project, or you are not a member of it.",
    "session": "You have no such session.",
    "token": "You have no such token.",
    "account": "Your account is no more. Ask an administrator of this installation.",
    "person": "There is no such person.",
    "member": "There is no such member of this project any more. Load the page again.",
    "run": "Temporal has no such run in this namespace. Check its workflow id and run id.",
}


def absent(noun: Noun) -> NotFound:
    """No id in the sentence, so that the answers for unknown and foreign ids are the same byte for byte."""
    return NotFound(_SENTENCES.get(noun, f"There is no such {noun}, or you are not a member of its project."))
