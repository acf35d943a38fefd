from pathlib import Path

from watchglass.auth.credential import Credential, Method
from watchglass.auth.identify import identify
from watchglass.auth.tokens import create_token
from watchglass.cli.found import OWNER
from watchglass.cli.made_tokens import renew_tokens
from watchglass.store.scope import Store
from watchglass.store.users import ensure_owner


async def opens(store: Store, token: str | None) -> bool:
    assert token is not None
    return await identify(store, Credential(Method.TOKEN, token)) is not None


async def test_tokens_of_the_start_before_open_nothing_any_more(store: Store, tmp_path: Path) -> None:
    async with store.door() as door:
        await ensure_owner(door, OWNER)
    persons = await create_token(store, user=OWNER, name="watchglass up")
    first = await renew_tokens(store, tmp_path, for_programs=True)
    second = await renew_tokens(store, tmp_path, for_programs=False)
    assert [await opens(store, token) for token in (first.workers, first.programs)] == [False, False]
    assert second.programs is None
    assert await opens(store, second.workers)
    assert await opens(store, persons), "a token that a person made goes on, whatever it is called"
    kept = "".join(path.read_text() for path in tmp_path.iterdir())
    assert second.workers not in kept
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


async def test_those_of_another_data_directory_go_on(store: Store, tmp_path: Path) -> None:
    async with store.door() as door:
        await ensure_owner(door, OWNER)
    here = await renew_tokens(store, tmp_path, for_programs=False)
    there = tmp_path / "there"
    there.mkdir()
    await renew_tokens(store, there, for_programs=False)
    await renew_tokens(store, there, for_programs=False)
    assert await opens(store, here.workers)
