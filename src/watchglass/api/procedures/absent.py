"""The one answer for what does not exist and for what the person asking may not see."""

from watchglass.errors import NotFound


def absent(noun: str) -> NotFound:
    """No id in the sentence, so that the answers for unknown and foreign ids are the same byte for byte."""
    return NotFound(f"There is no such {noun}, or you are not a member of its project.")
