"""Proof of work, off unless SUBSCRIBERS_PROOF_OF_WORK says how much: a sum that costs a browser a second, once.

Challenge and solution are those of ALTCHA (https://altcha.org/docs/v2/server-integration), made and checked here.
"""

import hmac
import secrets
import time
from base64 import b64decode
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256

import orjson
from django.conf import settings

from subscribers import conf, limits

GOOD_FOR = timedelta(hours=1)
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Challenge:
    """Find the number below `maxnumber` with which SHA-256 of salt and number is `challenge`."""

    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str

    def as_json(self) -> str:
        """For the page's script."""
        return orjson.dumps(asdict(self)).decode()


def make() -> Challenge | None:
    """A new challenge; None when this site asks for none."""
    most = conf.proof_of_work()
    if not most:
        return None
    salt = f"{secrets.token_hex(12)}?expires={int(time.time() + GOOD_FOR.total_seconds())}"
    challenge = _hash(salt, secrets.randbelow(most))
    return Challenge("SHA-256", challenge, most, salt, _signature(challenge))


def holds(solution: str) -> bool:
    """Whether this is the solution of a challenge of ours, in time and not used before."""
    if not conf.proof_of_work():
        return True
    found = _read(solution)
    if found is None:
        return False
    challenge, salt, number, signature = found
    expires = salt.rpartition("?expires=")[2]
    return (
        hmac.compare_digest(signature.encode(), _signature(challenge).encode())
        and _hash(salt, number) == challenge
        and expires.isascii()
        and expires.isdigit()
        and time.time() < int(expires)
        and limits.allows("proof", challenge, at_most=1, span=timedelta(days=1))
    )


def _read(solution: str) -> tuple[str, str, int, str] | None:
    if len(solution) > LONGEST:
        return None
    try:
        said = orjson.loads(b64decode(solution, validate=True))
        challenge, salt, number, signature = (said[k] for k in ("challenge", "salt", "number", "signature"))
    except (ValueError, KeyError, TypeError):
        return None
    texts = (challenge, salt, signature)
    if not all(isinstance(text, str) for text in texts) or type(number) is not int:
        return None
    return challenge, salt, number, signature


def _hash(salt: str, number: int) -> str:
    return sha256(f"{salt}{number}".encode("utf-8", "surrogatepass")).hexdigest()


def _signature(challenge: str) -> str:
    key = hmac.digest(settings.SECRET_KEY.encode(), b"subscribers.proof", "sha256")
    return hmac.digest(key, challenge.encode("utf-8", "surrogatepass"), "sha256").hex()
