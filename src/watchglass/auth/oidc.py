"""Signing in with an OpenID provider: authorization code with PKCE, state and nonce.

The browser is sent to the provider with a `state`; it comes back with a code, which this process exchanges for an ID
token. What it says counts when it is signed by the provider's keys, is from exactly this issuer for exactly this
client, holds the nonce of this sign-in, and comes to the browser that began it.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import structlog
from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from watchglass.auth.browser import Browser
from watchglass.auth.groups import GroupRole, groups_told, memberships_of
from watchglass.auth.secret import hash_secret, new_secret
from watchglass.auth.sign_in import new_session
from watchglass.auth.tries import begin_oidc_try, forgive
from watchglass.errors import Unavailable
from watchglass.store.members import follow_groups
from watchglass.store.oidc_sign_ins import Pending, begin_oidc, end_oidc
from watchglass.store.scope import Store, Writer
from watchglass.store.sessions import act_as_provider
from watchglass.store.users import (
    add_user,
    change_user,
    find_user_by_email,
    find_user_by_identity,
    link_identity,
)

LIFETIME = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""The provider's own keys alone: neither `none`, nor what a shared secret signs."""
_CLOCKS = 60
"""Seconds that the provider's clock may differ."""
_MAX_BYTES = 256 * 1024
"""Of one answer of the provider."""
_SECONDS = 10
"""For one answer of the provider, to its end."""
_log = structlog.get_logger(__name__)

Reason = Literal["cancelled", "took_too_long", "not_invited", "not_verified", "kept_out", "failed"]


class OidcRefused(Exception):
    """Somebody does not come in; `reason` is what the page has a sentence for."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Rules:
    """Who of the provider's people may come in, and as whom."""

    domains: frozenset[str] = frozenset()
    """Whoever has a verified address there is let in as somebody new. Empty: nobody new."""
    links_by_email: bool = False
    """A verified address makes somebody the person here who has it."""
    admin_claim: tuple[str, str] | None = None
    """The claim, and its value, that makes administrators; the provider then decides, at every sign-in."""
    groups_claim: str = "groups"
    """The claim that holds the groups of a person."""
    group_roles: tuple[GroupRole, ...] = ()
    """Which memberships of projects those bring, at every sign-in."""

    @property
    def claims(self) -> frozenset[str]:
        """What has to be known of a person."""
        admin = {self.admin_claim[0]} if self.admin_claim else set()
        return frozenset({"email"} | admin | ({self.groups_claim} if self.group_roles else set()))


