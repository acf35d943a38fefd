"""Workflows of an invented mail-order company, really executed, so that a newcomer has something to look at.

Each file is one workflow with its activities. The outside world is played: where a bank does not answer or an address
is unknown, the input says so. Waits are shorter than in life, and their names say by how much.
"""
