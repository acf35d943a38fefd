"""Fixtures that every test can ask for."""

from tests.acceptance.shown import shown
from tests.browser import browser
from tests.databases import database, store
from tests.servers import data_dir, postgres, temporal

__all__ = ["browser", "data_dir", "database", "postgres", "shown", "store", "temporal"]
