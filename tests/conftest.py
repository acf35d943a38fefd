"""Fixtures that every test can ask for."""

from tests.databases import database, store
from tests.servers import data_dir, postgres, temporal

__all__ = ["data_dir", "database", "postgres", "store", "temporal"]