@dataclass(slots=True)
class Provider:
    """One OpenID provider, which is asked when the first person comes."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    """None: a public client, which PKCE alone protects."""
    name: str
    rules: Rules
    scopes: str = "openid profile email"
    """What it is asked to tell."""
    _metadata: Mapping[str, Any] | None = field(default=None, init=False, repr=False)
    _keys: KeySet | None = field(default=None, init=False, repr=False)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)

    async def begin(self, store: Store, redirect_uri: str, browser: Browser) -> tuple[str, str]:
        """Where to send the browser, and a secret that it has to bring back.

        Raises:
            TooMany: it was tried too often.
            Unavailable: the provider does not answer, or is none.
        """
        secret = new_secret()
        await begin_oidc_try(store, browser, hash_secret(secret), way="to")
        metadata = await self._known()
        pending = Pending(new_secret(), new_secret(), generate_token(64), redirect_uri)
        async with store.door() as door:
            await begin_oidc(door, browser_hash=hash_secret(secret), pending=pending, lifetime=LIFETIME)
        url = prepare_grant_uri(
            metadata["authorization_endpoint"],
            client_id=self.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=self.scopes,
            state=pending.state,
            nonce=pending.nonce,
            code_challenge=create_s256_code_challenge(pending.code_verifier),
            code_challenge_method="S256",
        )
        return str(url), secret

    async def finish(
        self, store: Store, browser_secret: str, answer: Mapping[str, str], browser: Browser, *, replaced: str | None
    ) -> str:
        """The secret of a new session, for what the provider sent the browser back with.

        Raises:
            OidcRefused: the person does not come in.
            TooMany: it was tried too often.
            Unavailable: the provider does not answer.
        """
        if not browser_secret:
            raise OidcRefused("took_too_long", "this browser began no sign-in")
        try_id = await begin_oidc_try(store, browser, hash_secret(browser_secret), way="from")
        async with store.door() as door:
            pending = await end_oidc(door, hash_secret(browser_secret))
        if pending is None:
            raise OidcRefused("took_too_long", "this browser began no sign-in, or more than ten minutes ago")
        if answer.get("state") != pending.state:
            raise OidcRefused("failed", "the answer is to another sign-in")
        metadata = await self._known()
        self._refuse_other_issuer(answer, metadata)
        if "code" not in answer:
            reason: Reason = "cancelled" if answer.get("error") == "access_denied" else "failed"
            raise OidcRefused(reason, f"the provider says {answer.get('error', 'nothing')!r}")
        tokens = await self._tokens(metadata, answer["code"], pending)
        claims = await self._claims(metadata, tokens, pending.nonce)
        async with store.door() as door:
            user_id = await self._person(door, claims)
            session = await new_session(door, user_id, browser, method="oidc", replaced=replaced)
        if session is None:
            raise OidcRefused("kept_out", f"user {user_id} is disabled")
        await forgive(store, try_id)
        return session

    def _refuse_other_issuer(self, answer: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """RFC 9207: whoever says who they are must be the one that was asked."""
        said = answer.get("iss")
        if said is None and metadata.get("authorization_response_iss_parameter_supported"):
            raise OidcRefused("failed", "the answer does not say which provider it is from")
        if said is not None and said != self.issuer:
            raise OidcRefused("failed", f"the answer is from {said!r}")

    async def _tokens(self, metadata: Mapping[str, Any], code: str, pending: Pending) -> Mapping[str, Any]:
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=pending.redirect_uri,
            code_verifier=pending.code_verifier,
        )
        auth = ClientAuth(self.client_id, self.client_secret, self._authentication(metadata))
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        url, headers, body = auth.prepare("POST", metadata["token_endpoint"], headers, body)
        return await self._ask(httpx.Request("POST", url, headers=headers, content=body))

    def _authentication(self, metadata: Mapping[str, Any]) -> str:
        if self.client_secret is None:
            return "none"
        offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"

    async def _claims(self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        if not isinstance(tokens.get("id_token"), str):
            raise OidcRefused("failed", f"the provider gives no ID token: {tokens.get('error')!r}")
        token = await self._verified(metadata, tokens["id_token"])
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        params = {"nonce": nonce, "client_id": self.client_id, "access_token": tokens.get("access_token")}
        claims = CodeIDToken(token.claims, token.header, options, params)
        try:
            claims.validate(leeway=_CLOCKS)
        except JoseError as error:
            raise OidcRefused("failed", f"the ID token is not for this sign-in: {error}") from error
        if claims["aud"] not in (self.client_id, [self.client_id]):
            raise OidcRefused("failed", "the ID token is for others too")
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise OidcRefused("failed", "the ID token says not whose it is")
        return dict(claims) | await self._userinfo(metadata, tokens, claims)

    async def _verified(self, metadata: Mapping[str, Any], token: str) -> jwt.Token:
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[each for each in offered if each in _SIGNED_BY], strict_check_header=False)
        try:
            try:
                return jwt.decode(token, await self._key_set(metadata), registry=registry)
            except InvalidKeyIdError:
                # Keys change; a key that is new to us may be new to them.
                return jwt.decode(token, await self._key_set(metadata, anew=True), registry=registry)
        except (JoseError, ValueError) as error:
            raise OidcRefused("failed", f"the ID token is not signed as it should be: {error}") from error

    async def _userinfo(
        self, metadata: Mapping[str, Any], tokens: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the ID token leaves out; many providers keep addresses and groups for those who ask."""
        endpoint, token = metadata.get("userinfo_endpoint"), tokens.get("access_token")
        wanted = self.rules.claims
        if not endpoint or not token or wanted <= claims.keys():
            return {}
        found = await self._ask(httpx.Request("GET", endpoint, headers={"Authorization": f"Bearer {token}"}))
        if found.get("sub") != claims["sub"]:
            raise OidcRefused("failed", "the provider's user info is somebody else's")
        told = {"email", "email_verified", "name", "preferred_username", *wanted}
        return {name: value for name, value in found.items() if name in told and name not in claims}

    async def _person(self, door: Writer, claims: Mapping[str, Any]) -> UUID:
        """Who the provider's person is here: whom they were before, whom their address says, or somebody new."""
        await act_as_provider(door)
        user_id = await find_user_by_identity(door, issuer=self.issuer, subject=claims["sub"])
        if user_id is None:
            user_id = await self._newcomer(door, claims)
            await link_identity(door, issuer=self.issuer, subject=claims["sub"], user_id=user_id)
        if self.rules.admin_claim:
            name, wanted = self.rules.admin_claim
            given = claims.get(name)
            is_admin = wanted in given if isinstance(given, list) else str(given) == wanted
            if await change_user(door, user_id, is_admin=is_admin, is_disabled=None) == "last_admin":
                _log.warning("last_admin_stays", message="The provider makes the last administrator one no more.")
        await self._follow_groups(door, user_id, claims)
        return user_id

    async def _follow_groups(self, door: Writer, user_id: UUID, claims: Mapping[str, Any]) -> None:
        """Memberships by groups become those that the provider tells of now; without a word of it, none."""
        claim = self.rules.groups_claim
        groups = groups_told(claims.get(claim))
        if groups is None:
            groups = frozenset()
            if self.rules.group_roles:
                found = type(claims[claim]).__name__ if claim in claims else "nothing"
                _log.warning("oidc_groups_unreadable", claim=claim, found=found, user_id=str(user_id))
        for project_id, undone in await follow_groups(door, user_id, memberships_of(groups, self.rules.group_roles)):
            _log.warning("oidc_group_not_followed", reason=undone, project_id=str(project_id), user_id=str(user_id))

    async def _newcomer(self, door: Writer, claims: Mapping[str, Any]) -> UUID:
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            raise OidcRefused("not_verified", f"subject {claims['sub']!r} has no verified e-mail address")
        known = await find_user_by_email(door, email)
        if known is not None:
            if self.rules.links_by_email:
                return known
            raise OidcRefused("not_invited", "somebody here has the address, and addresses do not link (see the docs)")
        if email.rpartition("@")[2].lower() not in self.rules.domains:
            raise OidcRefused("not_invited", "the e-mail address is of no allowed domain")
        return await self._add(door, claims, email)

    async def _add(self, door: Writer, claims: Mapping[str, Any], email: str) -> UUID:
        called = claims.get("preferred_username")
        for name in (called, email):
            if isinstance(name, str) and 0 < len(name) <= 100 and name.isprintable():
                user_id = await add_user(door, name=name, email=email, is_admin=False, password_hash=None)
                if user_id is not None:
                    return user_id
        raise OidcRefused("failed", "somebody here has the name and the address already")

    async def _known(self) -> Mapping[str, Any]:
        """What the provider says of itself; asked once."""
        async with self._asking:
            if self._metadata is None:
                url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
                found = await self._ask(httpx.Request("GET", url))
                if found.get("issuer") != self.issuer:
                    self._refuse_metadata(f"it calls itself {found.get('issuer')!r}")
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not _is_safe(found.get(name)):
                        self._refuse_metadata(f"its {name} is no https address")
                if found.get("userinfo_endpoint") and not _is_safe(found["userinfo_endpoint"]):
                    self._refuse_metadata("its userinfo_endpoint is no https address")
                self._metadata = found
            return self._metadata

    async def _key_set(self, metadata: Mapping[str, Any], *, anew: bool = False) -> KeySet:
        if self._keys is None or anew:
            found = await self._ask(httpx.Request("GET", metadata["jwks_uri"]))
            self._keys = KeySet.import_key_set({"keys": [key for key in found.get("keys", []) if _signs(key)]})
        return self._keys

    async def _ask(self, request: httpx.Request) -> Mapping[str, Any]:
        """JSON of the provider, also where it is that of an error."""
        try:
            async with (
                asyncio.timeout(_SECONDS),
                httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False) as client,
            ):
                found = json.loads(await _read_bounded(client, request))
        except (httpx.HTTPError, ValueError, TimeoutError) as error:
            _log.warning("oidc_unavailable", url=str(request.url.copy_with(query=None)), error=type(error).__name__)
            raise Unavailable(f"The OpenID provider {self.name} does not answer. Try again in a moment.") from error
        if not isinstance(found, dict):
            self._refuse_metadata("it answers with something else")
        return found

    def _refuse_metadata(self, detail: str) -> NoReturn:
        _log.warning("oidc_misconfigured", issuer=self.issuer, detail=detail)
        raise Unavailable(
            f"{self.issuer} is no OpenID provider that can be used: {detail}. Check WATCHGLASS_OIDC_ISSUER."
        )


async def _read_bounded(client: httpx.AsyncClient, request: httpx.Request) -> bytes:
    """The body of the answer. Raises ValueError when it is longer than `_MAX_BYTES`, or compressed."""
    # Compressed, a few kilobytes could unfold to gigabytes before anybody counts them.
    request.headers["Accept-Encoding"] = "identity"
    answer = await client.send(request, stream=True)
    try:
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise ValueError("The provider's answer is compressed, which it was asked not to be.")
        body = bytearray()
        async for part in answer.aiter_raw():
            body += part
            if len(body) > _MAX_BYTES:
                raise ValueError(f"The provider's answer is longer than {_MAX_BYTES} bytes.")
        return bytes(body)
    finally:
        await answer.aclose()


def _is_safe(url: object) -> bool:
    """https; or http where it does not leave this machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"))


def _signs(key: Mapping[str, Any]) -> bool:
    return bool(key.get("use", "sig") == "sig")
