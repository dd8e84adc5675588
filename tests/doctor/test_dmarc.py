"""`newsletter doctor` says which DMARC policy counts (RFC 7489), what weakens it, and whether the mail is aligned."""

import pytest

from newsletter.doctor.doctor_finding import Level

pytestmark = pytest.mark.postgresql_full

OK, WARNING, WRONG, LEFT_OUT = Level.OK, Level.WARNING, Level.WRONG, Level.LEFT_OUT
RUA = "rua=mailto:dmarc@example.org"
OWN, ABOVE = "_dmarc.harbour.example.org", "_dmarc.example.org"


@pytest.mark.parametrize(
    ("where", "record", "said"),
    [
        (OWN, f"v=DMARC1; p=reject; {RUA}", "the DMARC policy is p=reject, from the domain’s own record"),
        (
            OWN,
            f"v=DMARC1; p=none; sp=reject; {RUA}",
            "the DMARC policy is p=none, from the domain’s own record",
        ),
        (
            ABOVE,
            f"v=DMARC1; p=none; sp=reject; {RUA}",
            "the DMARC policy is sp=reject, from the record for example.org",
        ),
        (
            ABOVE,
            f"v=DMARC1; p=quarantine; {RUA}",
            "the DMARC policy is p=quarantine, from the record for example.org",
        ),
        (
            OWN,
            f"v = DMARC1 ; P = Reject ; {RUA};",
            "the DMARC policy is p=reject, from the domain’s own record",
        ),
    ],
)
def test_the_policy_that_counts_for_the_domain_is_told(well, names, says, where, record, said):
    del names.records[OWN]
    names.records[where] = [record]
    lines = says("DMARC")
    assert [level for level, _text in lines] == [OK, OK]
    assert said in lines[0][1]


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("v=DMARC1; p=none", "has no address for reports"),
        ("v=DMARC1; p=reject; rua=", "has no address for reports"),
        (
            "v=DMARC1; p=reject; rua=dmarc@example.org",
            "has an invalid address for reports (rua=dmarc@example.org)",
        ),
        (f"v=DMARC1; p=reject; pct=5; {RUA}", "pct=5, so its policy applies to only 5% of emails"),
        (f"v=DMARC1; p=reject; pct=0; {RUA}", "pct=0"),
        (f"v=DMARC1; p=reject; pct=most; {RUA}", "pct=most, which is not a whole number"),
        (f"v=DMARC1; p=reject; pct=101; {RUA}", "pct=101, which is not a whole number from 0 to 100"),
        (f"v=DMARC1; p=non; {RUA}", "contains p=non, which email providers treat as p=none"),
        (f"v=DMARC1; {RUA}", "contains no p=, which email providers treat as p=none"),
        (f"v=DMARC1; p=reject; sp=all; {RUA}", "contains sp=all, which email providers treat as p=none"),
        (f"v=DMARC1; p=none; p=reject; {RUA}", "has p= twice"),
        (f"v=DMARC1; p=none; adkim=strict; {RUA}", "adkim=strict, which email providers treat as adkim=r"),
        (f"v=DMARC1; p=none; aspf=x; {RUA}", "aspf=x, which email providers treat as aspf=r"),
        (
            f"v=DMARC1; p=none; aspf=s; {RUA}",
            "sent to the domain itself (aspf=s), but they are sent to em1.harbour.example.org",
        ),
    ],
)
def test_what_weakens_a_record_is_a_warning(well, names, says, record, said):
    names.records[OWN] = [record]
    lines = says("DMARC")
    assert [said in text for level, text in lines if level is WARNING] == [True]
    assert WRONG not in [level for level, _text in lines]


@pytest.mark.parametrize("record", ["v=DMARC1; p=non", "v=DMARC1", "v=DMARC1; p=reject; sp=x"])
def test_a_policy_that_is_not_one_counts_for_nothing_without_an_address_for_reports(
    well, names, says, record
):
    names.records[OWN] = [record]
    assert [(level, "does not have a valid policy" in text) for level, text in says("DMARC")] == [
        (WRONG, True)
    ]


