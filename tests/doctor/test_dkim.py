"""`newsletter doctor` looks at the DKIM key (RFC 6376) that an SMTP server or SendGrid signs with."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from newsletter.doctor.doctor_finding import Level
from newsletter.errors import Invalid
from newsletter.sending.dkim_signing import Signer
from tests.doctor.conftest import rsa_key

pytestmark = pytest.mark.postgresql_full

OK, WARNING, WRONG, LEFT_OUT = Level.OK, Level.WARNING, Level.WRONG, Level.LEFT_OUT
HOST = "mail._domainkey.harbour.example.org"
GOOD = rsa_key(2048)
# Of 512 bits: what receivers have refused since RFC 8301.
SHORT = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANDiE2+Xi/WnO+s120NiiJhNyIButVu6zxqlVzz0wy2j4kQVUC4ZRZD80IY+4wIiX2YxKBZKGnd2TtPk"
    "JwFVBgkCAwEAAQ=="
)
ED25519 = b64encode(b"k" * 32).decode()


@pytest.fixture
def by_smtp(publication, configure, names):
    configure(
        NEWSLETTER_TRANSPORT="smtp",
        NEWSLETTER_SMTP_HOST="127.0.0.1",
        NEWSLETTER_SMTP_PORT="1",
        NEWSLETTER_DNS_SERVER=names.address,
        NEWSLETTER_DKIM_SELECTOR="mail",
    )


def test_without_a_selector_the_setting_is_named(by_smtp, configure, says):
    configure(NEWSLETTER_DKIM_SELECTOR="")
    assert [(level, "NEWSLETTER_DKIM_SELECTOR" in text) for level, text in says("DKIM")] == [(LEFT_OUT, True)]


@pytest.mark.parametrize("value", ["mail._domainkey", "mail._domainkey.example.org", "a b", "-mail", "é"])
def test_a_selector_is_a_label_alone(configure, value):
    with pytest.raises(Invalid, match="NEWSLETTER_DKIM_SELECTOR is not valid: write only the selector"):
        configure(NEWSLETTER_DKIM_SELECTOR=value)


@pytest.mark.parametrize(
    "record",
    [
        f"v=DKIM1; k=rsa; p={GOOD}",
        f"p={GOOD}",
        f"v=DKIM1; h=sha1:sha256; s=email; t=s; n=a note; p= {GOOD[:80]}  {GOOD[80:]} ;",
        f"v=DKIM1; k=ed25519; p={ED25519}",
    ],
)
def test_a_key_that_receivers_can_use_is_well(by_smtp, names, says, record):
    names.records[HOST] = [record]
    assert says("DKIM") == [(OK, f"harbour.example.org: the DNS contains a valid DKIM key ({HOST}).")]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "We could not find a TXT record"),
        (["v=DKIM1; k=rsa"], "does not contain a key"),
        (["v=DKIM1; p="], "The key has been revoked (p= is empty)."),
        ([f"v=DKIM1; p={SHORT}"], "The key has only 512 bits, but email providers require at least 1024"),
        ([f"v=DKIM1; p={GOOD[:-9]}"], "is not a valid key"),
        (["v=DKIM1; p=MIGf"], "is not a valid key"),
        ([f"v=DKIM1; k=ed25519; p={GOOD}"], "is not a valid key"),
        ([f"v=DKIM1; p={ED25519}"], "is not a valid key"),
        ([f"v=DKIM1; k=dsa; p={GOOD}"], "k=dsa, is unknown"),
        ([f"v=DKIM2; p={GOOD}"], "does not begin with “v=DKIM1”"),
        ([f"k=rsa; v=DKIM1; p={GOOD}"], "does not begin with “v=DKIM1”"),
        ([f"v=DKIM1; h=sha1; p={GOOD}"], "cannot be used with SHA-256"),
        ([f"v=DKIM1; s=tlsrpt; p={GOOD}"], "cannot be used for email"),
        ([f"v=DKIM1; p={GOOD}; p={GOOD}"], "more than once: p"),
        ([f"p={GOOD}", "p="], "There are 2 records with a key"),
    ],
)
def test_a_key_that_receivers_cannot_use_is_wrong(by_smtp, names, says, records, words):
    names.records[HOST] = records
    assert [(level, words in text) for level, text in says("DKIM")] == [(WRONG, True)]


@pytest.mark.parametrize(
    ("record", "words"),
    [(f"p={rsa_key(1024)}", "The key has only 1024 bits"), (f"t=y:s; p={GOOD}", "test mode (t=y)")],
)
def test_a_weak_key_is_a_warning(by_smtp, names, says, record, words):
    names.records[HOST] = [record]
    assert [(level, words in text) for level, text in says("DKIM")] == [(WARNING, True)]


def test_a_key_of_the_domain_above_is_found_and_an_alias_is_followed(by_smtp, names, says):
    names.records |= {"mail._domainkey.example.org": "keys.example.net", "keys.example.net": [f"p={GOOD}"]}
    assert [(level, "mail._domainkey.example.org" in text) for level, text in says("DKIM")] == [(OK, True)]


def test_a_key_that_was_revoked_at_sendgrid_is_said_so(well, names, says):
    names.records["s1.domainkey.u1.wl.sendgrid.net"] = ["k=rsa; p="]
    [(level, text)] = says("DKIM")
    assert level is WARNING
    assert "s1._domainkey.harbour.example.org: The key has been revoked" in text


@pytest.fixture
def signed_here(by_smtp, configure, tmp_path):
    """Sign here with a key of so many bits: gives its TXT record."""

    def set_up(bits=2048, mode=0o600, **variables):
        path = tmp_path / "dkim.pem"
        key = rsa.generate_private_key(public_exponent=65_537, key_size=bits)
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        path.chmod(mode)
        configure(NEWSLETTER_DKIM_KEY_FILE=str(path), **variables)
        return Signer(key, "mail", "").record

    return set_up


def test_a_key_that_signs_here_and_is_in_the_dns_is_well(signed_here, names, says):
    record = signed_here()
    names.records[HOST] = [record.replace("p=", "p= ")]
    assert says("DKIM") == [
        (
            OK,
            f"harbour.example.org: we sign emails with DKIM, and the DNS contains the matching key ({HOST}).",
        )
    ]


@pytest.mark.parametrize("shown", [[], [f"v=DKIM1; p={GOOD}"]])
def test_what_has_to_stand_in_the_dns_is_said(signed_here, names, says, shown):
    record = signed_here()
    names.records[HOST] = shown
    [(level, text)] = says("DKIM")
    assert level is WRONG
    assert text.endswith(f"Set a single TXT record for {HOST}: {record}")


def test_a_key_of_the_domain_above_is_looked_for_there(signed_here, names, says):
    record = signed_here(NEWSLETTER_DKIM_DOMAIN="example.org")
    names.records["mail._domainkey.example.org"] = [record]
    assert says("DKIM") == [
        (
            OK,
            (
                "example.org: we sign emails with DKIM, and the DNS contains the matching key "
                "(mail._domainkey.example.org)."
            ),
        )
    ]


def test_a_domain_that_is_not_the_senders_cannot_sign(signed_here, says):
    signed_here(NEWSLETTER_DKIM_DOMAIN="elsewhere.example")
    [(level, text)] = says("DKIM")
    assert (level, "elsewhere.example cannot sign emails from senders at harbour.example.org" in text) == (
        WRONG,
        True,
    )


def test_a_key_file_that_everybody_can_read_is_a_warning(signed_here, names, says):
    names.records[HOST] = [signed_here(mode=0o644)]
    assert [level for level, _text in says("DKIM")] == [WARNING, OK]


def test_a_key_file_that_is_not_there_is_wrong(by_smtp, configure, says, tmp_path):
    configure(NEWSLETTER_DKIM_KEY_FILE=str(tmp_path / "nowhere.pem"))
    [(level, text)] = says("DKIM")
    assert (level, "NEWSLETTER_DKIM_KEY_FILE" in text) == (WRONG, True)
