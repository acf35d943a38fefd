"""A running OpenID provider, and somebody who signs in with it as a browser would."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import platformdirs
from tests.node import node_home, npm

_HERE = Path(__file__).parent
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
_FIELD = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@contextmanager
def provider(*redirect_uris: str, port: int) -> Iterator[str]:
    """The issuer of a real `oidc-provider` that sends people back to one of `redirect_uris`."""
    home = _installed()
    command = [node_home() / "bin" / "node", home / "provider.mjs", str(port), *redirect_uris]
    process = subprocess.Popen(command, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer, "the provider did not start"
        yield issuer
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


async def come_back(asked: str, person: str, *, cancels: bool = False) -> str:
    """Go to the provider as `person`, agree (or not), and return the address that it sends the browser back to."""
    async with httpx.AsyncClient(timeout=20) as browser:
        answer = await browser.get(asked)
        for _ in range(12):
            if answer.is_redirect:
                target = urljoin(str(answer.url), answer.headers["location"])
                if "/auth/oidc/callback" in target:
                    return target
                answer = await browser.get(target)
            elif cancels:
                answer = await browser.get(f"{answer.url}/abort")
            else:
                answer = await _submit(browser, answer, person)
    raise AssertionError(f"the provider ended with {answer.status_code} at {answer.url}: {answer.text[:500]}")


async def _submit(browser: httpx.AsyncClient, page: httpx.Response, person: str) -> httpx.Response:
    form = _FORM.search(page.text)
    assert form, page.text[:1000]
    given = {"login": person, "password": "any"} | {name: unescape(value) for name, value in _FIELD.findall(page.text)}
    return await browser.post(urljoin(str(page.url), unescape(form[1])), data=given)


def _installed() -> Path:
    """The provider's packages, downloaded once into the user's cache."""
    home = platformdirs.user_cache_path("watchglass-tests") / "oidc-provider-9.13.3"
    if not (home / "whole").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(_HERE / name, home / name)
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=home)
        (home / "whole").touch()
    shutil.copy(_HERE / "provider.mjs", home / "provider.mjs")
    return home
