"""Tokens can be told from other text, and secrets are never alike."""

import pytest

from watchglass.auth.credential import Credential, Method, credential_of
from watchglass.auth.secret import hash_secret, is_token, new_secret, new_token


class TestTokens:
    def test_a_new_token_is_one(self) -> None:
        tokens = [new_token() for _ in range(100)]
        assert all(is_token(token) and len(token) == 3 + 32 + 6 for token in tokens)
        assert len(set(tokens)) == 100

    def test_one_changed_character_is_noticed(self) -> None:
        token = new_token()
        for place in range(3, len(token)):
            other = "0" if token[place] != "0" else "1"
            assert not is_token(token[:place] + other + token[place + 1 :])

    @pytest.mark.parametrize("text", ["", "wg_", "wg_" + "a" * 38, "xx_" + "a" * 38, "wg_" + "é" * 38])
    def test_other_text_is_none(self, text: str) -> None:
        assert not is_token(text)


class TestSecrets:
    def test_secrets_differ_and_hold_256_bits(self) -> None:
        secrets = {new_secret() for _ in range(100)}
        assert len(secrets) == 100
        assert all(len(secret) == 43 for secret in secrets)

    def test_any_text_can_be_hashed(self) -> None:
        assert len(hash_secret("\ud800 é \x00")) == 32


class TestCredentials:
    def test_the_header_decides_over_the_cookie(self) -> None:
        token = new_token()
        cookies = {"watchglass_session": "s"}
        found = credential_of({"authorization": f"bearer {token}"}, cookies, is_behind_tls=False)
        assert found == Credential(Method.TOKEN, token)
        assert credential_of({"authorization": "Bearer nonsense"}, cookies, is_behind_tls=False) is None

    def test_without_a_header_the_cookie_counts(self) -> None:
        session = Credential(Method.SESSION, "s")
        assert credential_of({}, {"watchglass_session": "s"}, is_behind_tls=False) == session
        assert credential_of({}, {}, is_behind_tls=False) is None

    def test_behind_tls_only_the_cookie_that_one_host_keeps_counts(self) -> None:
        session = Credential(Method.SESSION, "s")
        assert credential_of({}, {"__Host-session": "s"}, is_behind_tls=True) == session
        assert credential_of({}, {"watchglass_session": "s"}, is_behind_tls=True) is None
        assert credential_of({}, {"__Host-session": "s"}, is_behind_tls=False) is None

    def test_a_credential_does_not_show_its_secret(self) -> None:
        assert "abc" not in repr(Credential(Method.SESSION, "abc"))
