"""What SendGrid asks of a Mail Send request, in our own words, as far as a request of ours could break it.

Source: the OpenAPI description, spec/json/tsg_mail_v3.json in https://github.com/twilio/sendgrid-oai, and the limits on
https://www.twilio.com/docs/sendgrid/api-reference/mail-send
"""

import orjson

MAX_PEOPLE = 1_000
MAX_BYTES = 30_000_000
MAX_BYTES_OF_A_PERSON = 10_000
MAX_CATEGORIES, LONGEST_CATEGORY = 10, 255
RESERVED_HEADERS = {
    *("x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"),
    *("to", "from", "subject", "reply-to", "cc", "bcc"),
}

# A name with `!` must be there; what stands under `str` may have any name.
WORDS = {str: str}
SWITCH = {"enable": bool}
MAILBOX = {"email!": str, "name": str}
PERSON = {"to!": [MAILBOX], "headers": WORDS, "substitutions": WORDS, "custom_args": WORDS}
REQUEST = {
    "personalizations!": [PERSON],
    "from!": MAILBOX,
    "reply_to": MAILBOX,
    "subject!": str,
    "content!": [{"type!": str, "value!": str}],
    "headers": WORDS,
    "categories": [str],
    "mail_settings": {"sandbox_mode": SWITCH},
    "tracking_settings": {
        "subscription_tracking": SWITCH,
        "open_tracking": SWITCH,
        "click_tracking": {**SWITCH, "enable_text": bool},
    },
}


def faults_in(request):
    """Why SendGrid would refuse this request; empty when it would take it."""
    return list(misfits(REQUEST, request, "request")) or [
        *_faults_of_all(request),
        *_faults_of_each(request),
    ]


def misfits(shape, value, where):
    """Where a document has another shape than it should."""
    kind = shape if isinstance(shape, type) else type(shape)
    if not isinstance(value, kind):
        yield f"{where} is no {kind.__name__}"
    elif isinstance(shape, list):
        for place, each in enumerate(value):
            yield from misfits(shape[0], each, f"{where}[{place}]")
    elif isinstance(shape, dict):
        inner = (
            dict.fromkeys(value, shape[str]) if str in shape else {n.rstrip("!"): s for n, s in shape.items()}
        )
        needed = {name.rstrip("!") for name in shape if name is not str and name.endswith("!")}
        yield from (f"{where} has no {name}" for name in needed - value.keys())
        yield from (f"{where} may not have {name}" for name in value.keys() - inner.keys())
        for name in value.keys() & inner.keys():
            yield from misfits(inner[name], value[name], f"{where}.{name}")


def _faults_of_all(request):
    people, categories = request["personalizations"], request.get("categories", [])
    addresses = [to["email"].lower() for person in people for to in person["to"]]
    kinds = [part["type"] for part in request["content"]]
    rules = {
        "between 1 and 1,000 people": 1 <= len(people) <= MAX_PEOPLE >= len(addresses),
        "nobody twice": len(addresses) == len(set(addresses)),
        "somebody in every personalization": all(person["to"] for person in people),
        "a subject and content": request["subject"] and all(part["value"] for part in request["content"]),
        "text before HTML": kinds == ["text/plain", "text/html"],
        "at most 10 categories, each once": len(set(categories)) == len(categories) <= MAX_CATEGORIES,
        "short categories": all(len(category) <= LONGEST_CATEGORY for category in categories),
        "less than 30 MB": len(orjson.dumps(request)) < MAX_BYTES,
    }
    return [f"it needs {rule}" for rule, holds in rules.items() if not holds]


def _faults_of_each(request):
    for place, person in enumerate(request["personalizations"]):
        rules = {
            "substitutions under 10,000 bytes": _bytes_of(person.get("substitutions", {}))
            <= MAX_BYTES_OF_A_PERSON,
            "custom_args under 10,000 bytes": _bytes_of(person.get("custom_args", {}))
            < MAX_BYTES_OF_A_PERSON,
            "no reserved header": not RESERVED_HEADERS & {name.lower() for name in person.get("headers", {})},
            "names without ; and ,": not any(set(";,") & set(to.get("name", "")) for to in person["to"]),
        }
        yield from (f"person {place} needs {rule}" for rule, holds in rules.items() if not holds)


def _bytes_of(words):
    return sum(len(name.encode()) + len(value.encode()) for name, value in words.items())
