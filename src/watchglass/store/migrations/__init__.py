"""Alembic revisions; each is a .sql file beside a few lines of Python."""
