from pathlib import Path

import pytest

from watchglass.config import OBSERVE_VARIABLES, Settings, observed_profile
from watchglass.errors import StartupError


class TestSettings:
    def test_the_environment_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WATCHGLASS_DATA_DIR", "/somewhere")
        assert Settings.read().data_dir == Path("/somewhere")

    def test_the_command_line_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WATCHGLASS_DATA_DIR", "/somewhere")
        assert Settings.read(data_dir=Path("/else")).data_dir == Path("/else")

    def test_what_the_command_line_leaves_out_does_not_count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WATCHGLASS_DATA_DIR", "/somewhere")
        assert Settings.read(data_dir=None).data_dir == Path("/somewhere")

    def test_a_wrong_value_is_a_sentence_that_names_it_and_does_not_repeat_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("WATCHGLASS_ROLE_SUFFIX", "Robert'; drop")
        with pytest.raises(StartupError, match=r"WATCHGLASS_ROLE_SUFFIX: .*Correct it") as caught:
            Settings.read()
        assert "Robert" not in caught.value.message

    @pytest.mark.parametrize("name", ["WATCHGLASS_TEMPORAL_UI_ADDRESS", "WATCHGLASS_TEMPORAL_HTTP_ADDRESS"])
    @pytest.mark.parametrize(
        ("url", "fault"),
        [
            ("temporal.example", "begins with http:// or https:// and names a host"),
            ("https://", "begins with http:// or https:// and names a host"),
            ("https://ada:secret@temporal.example", "holds no user name or password"),
            ("https://temporal.example/?a=b", "has no ?"),
        ],
    )
    def test_an_address_is_held_to_the_rule_of_a_connections(
        self, monkeypatch: pytest.MonkeyPatch, name: str, url: str, fault: str
    ) -> None:
        monkeypatch.setenv(name, url)
        with pytest.raises(StartupError) as caught:
            Settings.read()
        assert f"{name}: the address {fault}" in caught.value.message
        assert "secret" not in caught.value.message

    def test_an_address_has_no_slash_at_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WATCHGLASS_TEMPORAL_UI_ADDRESS", "https://temporal.example/ui/")
        assert Settings.read().temporal_ui_address == "https://temporal.example/ui"


class TestObservedProfile:
    @pytest.fixture(autouse=True)
    def nothing_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in (*OBSERVE_VARIABLES, "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY"):
            monkeypatch.delenv(name, raising=False)

    def test_nothing_named_is_nothing_observed(self) -> None:
        assert observed_profile() is None

    def test_address_and_namespace_come_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:7233")
        monkeypatch.setenv("TEMPORAL_NAMESPACE", "shop")
        profile = observed_profile()
        assert profile is not None
        assert (profile.address, profile.namespace) == ("127.0.0.1:7233", "shop")

    def test_a_profile_of_a_toml_file_can_be_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        file = tmp_path / "temporal.toml"
        file.write_text('[profile.shop]\naddress = "127.0.0.1:7234"\nnamespace = "orders"\n')
        monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
        monkeypatch.setenv("TEMPORAL_PROFILE", "shop")
        profile = observed_profile()
        assert profile is not None
        assert (profile.address, profile.namespace) == ("127.0.0.1:7234", "orders")

    def test_a_profile_without_an_address_is_refused(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        file = tmp_path / "temporal.toml"
        file.write_text('[profile.default]\nnamespace = "orders"\n')
        monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
        with pytest.raises(StartupError, match="has no address"):
            observed_profile()

    def test_a_file_that_cannot_be_read_is_named(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        file = tmp_path / "temporal.toml"
        file.write_text("not toml = = =")
        monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
        with pytest.raises(StartupError, match="cannot be read"):
            observed_profile()
