"""A short run of each fuzzer, always the same inputs. Longer ones: `python -m tests.fuzz --seconds 60`."""

import sys

import pytest
from tests.fuzz.__main__ import NAMES, fuzz_apart, summary

RUNS = 1500


@pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info >= (3, 14), reason="atheris has wheels for Linux and Python up to 3.13"
)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_what_is_promised_comes_of_any_input(name: str) -> None:
    code, told = fuzz_apart(name, seconds=0, runs=RUNS, seed=1)
    assert code == 0, told[-4000:]
    assert "inputs in" in summary(told), told[-2000:]
