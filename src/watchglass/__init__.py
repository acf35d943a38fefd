"""Watchglass: see what your Temporal workflows did, step by step."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchglass.builder.component import component

__all__ = ["component"]


def __getattr__(name: str) -> Any:
    """The public door opens when somebody comes: commands that need no Temporal do not wait for its import."""
    if name == "component":
        from watchglass.builder.component import component  # noqa: PLC0415

        return component
    raise AttributeError(f"module 'watchglass' has no attribute {name!r}")
