"""An OpenID Connect provider on a loopback socket: it logs in whom it is told, and can lie in each way."""

import base64
import hashlib
import json
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote_plus, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

CLIENT, SECRET = "newsletter", "s3cret+of/the client"


class OpenIdProvider:
    """`claims` is what the next proof says of the person; a test changes what is wrong."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.key, self.other_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.claims = {"sub": "u-1", "preferred_username": "nina@example.org", "roles": ["news-editors"]}
        # What is only told at the address for it, unless it is None.
        self.userinfo = None
        self.wrong = {}
        self.drop = ()
        self.signed_by = self.key
        self.algorithm, self.token = "ES256", None
        self.discovery = {}
        self.answers = {}
        self.hangs = set()
        self.codes = {}
        self.asked = Counter()
        self.queries = []
        self.released = threading.Event()

    def document(self):
        found = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **({"userinfo_endpoint": f"{self.issuer}/userinfo"} if self.userinfo is not None else {}),
            **self.discovery,
        }
        return {name: value for name, value in found.items() if value is not None}

    def keys(self):
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "1", "use": "sig", "alg": "ES256"}]}

    def authorize(self, query):
        """Return where the browser is sent: back, with a code."""
        self.queries.append(query)
        code = f"code-{len(self.queries)}"
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def tokens(self, form, authorization):
        """Return the status and the answer of the token endpoint, once for each code."""
        name, _colon, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        client = (unquote_plus(name), unquote_plus(secret)) if authorization else (
            form.get("client_id"), form.get("client_secret")
        )  # fmt: skip
        if client != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        query = self.codes.pop(form.get("code"), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            query is None
            or form.get("redirect_uri") != query["redirect_uri"]
            or query.get("code_challenge_method") != "S256"
            or challenge != query.get("code_challenge")
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "access-1", "token_type": "Bearer", "id_token": self.proof(query)}

    def proof(self, query):
        if self.token is not None:
            return self.token
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": query["nonce"],
            **self.claims,
            **self.wrong,
        }
        kept = {name: value for name, value in claims.items() if name not in self.drop}
        return jwt.encode(kept, self.signed_by, algorithm=self.algorithm, headers={"kid": "1"})


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        """Say nothing."""

    def do_GET(self):
        provider, parts = self.server.provider, urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", provider.authorize(query))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif parts.path == "/userinfo":
            right = self.headers.get("Authorization") == "Bearer access-1"
            self.answer(parts.path, 200 if right else 401, provider.userinfo or {})
        elif parts.path == "/keys":
            self.answer(parts.path, 200, provider.keys())
        elif parts.path == "/.well-known/openid-configuration":
            self.answer(parts.path, 200, provider.document())
        else:
            self.answer(parts.path, 404, {})

    def do_POST(self):
        provider = self.server.provider
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.answer("/token", *provider.tokens(form, self.headers.get("Authorization", "")))

    def answer(self, path, status, document):
        provider = self.server.provider
        provider.asked[path] += 1
        if path in provider.hangs:
            provider.released.wait(30)
            return
        status, body = provider.answers.get(path, (status, json.dumps(document).encode()))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def openid_provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.provider = OpenIdProvider(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.provider
    finally:
        server.provider.released.set()
        server.shutdown()
        server.server_close()
