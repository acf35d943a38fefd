"""The task queues of the demo."""

OFFICE = "demo-office"
"""Where everything happens that works."""

ARCHIVE = "demo-archive"
"""Its worker runs code that does not fit its open runs."""

TAX_OFFICE = "demo-tax-office"
"""Nobody works on it."""
