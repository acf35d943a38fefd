"""Hiding what a project does not want stored: in texts, JSON, payloads and whole messages of Temporal's."""
