"""A real issuer on 127.0.0.1 that signs with keys of its own."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET, AUDIENCE = "lifecircle", "s3cret/&+", "lifecircle-api"


def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def public_pem(key: Any) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@dataclass
class Issuer:
    """What it signs with, what it publishes, and whom it vouches for."""

    url: str = ""
    keys: dict[str, Any] = field(default_factory=lambda: {"one": rsa_key()})
    claims: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    fetched: int = 0
    says: str | None = None

    def token(self, key: Any = None, alg: str = "RS256", kid: str = "one", **claims: Any) -> str:
        """Return a token; a claim of None is left out."""
        now = int(time.time())
        made = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "u1",
            "iat": now,
            "exp": now + 300,
            "preferred_username": "olga",
            "roles": ["planners"],
            **self.claims,
            **claims,
        }
        content = {name: value for name, value in made.items() if value is not None}
        return jwt.encode(content, key or self.keys[kid], alg, headers={"kid": kid})

    def jwks(self) -> dict[str, Any]:
        """Return the public keys."""
        found = []
        for kid, key in self.keys.items():
            kind = "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "RS256"
            algorithm = jwt.get_algorithm_by_name(kind)
            found.append({**algorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid,
                          "use": "sig", "alg": kind})  # fmt: skip
        return {"keys": found}

    def sign_in(self, url: str) -> dict[str, str]:
        """Take a browser that was led here; return what it brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def redeem(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Answer the token endpoint: the code counts once, with its verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        claims = {"aud": CLIENT, "nonce": asked["nonce"], **self.claims}
        return 200, {"id_token": self.token(**claims), "access_token": "x", "token_type": "Bearer"}


@contextmanager
def serving_issuer() -> Iterator[Issuer]:
    """Serve an issuer while the block runs."""
    issuer = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/jwks":
                issuer.fetched += 1
                self.answer(200, issuer.jwks())
            else:
                self.answer(200, {
                    "issuer": issuer.says or issuer.url,
                    "authorization_endpoint": f"{issuer.url}/authorize",
                    "token_endpoint": f"{issuer.url}/token",
                    "jwks_uri": f"{issuer.url}/jwks",
                })  # fmt: skip

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(*issuer.redeem({n: v[0] for n, v in parse_qs(body).items()}))

        def answer(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