@pytest.mark.parametrize(
    "record",
    [
        f"p=none; v=DMARC1; {RUA}",
        f" v=DMARC1; p=none; {RUA}",
        f'"v=DMARC1; p=none; {RUA}"',
        f"v=dmarc1; p=none; {RUA}",
        f"v=DMARC1 p=none {RUA}",
        f"p=none; {RUA}",
    ],
)
def test_a_record_that_does_not_begin_as_it_must_is_malformed_and_not_missing(well, names, says, record):
    names.records[OWN] = [record]
    [(level, text)] = says("DMARC")
    assert level is WRONG
    assert "Email providers ignore this TXT record for _dmarc.harbour.example.org" in text
    names.records[ABOVE] = [f"v=DMARC1; p=none; {RUA}"]
    lines = says("DMARC")
    assert [level for level, _text in lines] == [WARNING, OK, OK]
    assert "the DMARC policy is p=none, from the record for example.org" in lines[1][1]


@pytest.mark.parametrize("where", [OWN, ABOVE])
def test_of_two_records_none_counts(well, names, says, where):
    del names.records[OWN]
    names.records[where] = ["v=DMARC1; p=none", "v=DMARC1; p=reject", "v=DMARC10; p=reject"]
    assert [(level, "has 2 DMARC records" in text) for level, text in says("DMARC")] == [(WRONG, True)]


def test_other_texts_at_the_name_do_not_matter(well, names, says):
    names.records[OWN] = ["v=spf1 -all", f"v=DMARC1; p=none; {RUA}"]
    assert [level for level, _text in says("DMARC")] == [OK, OK]


@pytest.mark.parametrize(
    ("selector", "record", "levels"),
    [
        ("", "", [OK, LEFT_OUT]),
        ("mail", "", [OK]),
        ("mail", "; adkim=s", [OK, WRONG]),
    ],
)
def test_by_smtp_the_selector_tells_which_domain_signs(
    publication, configure, names, says, selector, record, levels
):
    names.records = {OWN: [f"v=DMARC1; p=none; {RUA}{record}"], "mail._domainkey.example.org": ["p=MIGf"]}
    configure(
        NEWSLETTER_TRANSPORT="smtp",
        NEWSLETTER_SMTP_HOST="127.0.0.1",
        NEWSLETTER_SMTP_PORT="1",
        NEWSLETTER_DNS_SERVER=names.address,
        NEWSLETTER_DKIM_SELECTOR=selector,
    )
    assert [level for level, _text in says("DMARC")] == levels


@pytest.mark.parametrize(
    ("bounces", "said"),
    [
        ("", "bounces are sent to the domain itself, so SPF is aligned"),
        ("bounces@example.org", "bounces are sent to example.org, so SPF is aligned"),
        (
            "bounces@mail.harbour.example.org",
            "bounces are sent to mail.harbour.example.org, so SPF is aligned",
        ),
        (
            "bounces@returns.example.net",
            "bounces are sent to returns.example.net, so SPF only authenticates that domain",
        ),
    ],
)
def test_by_smtp_it_says_for_whom_spf_speaks(publication, configure, names, says, bounces, said):
    configure(
        NEWSLETTER_TRANSPORT="smtp",
        NEWSLETTER_SMTP_HOST="127.0.0.1",
        NEWSLETTER_SMTP_PORT="1",
        NEWSLETTER_DNS_SERVER=names.address,
        NEWSLETTER_BOUNCE_ADDRESS=bounces,
    )
    names.records = {OWN: [f"v=DMARC1; p=none; {RUA}"]}
    assert [said in text for level, text in says("DMARC") if level is LEFT_OUT] == [True]
    names.records = {OWN: [f"v=DMARC1; p=none; aspf=s; {RUA}"]}
    asked = [text for level, text in says("DMARC") if level is WARNING]
    assert ["only the DKIM signature can be aligned" in text for text in asked] == [True] * bool(bounces)
