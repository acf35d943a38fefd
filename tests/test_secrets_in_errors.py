"""What is said of settings that are wrong repeats no password and no key."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.databases import Database, with_user

from watchglass.builder.services.http import _parse
from watchglass.cli.database import role_passwords
from watchglass.cli.dump import _without_password
from watchglass.config import Settings, observed_profile
from watchglass.errors import InvalidInput, StartupError
from watchglass.store.connect import connect
from watchglass.store.scram import verifier
from watchglass.temporal.addresses import address_fault

SECRET = "planted-0123456789"


@pytest.mark.parametrize(
    "password",
    [f"{SECRET}/x", f"1/{SECRET}", f"{SECRET}#x", f"1#{SECRET}", f"{SECRET}?x", f"1?{SECRET}", f"{SECRET}[x"],
)
async def test_a_database_url_that_cannot_be_read_is_not_repeated(password: str, tmp_path: Path) -> None:
    url = f"postgresql://ada:{password}@127.0.0.1:1/shop"
    with pytest.raises(StartupError) as caught:
        await connect(url)
    assert SECRET not in caught.value.message
    try:
        role_passwords(Settings(database_url=url, sync_database_url=url, data_dir=tmp_path), tmp_path)
    except StartupError as error:
        assert SECRET not in error.message


@pytest.mark.parametrize(
    "line", [f"api_key = {SECRET}", f'api_key = "{SECRET}', f'api_key = ["{SECRET}"]', f'grpc_meta = "{SECRET}"']
)
def test_a_profile_that_cannot_be_read_is_told_by_line_and_column(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text(f'[profile.default]\naddress = "x:1"\n{line}\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    with pytest.raises(StartupError, match=r"line 3, column \d+") as caught:
        observed_profile()
    assert SECRET not in caught.value.message


def test_addresses_that_hold_a_password_are_not_repeated() -> None:
    assert SECRET not in (address_fault(f"ada:{SECRET}@temporal:7233") or SECRET)
    assert "'temporal'" in (address_fault("temporal") or "")
    with pytest.raises(InvalidInput) as caught:
        _parse(f"https://ada:{SECRET}@shop.example")
    assert SECRET not in caught.value.message


@pytest.mark.parametrize("place", [f"ada:{SECRET}@host/x", f"ada@host/x?password={SECRET}&sslmode=require"])
def test_a_password_goes_to_pg_dump_beside_its_command_line(place: str) -> None:
    url, password = _without_password(f"postgresql://{place}")
    assert password == SECRET
    assert SECRET not in url
    assert urlsplit(url).query == ("sslmode=require" if "?" in place else "")


@pytest.mark.parametrize("password", ["plain", "it's $ {0} \\", "pässwörd\u00a0x\u00ady", "ﬁx"])
async def test_a_role_made_by_its_verifier_signs_in_with_its_password(database: Database, password: str) -> None:
    role = f"verified_{database.roles.suffix}"
    admin = await asyncpg.connect(database.admin_url)
    made = verifier(password)
    assert re.fullmatch(r"SCRAM-SHA-256\$4096:[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}", made)
    await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{made}'")
    try:
        plain = urlsplit(with_user(database.admin_url, user=role, password="x", database="postgres"))
        opened = await asyncpg.connect(
            host=plain.hostname, port=plain.port, user=role, password=password, database="postgres"
        )
        await opened.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host=plain.hostname, port=plain.port, user=role, password="no", database="postgres")
    finally:
        await admin.execute(f"DROP ROLE {role}")
        await admin.close()
