"""Fixtures that every test can ask for."""

from tests.servers import data_dir, postgres, temporal

__all__ = ["data_dir", "postgres", "temporal"]
