import pytest

from watchglass.cli.database import with_login


class TestWithLogin:
    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("postgresql://admin:x@127.0.0.1:5432/db", "postgresql://reader:a%2Fb@127.0.0.1:5432/db"),
            ("postgresql://127.0.0.1/db?sslmode=require", "postgresql://reader:a%2Fb@127.0.0.1/db?sslmode=require"),
            ("postgresql://admin:p%40ss@[::1]:5432/db", "postgresql://reader:a%2Fb@[::1]:5432/db"),
        ],
    )
    def test_only_user_and_password_change(self, url: str, expected: str) -> None:
        assert with_login(url, "reader", "a/b") == expected
