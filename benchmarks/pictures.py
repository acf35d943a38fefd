"""`python -m benchmarks.pictures --data-dir DIR`: both statistics pages of a filled database in a browser."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path
from typing import Annotated

import typer
from playwright.async_api import Browser, async_playwright
from tests.acceptance.running import Running, clean_environment
from tests.browser import FLAGS, find_browser, use_our_node

from benchmarks.generate.database import filled_database
from benchmarks.generate.fill import sign_in
from benchmarks.place import open_place
from watchglass.cli.main import leave
from watchglass.embedded.ports import free_port
from watchglass.logging import configure_logging

_SIZES = ((1280, 1500), (390, 1500))
_SCHEMES = ("light", "dark")
_SETTLED_MS = 1500


def main(
    data_dir: Annotated[Path, typer.Option(help="Where the servers keep their data.")],
    scale: Annotated[float, typer.Option(help="As for benchmarks.generate.")] = 1,
    to: Annotated[Path, typer.Option(help="Where the pictures go.")] = Path("pictures"),
) -> None:
    """Take them of the largest workflow and of its project."""
    configure_logging(json_lines=False, level="warning")
    to.mkdir(parents=True, exist_ok=True)
    asyncio.run(_take(data_dir, scale, to))
    leave(0)


async def _take(data_dir: Path, scale: float, to: Path) -> None:
    async with _served(data_dir, scale) as (url, token, pages), _browser() as browser:
        for (width, height), scheme in product(_SIZES, _SCHEMES):
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="light" if scheme == "light" else "dark",
                reduced_motion="reduce",
                extra_http_headers={"Authorization": f"Bearer {token}"},
            )
            page = await context.new_page()
            for name, path in pages.items():
                await page.goto(url.rstrip("/") + path)
                await page.wait_for_load_state("networkidle")
                await page.wait_for_timeout(_SETTLED_MS)
                picture = to / f"{name}-{width}-{scheme}.png"
                await page.screenshot(path=picture)
                print(picture, flush=True)
            await context.close()


@asynccontextmanager
async def _served(data_dir: Path, scale: float) -> AsyncIterator[tuple[str, str, dict[str, str]]]:
    """Its address, a token of the largest tenant's owner, and the paths of the pages."""
    async with open_place(data_dir) as place:
        installation, filled = await filled_database(place, scale)
        project = filled.projects[0]
        async with installation.open_store() as store:
            token = await sign_in(store, 0)
            async with store.write() as reader:
                workflow = await reader.fetchval(
                    "SELECT workflow_id FROM workflow_statistics WHERE project_id = $1 "
                    "ORDER BY total_runs DESC LIMIT 1",
                    project,
                )
        pages = {
            "workflow-statistics": f"/workflows/{workflow}/statistics?last=all",
            "project-statistics": f"/projects/{project}/statistics?last=all",
        }
        environment = clean_environment(**installation.environment() | {"WATCHGLASS_LOG_LEVEL": "info"})
        with Running("--port", str(free_port()), env=environment, command="api") as running:
            url = (await asyncio.to_thread(running.wait_for, "serving"))["url"]
            yield url, token, pages


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    use_our_node()
    async with async_playwright() as playwright:
        found = find_browser(playwright)
        if found is None:
            raise RuntimeError("There is no Chromium. Install one with `playwright install chromium`.")
        async with await playwright.chromium.launch(
            executable_path=found.path, args=list(FLAGS), env={**os.environ, **found.env}
        ) as browser:
            yield browser


if __name__ == "__main__":
    typer.run(main)
