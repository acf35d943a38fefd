"""Passwords: what is kept of them, and comparing one with what is kept.

Argon2id with OWASP's second row (46 MiB, one pass). Two threads do all of it, so that a crowd at the door waits in line
instead of taking the memory of the process: two at a time are 92 MiB.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from watchglass.auth.secret import new_secret
from watchglass.errors import InvalidInput

SHORTEST = 12
LONGEST = 200
"""In characters; more adds nothing but work."""
MEMORY_KIB = 46 * 1024
_AT_ONCE = 2
_HASHER = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=MEMORY_KIB, parallelism=1)])
_THREADS = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="password")


def refuse_weak(password: str, *, name: str) -> None:
    """Raises InvalidInput for a password that is too easily guessed: short, all of one piece, or around the name."""
    given = _normal(password)
    if not given.isprintable():
        raise InvalidInput(
            "The password holds characters that no keyboard has. Take letters, digits, signs and spaces."
        )
    if len(given) < SHORTEST:
        raise InvalidInput(
            f"The password has fewer than {SHORTEST} characters. Take a longer one, for example four unrelated words."
        )
    if len(given) > LONGEST:
        raise InvalidInput(f"The password has more than {LONGEST} characters. Take a shorter one.")
    if len(set(given)) < 5:
        raise InvalidInput("The password repeats itself. Take one with at least five different characters.")
    if name.casefold() in given.casefold() and len(given) - len(name) < SHORTEST - 4:
        raise InvalidInput("The password is hardly more than the name. Take another one.")


async def hash_password(password: str) -> str:
    """What is kept of a password; takes some 70 ms of a thread."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, _normal(password))


async def is_password(password: str, kept: str | None) -> tuple[bool, str | None]:
    """Is this the password; and what to keep from now on, when that has changed.

    Where none is kept it is compared with nobody's, so that answers for unknown people come no sooner.
    """
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _compare, _normal(password), kept)


def _compare(password: str, kept: str | None) -> tuple[bool, str | None]:
    nobodys = _nobodys()
    is_right, renewed = _HASHER.verify_and_update(password, kept or nobodys)
    return (is_right, renewed) if kept else (False, None)


@cache
def _nobodys() -> str:
    return _HASHER.hash(new_secret())


def _normal(password: str) -> str:
    """The same letters, whichever keyboard wrote them."""
    return unicodedata.normalize("NFKC", password)
