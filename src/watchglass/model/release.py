"""Which version of Watchglass this is."""

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """In words where it is not installed as a package."""
    try:
        return version("watchglass")
    except PackageNotFoundError:
        return "run from its sources"
