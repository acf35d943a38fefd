"""The rules of a workflow as their column holds them."""

from functools import lru_cache

from watchglass.model.rules import Rules


@lru_cache(maxsize=256)
def rules_from_json(text: str | None) -> Rules | None:
    """Cached, because every run of the workflow asks for the same."""
    return None if text is None else Rules.model_validate_json(text)
