"""`watchglass up`: everything in one command."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop

from watchglass.cli.listen import AllowedHost, BehindTls, Host, TrustedProxy, reach
from watchglass.cli.supervise import Options, supervise
from watchglass.config import Settings, observed_profile
from watchglass.logging import configure_logging
from watchglass.memory import keep_few_arenas


def up(
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65_535, help="Port of the page; by default 8780 or the next free one."),
    ] = None,
    host: Host = "127.0.0.1",
    behind_tls: BehindTls = False,
    allowed_host: AllowedHost = None,
    trusted_proxy: TrustedProxy = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where everything is kept between starts.")] = None,
    demo: Annotated[bool, typer.Option(help="Run the demo workflows.")] = True,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser when ready.")] = False,
    json_log: Annotated[bool, typer.Option(help="Log JSON lines, for programs that start Watchglass.")] = False,
) -> None:
    """Start Watchglass with everything it needs; Ctrl-C stops it, and the next start carries on."""
    wanted = reach(host, is_behind_tls=behind_tls, names=allowed_host, proxies=trusted_proxy)
    settings = Settings.read(data_dir=data_dir)
    configure_logging(json_lines=json_log, level=settings.log_level)
    keep_few_arenas()
    profile = observed_profile()
    options = Options(
        reach=wanted,
        port=port,
        data_dir=settings.data_dir.expanduser().resolve(),
        demo=demo and profile is None,
        open_page=open_page,
        json_log=json_log,
    )
    uvloop.run(supervise(options, settings, profile))
