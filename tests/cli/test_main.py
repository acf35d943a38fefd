import pytest

from watchglass.cli.main import run


class TestRun:
    def test_help_succeeds(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["--help"]) == 0
        assert "up" in capsys.readouterr().out

    def test_an_unknown_command_is_a_usage_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["fly"]) == 2
        assert "fly" in capsys.readouterr().err

    def test_a_public_host_is_refused_in_one_sentence(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["up", "--host", "0.0.0.0"]) == 2
        assert capsys.readouterr().err.startswith("watchglass: Watchglass does not listen on 0.0.0.0")
