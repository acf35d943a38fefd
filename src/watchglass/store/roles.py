"""The five database roles, and why there are five.

| role    | logs in | may                                                                                         |
|---------|---------|---------------------------------------------------------------------------------------------|
| owner   | no      | owns schema and tables; used by migrations alone                                            |
| login   | yes     | nothing by itself but opening the door (sessions, tokens); becomes *user* per transaction   |
| user    | no      | reads rows of the asking person's projects (Row Level Security); makes and renames their    |
|         |         | projects through functions that ask who that is                                             |
| sync    | yes     | writes what was copied from Temporal, in every project; sees no people, sessions or tokens  |
| definer | no      | owns the functions that look up who is asking; nobody can become it                         |
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Roles:
    suffix: str = ""
    """Keeps several installations (or test runs) on one server apart."""

    @property
    def owner(self) -> str:
        return f"watchglass_owner{self.suffix}"

    @property
    def login(self) -> str:
        return f"watchglass_login{self.suffix}"

    @property
    def user(self) -> str:
        return f"watchglass_user{self.suffix}"

    @property
    def sync(self) -> str:
        return f"watchglass_sync{self.suffix}"

    @property
    def definer(self) -> str:
        return f"watchglass_definer{self.suffix}"


@dataclass(frozen=True, slots=True)
class Passwords:
    """Of the two roles that log in."""

    login: str
    sync: str
