from pathlib import Path

from watchglass.embedded.secret import read_or_create_secret


class TestReadOrCreateSecret:
    def test_only_its_owner_can_read_the_file(self, data_dir: Path) -> None:
        read_or_create_secret(data_dir / "secret")
        assert (data_dir / "secret").stat().st_mode & 0o777 == 0o600

    def test_it_stays_the_same(self, data_dir: Path) -> None:
        first = read_or_create_secret(data_dir / "secret")
        assert len(first) >= 43
        assert read_or_create_secret(data_dir / "secret") == first

    def test_two_places_have_two_secrets(self, data_dir: Path) -> None:
        assert read_or_create_secret(data_dir / "one") != read_or_create_secret(data_dir / "two")
