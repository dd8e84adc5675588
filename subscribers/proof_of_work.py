"""Proof of work, off unless SUBSCRIBERS_PROOF_OF_WORK is set: a puzzle that takes a browser about a second, once.

Challenges are made and checked by ALTCHA's own library, by version 1 of its protocol, which our script proof.js
implements (https://altcha.org/docs/v2/server-integration).
The library ends the salt with a delimiter, so that no digit of the
number can be moved into the time that is signed with it.
"""

import hmac
from base64 import b64decode
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Literal

import orjson
from django.conf import settings
from django.utils import timezone

from subscribers import app_settings, rate_limits

GOOD_FOR = timedelta(hours=1)
LONGEST = 2_000
ALGORITHM: Literal["SHA-256"] = "SHA-256"
FIELDS = {"algorithm": str, "challenge": str, "number": int, "salt": str, "signature": str}


@dataclass(frozen=True, slots=True)
class Challenge:
    """A puzzle: find the number up to `maxnumber` with which SHA-256 of salt and number is `challenge`."""

    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str

    def as_json(self) -> str:
        """Return the challenge for the page's script."""
        return orjson.dumps(asdict(self)).decode()


def make_challenge() -> Challenge | None:
    """Return a new challenge, or None if this site does not ask for one."""
    most = app_settings.proof_of_work()
    if not most:
        return None
    from altcha.v1 import ChallengeOptions, create_challenge

    made = create_challenge(
        ChallengeOptions(
            algorithm=ALGORITHM,
            max_number=most,
            hmac_key=_key(settings.SECRET_KEY),
            expires=timezone.now() + GOOD_FOR,
        )
    )
    return Challenge(made.algorithm, made.challenge, made.max_number, made.salt, made.signature)


def is_solved(solution: str) -> bool:
    """Return whether this is the solution of one of our challenges, in time and not used before."""
    if not app_settings.proof_of_work():
        return True
    said = _read(solution)
    if said is None or not any(map(said.is_right, (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))):
        return False
    # No challenge is valid for longer than this from now, so its solution is remembered until then, even past
    # midnight.
    return rate_limits.is_first("proof", said.challenge, until=timezone.now() + GOOD_FOR)


@dataclass(frozen=True, slots=True)
class _Solution:
    algorithm: str
    challenge: str
    number: int
    salt: str
    signature: str

    def is_right(self, secret: str) -> bool:
        """Return whether the challenge was signed with this key, is solved, and is in time."""
        from altcha.v1 import Payload, verify_solution

        payload = Payload(ALGORITHM, self.challenge, self.number, self.salt, self.signature)
        right, _why_not = verify_solution(payload, _key(secret))
        return right


def _read(solution: str) -> _Solution | None:
    if len(solution) > LONGEST:
        return None
    try:
        said = orjson.loads(b64decode(solution, validate=True))
        fields = {name: said[name] for name in FIELDS}
    except (ValueError, KeyError, TypeError):
        return None
    if (
        any(type(fields[name]) is not kind for name, kind in FIELDS.items())
        or fields["algorithm"] != ALGORITHM
    ):
        return None
    return _Solution(**fields)


def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"subscribers.proof_of_work", "sha256")
