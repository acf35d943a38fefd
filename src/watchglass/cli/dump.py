"""PostgreSQL's own programs, which write and read the rows of a backup."""

import asyncio
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import IO
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from watchglass.embedded.account import account_for_postgres
from watchglass.embedded.programs import postgres_programs
from watchglass.errors import StartupError

_CHUNK = 1 << 20


async def dump_rows(url: str, *, snapshot: str, write: Callable[[bytes], None]) -> None:
    """Give every row of the moment that `snapshot` names to `write`, in pg_dump's own format.

    Raises:
        StartupError: pg_dump could not, with what it said.
    """
    arguments = [
        *("--format=custom", "--compress=gzip:1", "--data-only", "--no-owner", "--schema=public"),
        *("--exclude-table=public.alembic_version", f"--snapshot={snapshot}", "--lock-wait-timeout=30000"),
    ]

    def copy(process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        while chunk := process.stdout.read(_CHUNK):
            write(chunk)

    await _run("pg_dump", arguments, url, copy, stdout=subprocess.PIPE)


async def load_rows(url: str, *, copy_into: Callable[[IO[bytes]], None]) -> None:
    """Load rows that `copy_into` writes, all of them or none.

    Raises:
        StartupError: pg_restore could not, with what it said.
    """
    arguments = ["--data-only", "--no-owner", "--exit-on-error", "--single-transaction"]

    def copy(process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        try:
            copy_into(process.stdin)
            process.stdin.close()
        except BrokenPipeError:
            # It has ended, and says why.
            return

    await _run("pg_restore", arguments, url, copy, stdin=subprocess.PIPE)


async def _run(
    program: str,
    arguments: Sequence[str],
    url: str,
    copy: Callable[[subprocess.Popen[bytes]], None],
    *,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> None:
    place, password = _without_password(url)
    path = postgres_programs(account_for_postgres()) / program
    process = subprocess.Popen(  # noqa: ASYNC220 - asyncio's own differ between event loops
        [str(path), f"--dbname={place}", *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        # A command line is everybody's to read.
        env={**os.environ, "PGPASSWORD": password, "PGOPTIONS": "-c statement_timeout=0"},
    )
    said: list[bytes] = []
    listening = threading.Thread(target=lambda: said.append(_all(process)), daemon=True)
    listening.start()
    try:
        await asyncio.to_thread(copy, process)
        code = await asyncio.to_thread(process.wait)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        await asyncio.to_thread(listening.join)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None and not stream.closed:
                stream.close()
    if code != 0:
        last = b"".join(said).decode(errors="replace").strip().splitlines()[:3]
        raise StartupError(f"{program} could not do it: {' '.join(last) or f'it ended with {code}'}.")


def _all(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stderr is not None
    return process.stderr.read()


def _without_password(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(key, value) for key, value in given if key != "password"])
    password = dict(given).get("password") or unquote(parts.password or "")
    return urlunsplit(parts._replace(netloc=f"{name}@{place}" if name else place, query=query)), password
