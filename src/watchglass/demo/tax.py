"""The tax return: its worker belongs to the tax office's queue, where nobody works; so there is only its input."""

from dataclasses import dataclass

TAX_RETURN = "TaxReturn"
"""The workflow type."""


@dataclass(frozen=True, slots=True)
class TaxReturn:
    company: str
    quarter: str
    vat: float
    """Euros."""
