"""`python -m tests.fuzz.inside TARGET FLAG …`: one target with libFuzzer's flags, in a process that libFuzzer ends."""

import sys
import tempfile
from pathlib import Path

import atheris
from tests.fuzz.targets import TARGETS

_LONGEST_INPUT = 20_000
_SLOWEST_SECONDS = 20
_MEMORY_MB = 3000


def main(name: str, *flags: str) -> None:
    """Never returns."""
    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="watchglass-fuzz-") as directory:
        for number, data in enumerate(target.seeds()):
            (Path(directory) / f"{number:04}").write_bytes(data)
        bounds = (
            f"-max_len={_LONGEST_INPUT}",
            f"-timeout={_SLOWEST_SECONDS}",
            f"-rss_limit_mb={_MEMORY_MB}",
            f"-artifact_prefix={tempfile.gettempdir()}/watchglass-fuzz-{name}-",
        )
        atheris.Setup([sys.argv[0], *flags, *bounds, directory], target.run)
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
