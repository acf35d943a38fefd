"""Workflows that are drawn: checked, run by one interpreter on Temporal, and the components they are made of."""
