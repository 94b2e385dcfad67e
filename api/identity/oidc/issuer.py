"""Issuer: sign-in by authorization code with PKCE, and verification of its tokens."""

import hmac
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import jwt

from api.errors import SignInError
from api.identity.caller import Caller, Known
from api.identity.oidc.fetch import check_address, fetch_json
from api.identity.oidc.role_claims import read_mapping, roles_of
from api.identity.oidc.signing_keys import SigningKeys
from api.settings import Settings
from geo.errors import InputError, UnavailableError

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures that count: by private keys only, never `none`, never a shared secret."""

SKEW_S: Final = 60
"""By how much the clocks of issuer and service may differ, seconds."""

_LONGEST_NAME: Final = 100
_DISCOVERY: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a browser keeps between leaving for the issuer and coming back."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "Attempt":
        """Return an attempt with new random values."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    @property
    def challenge(self) -> str:
        """The verifier as the issuer sees it first (RFC 7636, S256)."""
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).decode().rstrip("=")


class Issuer:
    """The issuer that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self.url = check_address(settings.oidc_issuer, name="oidc_issuer")
        self._settings = settings
        self._mapped = read_mapping(settings.oidc_roles)
        self._guard = Lock()
        self._discovered: dict[str, Any] | None = None
        self._keys = SigningKeys(lambda: fetch_json(self._endpoint("jwks_uri")))

    def sign_in_url(self, attempt: Attempt, *, redirect_uri: str) -> str:
        """Return where a browser goes to sign in."""
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def redeem(self, code: str, attempt: Attempt, *, redirect_uri: str) -> Caller:
        """Return who signed in, for the code that the browser brought back.

        Raises
        ------
        SignInError
            If the issuer vouches for nobody.
        UnavailableError
            If it does not answer.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._settings.oidc_client_id,
            "code_verifier": attempt.verifier,
        }
        secret, headers = self._settings.oidc_client_secret, {}
        if secret and self._takes_basic():
            both = f"{quote_plus(self._settings.oidc_client_id)}:{quote_plus(secret)}"
            headers = {"Authorization": f"Basic {b64encode(both.encode()).decode()}"}
        elif secret:
            form["client_secret"] = secret
        answer = fetch_json(self._endpoint("token_endpoint"), form=form, headers=headers)
        claims = self._verified(str(answer.get("id_token", "")), self._settings.oidc_client_id)
        if claims is None or not hmac.compare_digest(
            str(claims.get("nonce", "")).encode(), attempt.nonce.encode()
        ):
            raise SignInError("issuer.other_sign_in")
        if claims.get("azp", self._settings.oidc_client_id) != self._settings.oidc_client_id:
            raise SignInError("issuer.other_program")
        return self._caller(claims)

    def caller_of(self, token: str) -> Caller | None:
        """Return whom an access token vouches for; None if it vouches for nobody."""
        audience = self._settings.oidc_audience
        claims = self._verified(token, audience) if audience else None
        return None if claims is None else self._caller(claims)

    def _verified(self, token: str, audience: str) -> dict[str, Any] | None:
        """Return the claims of a token that the issuer signed for an audience; else None."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = self._keys.key(kid) if isinstance(kid, str) else None
            if key is None:
                return None
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=audience,
                issuer=self.url,
                leeway=SKEW_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            return None
        return claims

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        said = claims.get(self._settings.oidc_name_claim) or claims["sub"]
        name = "".join(c for c in str(said) if c.isprintable())[:_LONGEST_NAME]
        roles = roles_of(claims, self._settings.oidc_roles_claim, self._mapped)
        return Caller(f"oidc:{name}", roles, Known.TOKEN)

    def _endpoint(self, name: str) -> str:
        url = self._discovery().get(name)
        if not isinstance(url, str):
            raise UnavailableError("issuer.tells_no", name=name)
        return check_address(url, name=name)

    def _takes_basic(self) -> bool:
        methods = self._discovery().get("token_endpoint_auth_methods_supported")
        return not isinstance(methods, list) or "client_secret_basic" in methods

    def _discovery(self) -> dict[str, Any]:
        """Return what the issuer tells of itself, fetched once."""
        with self._guard:
            if self._discovered is None:
                found = fetch_json(self.url.rstrip("/") + _DISCOVERY)
                if found.get("issuer") != self.url:
                    raise UnavailableError("issuer.other_name")
                self._discovered = found
            return self._discovered


def issuer_of(settings: Settings) -> Issuer | None:
    """Return the issuer that the settings name; None if they name none.

    Raises
    ------
    InputError
        If they do not fit together.
    """
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id or not settings.oidc_roles:
        raise InputError("issuer.alone")
    if settings.oidc_audience == settings.oidc_client_id:
        raise InputError("issuer.own_audience")
    return Issuer(settings)
