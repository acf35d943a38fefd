"""What a project wants hidden in the values of its runs, before they are stored."""

from dataclasses import dataclass
from enum import StrEnum

MOST_RULES = 100
"""Of each kind."""
LONGEST_RULE = 500
"""Characters."""


class NamedPattern(StrEnum):
    """Kinds of values that are found wherever they stand in a text."""

    CARD_NUMBER = "card_number"
    EMAIL = "email"
    IBAN = "iban"
    PHONE = "phone"
    US_SOCIAL_SECURITY = "us_social_security"
    BEARER_TOKEN = "bearer_token"  # noqa: S105 - the name of a kind of token
    JWT = "jwt"
    API_KEY = "api_key"
    AWS_ACCESS_KEY = "aws_access_key"
    PRIVATE_KEY = "private_key"
    URL_PASSWORD = "url_password"  # noqa: S105 - the name of a kind of password


@dataclass(frozen=True, slots=True)
class RedactionRules:
    keys: tuple[str, ...] = ()
    """Names of members, memo fields, search attributes and headers whose values are hidden, wherever they stand.
    Case, `-`, `_` and spaces do not count; `*` stands for any characters."""
    paths: tuple[str, ...] = ()
    """Places inside each value, from its top: `customer.address.street`, `items.*.note`; `*` is any member or item."""
    patterns: tuple[NamedPattern, ...] = ()
    expressions: tuple[str, ...] = ()
    """Regular expressions of RE2, which takes time in proportion to the text whatever they are."""

    @property
    def is_empty(self) -> bool:
        return not (self.keys or self.paths or self.patterns or self.expressions)


NO_RULES = RedactionRules()
