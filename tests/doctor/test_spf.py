"""`newsletter doctor` judges SPF records as receivers do (RFC 7208), and says what they would make of the mail."""

from itertools import pairwise

import pytest

from newsletter.doctor.dns_lookup import Records
from newsletter.doctor.doctor_finding import Level
from newsletter.doctor.spf_evaluation import evaluate

pytestmark = pytest.mark.postgresql_full

OK, WARNING, WRONG, LEFT_OUT = Level.OK, Level.WARNING, Level.WRONG, Level.LEFT_OUT
DOMAIN = "harbour.example.org"


@pytest.fixture
def by_smtp(publication, configure, names):
    """Mail goes by an SMTP server with a public address, and the domain has a good record."""
    names.records = {
        DOMAIN: ["unrelated", "v=spf1 include:_spf.example.net ~all"],
        "_spf.example.net": ["v=spf1 ip4:203.0.113.0/24 ip4:1.1.1.1 -all"],
        "smtp.example.net": {"A": ["1.1.1.1"]},
    }
    configure(
        NEWSLETTER_TRANSPORT="smtp",
        NEWSLETTER_SMTP_HOST="smtp.example.net",
        NEWSLETTER_SMTP_PORT="1",
        NEWSLETTER_DNS_SERVER=names.address,
    )


@pytest.fixture
def judged(names):
    """What is wrong with a record: `judged("v=spf1 +all")` gives [(level, sentence)]."""

    def lines(text):
        names.records[DOMAIN] = [text]
        found = evaluate(Records(names.address), DOMAIN, text)
        return [(line.level, line.sentence) for line in found.problems]

    return lines


def test_a_record_that_names_the_smtp_server_is_well_and_its_lookups_are_counted(by_smtp, says):
    [(level, text)] = says("SPF")
    assert level is OK
    assert "It uses 1 of the 10 DNS lookups that SPF allows" in text


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            "v=spf1 inlcude:_spf.example.net ~all",
            "“inlcude:_spf.example.net” is not an SPF mechanism.",
        ),
        ("v=spf1 ip4:999.1.1.1 ~all", "“ip4:999.1.1.1” does not contain a valid IPv4 address"),
        ("v=spf1 ip4:1.2.3 ~all", "does not contain a valid IPv4"),
        ("v=spf1 ip4:1.2.3.4/33 ~all", "does not contain a valid IPv4"),
        ("v=spf1 ip4:1.2.3.4/024 ~all", "does not contain a valid IPv4"),
        ("v=spf1 ip4:1.2.3.4/255.255.255.0 ~all", "does not contain a valid IPv4"),
        ("v=spf1 ip4:2001:db8::1 ~all", "does not contain a valid IPv4"),
        ("v=spf1 ip4 ~all", "does not contain a valid IPv4"),
        ("v=spf1 ip6:1.2.3.4 ~all", "does not contain a valid IPv6"),
        ("v=spf1 ip6:2001:db8::/129 ~all", "does not contain a valid IPv6"),
        ("v=spf1 ip4:1.2.3.4ip4:5.6.7.8 ~all", "does not contain a valid IPv4"),
        ("v=spf1 include ~all", "needs a domain"),
        ("v=spf1 include: ~all", "does not contain a valid domain"),
        ("v=spf1 include:localhost ~all", "does not contain a valid domain"),
        ("v=spf1 exists ~all", "needs a domain"),
        ("v=spf1 a/33 ~all", "a prefix length that is not valid"),
        ("v=spf1 mx//129 ~all", "a prefix length that is not valid"),
        ("v=spf1 include:example.org/24 ~all", "a prefix length, which is not allowed for include"),
        ("v=spf1 all:example.org", "must not have anything after “all”"),
        ("v=spf1 ~ all", "“~” is not an SPF mechanism."),
        ("v=spf1 -redirect=example.org", "is not an SPF mechanism"),
        ("v=spf1 redirect=_spf.example.net redirect=_spf.example.net", "redirect= twice"),
        ("v=spf1 a:%{z}.example.org ~all", "does not contain a valid domain"),
        ("v=spf1 ip4:1.1.1.1; ~all", "does not contain a valid IPv4"),
        ("v=spf1 ip4:1.1.1.1 \N{EN DASH}all", "is not an SPF mechanism"),
    ],
)
def test_a_word_that_breaks_the_record_is_named(by_smtp, names, says, record, words):
    names.records[DOMAIN] = [record]
    [(level, text)] = says("SPF")
    assert (level, words in text) == (WRONG, True)
    assert "email providers ignore it" in text


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 a/24//64 mx/24 a:mail.example.net//64 -all",
        "V=SPF1 A MX -ALL",
        "v=spf1 ip4:1.1.1.1 ip6:2001:db8::/32 ?include:_spf.example.net -all",
        "v=spf1 exists:%{ir}.%{v}._spf.%{d2} include:%{d}._spf.example.net -all",
        "v=spf1 mx exp=explain._spf.example.net -all",
        "v=spf1 redirect=_spf.example.net",
        "v=spf1   mx   -all ",
        "v=spf1 -all",
    ],
)
def test_what_the_grammar_allows_is_not_complained_of(names, record):
    names.records |= {
        "_spf.example.net": ["v=spf1 ip4:203.0.113.0/24 -all"],
        "mail.example.net": {"A": ["203.0.113.9"], "AAAA": ["2001:db8::9"], "MX": ["5 mail.example.net."]},
    }
    assert evaluate(Records(names.address), "mail.example.net", record).problems == []


@pytest.mark.parametrize(
    ("record", "level", "words"),
    [
        ("v=spf1 +all", WRONG, "ends with “+all”, so anyone can send"),
        ("v=spf1 ip4:1.1.1.1 all", WRONG, "without a sign, “all” means “+all”"),
        ("v=spf1 ip4:0.0.0.0/0 -all", WRONG, "lets anyone send"),
        ("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", WRONG, "lets anyone send"),
        ("v=spf1 ip6:::/0 -all", WRONG, "lets anyone send"),
        ("v=spf1 include:open.example.net -all", WRONG, "lets anyone send"),
        ("v=spf1 a:smtp.example.net/0 -all", WRONG, "lets anyone send"),
        (
            "v=spf1 redirect=open.example.net",
            WRONG,
            "part of the record of harbour.example.org, ends with “+all”",
        ),
        ("v=spf1 ip4:1.1.1.1 ?all", WARNING, "do not know what to do with emails from other servers"),
        ("v=spf1 ip4:1.1.1.1", WARNING, "does not end with “all”"),
        ("v=spf1 ip4:1.1.1.1 ptr -all", WARNING, "uses the ptr mechanism"),
        (
            "v=spf1 ip4:1.1.1.1 -all ip4:9.9.9.9",
            WARNING,
            "contains “all”, so email providers ignore “ip4:9.9.9.9”",
        ),
        (
            "v=spf1 redirect=_spf.example.net ip4:1.1.1.1 -all",
            WARNING,
            "contains “all”, so email providers ignore “redirect=_spf.example.net”",
        ),
        ("v=spf1 include=_spf.example.net ip4:1.1.1.1 -all", WARNING, "which email providers ignore"),
        ("v=spf1 ip4:1.1.1.1 v=spf1 -all", WARNING, "“v=spf1”, which email providers ignore"),
        ("v=spf1 ip4:1.1.1.1 a:nowhere.example.net -all", WARNING, "names that do not exist: a:nowhere"),
    ],
)
def test_a_record_that_says_too_much_or_too_little_is_said(by_smtp, names, says, record, level, words):
    names.records |= {DOMAIN: [record], "open.example.net": ["v=spf1 +all"]}
    [(found, text)] = says("SPF")
    assert (found, words in text) == (level, True)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "nowhere.example.net has no SPF record"),
        (["only a text"], "nowhere.example.net has no SPF record"),
        (["spf1 mx -all"], "a record that does not begin with “v=spf1 ”"),
        (["v=spf1 -all", "v=spf1 ~all"], "nowhere.example.net has 2 SPF records"),
        (
            ["v=spf1 ipv4:1.1.1.1 -all"],
            "The SPF record of nowhere.example.net, which is part of the record of harbour",
        ),
    ],
)
@pytest.mark.parametrize("word", ["include:", "redirect="])
def test_an_include_that_cannot_be_used_breaks_the_whole_record(by_smtp, names, says, word, records, words):
    names.records |= {DOMAIN: [f"v=spf1 ip4:1.1.1.1 {word}nowhere.example.net"]}
    if records:
        names.records["nowhere.example.net"] = records
    text = next(text for level, text in says("SPF") if level is WRONG)
    assert words in text


def test_includes_that_go_round_are_found(by_smtp, names, says):
    names.records |= {
        DOMAIN: ["v=spf1 include:a.example.net -all"],
        "a.example.net": ["v=spf1 include:b.example.net -all"],
        "b.example.net": ["v=spf1 include:A.example.net. -all"],
    }
    [(level, text)] = says("SPF")
    assert level is WRONG
    assert "harbour.example.org → a.example.net → b.example.net → a.example.net" in text


@pytest.mark.parametrize("count", [10, 11, 12, 200])
def test_lookups_are_counted_through_includes_and_asked_for_only_up_to_the_limit(names, judged, count):
    chain = [f"n{number}.example.net" for number in range(count)]
    names.records |= {name: [f"v=spf1 include:{following} -all"] for name, following in pairwise(chain)}
    names.records[chain[-1]] = ["v=spf1 ip4:203.0.113.1 -all"]
    found = judged(f"v=spf1 include:{chain[0]} -all")
    assert found == [] if count <= 10 else "needs more than 10 DNS lookups" in found[0][1]
    assert len(names.questions) <= 10


def test_twelve_includes_in_one_record_are_too_many(names, judged):
    names.records |= {f"n{number}.example.net": ["v=spf1 ip4:203.0.113.1 -all"] for number in range(12)}
    record = " ".join(f"include:n{number}.example.net" for number in range(12))
    assert [level for level, _text in judged(f"v=spf1 {record} -all")] == [WRONG]


@pytest.mark.parametrize("term", ["a", "mx", "ptr", "exists:e.example.net", "include:%{d}.example.net"])
def test_every_kind_of_lookup_counts(names, judged, term):
    names.records["e.example.net"] = {"A": ["127.0.0.2"]}
    found = judged(f"v=spf1 {' '.join([term] * 11)} -all")
    assert any("needs more than 10" in text for _level, text in found)


def test_three_names_that_do_not_exist_break_the_record(names, judged):
    found = judged("v=spf1 a:a.example.net mx:b.example.net exists:c.example.net -all")
    assert [(level, "refers to 3 names" in text) for level, text in found] == [(WRONG, True)]


def test_more_than_ten_mail_servers_break_the_record(names, judged):
    names.records["many.example.net"] = {"MX": [f"10 m{n}.example.net." for n in range(11)]}
    assert ["refers to 11 servers" in text for _level, text in judged("v=spf1 mx:many.example.net -all")] == [
        True
    ]


def test_a_record_that_is_long_is_warned_of_and_one_that_is_endless_is_not_read(names, judged):
    networks = " ".join(f"ip4:203.0.113.{n}" for n in range(40))
    assert [(level, "some email providers" in text) for level, text in judged(f"v=spf1 {networks} -all")] == [
        (WARNING, True)
    ]
    assert WRONG in [level for level, _text in judged(f"v=spf1 {'a' * 5_000} -all")]


@pytest.mark.parametrize(
    "text", ["spf1 mx -all", " v=spf1 mx -all", '"v=spf1 mx -all"', "v=spf1;mx;-all", "v = spf1 mx"]
)
def test_a_record_that_does_not_begin_as_it_must_is_malformed_and_not_missing(by_smtp, names, says, text):
    names.records[DOMAIN] = [text]
    [(level, said)] = says("SPF")
    assert (level, "does not begin with “v=spf1 ”" in said) == (WRONG, True)


def test_a_server_that_the_record_does_not_allow_is_said_with_its_result(by_smtp, names, says):
    names.records["smtp.example.net"] = {"A": ["1.1.1.1", "9.9.9.9"], "AAAA": ["2606:4700::1"]}
    [(level, text)] = says("SPF")
    assert level is WARNING
    assert "does not allow smtp.example.net to send (9.9.9.9: softfail, 2606:4700::1: softfail)" in text


def test_a_server_that_is_named_by_an_address_is_held_against_the_record(by_smtp, configure, says):
    configure(NEWSLETTER_SMTP_HOST="9.9.9.9")
    assert "does not allow 9.9.9.9 to send (9.9.9.9: softfail)" in says("SPF")[0][1]


@pytest.mark.parametrize(
    "term", ["a:smtp.example.net", "a:smtp.example.net/24", "mx:m.example.net", "ip4:1.1.1.1"]
)
def test_every_way_to_name_the_server_is_understood(by_smtp, names, says, term):
    names.records |= {DOMAIN: [f"v=spf1 {term} -all"], "m.example.net": {"MX": ["5 smtp.example.net."]}}
    assert [level for level, _text in says("SPF")] == [OK]


def test_an_include_that_does_not_let_pass_allows_nobody(by_smtp, names, says):
    names.records[DOMAIN] = ["v=spf1 -include:_spf.example.net ~all"]
    assert "1.1.1.1: fail" in says("SPF")[0][1]


def test_an_include_whose_server_fails_is_not_looked_at_and_the_rest_is(by_smtp, names, says):
    names.records[DOMAIN] = ["v=spf1 include:_spf.example.net include:broken.example.net ~all"]
    names.failing.add("broken.example.net")
    [(level, text)] = says("SPF")
    assert (level, "“include:broken.example.net”, which we could not check" in text) == (WARNING, True)


@pytest.mark.parametrize(
    ("record", "level"),
    [
        ("v=spf1 include:sendgrid.net ~all", OK),
        ("v=spf1 include:u7.wl.sendgrid.net ~all", OK),
        ("v=spf1 include:all.example.net ~all", OK),
        ("v=spf1 include:notsendgrid.net ~all", WARNING),
        ("v=spf1 include:sendgrid.net.example.net ~all", WARNING),
        ("v=spf1 ?include:sendgrid.net ~all", WARNING),
        ("v=spf1 mx exp=sendgrid.net ~all", WARNING),
        ("v=spf1 ~all include:sendgrid.net", WARNING),
    ],
)
def test_sendgrid_is_included_only_by_an_include_that_counts(well, sendgrid, names, says, record, level):
    sendgrid.account.domains.clear()
    servers = ["v=spf1 ip4:203.0.113.1 -all"]
    names.records |= dict.fromkeys(
        ["sendgrid.net", "u7.wl.sendgrid.net", "notsendgrid.net", "sendgrid.net.example.net"], servers
    )
    names.records |= {DOMAIN: [record], "all.example.net": ["v=spf1 include:sendgrid.net -all"]}
    assert says("SPF")[-1][0] is level


def test_the_record_that_bounces_lead_to_is_judged_like_any_other(well, names, says):
    names.records["u1.wl.sendgrid.net"] = ["v=spf1 ip4:192.0.2.300 -all"]
    assert [(level, "192.0.2.300" in text) for level, text in says("SPF")] == [(WRONG, True)]


def test_where_bounces_go_to_a_mailbox_of_their_own_its_domain_needs_the_record(
    by_smtp, configure, names, says
):
    configure(NEWSLETTER_BOUNCE_ADDRESS="bounces@returns.example.net")
    [(level, text)] = says("SPF")
    assert (level, "returns.example.net, the domain that bounces are sent to, has no SPF record" in text) == (
        WRONG,
        True,
    )
    names.records["returns.example.net"] = ["v=spf1 ip4:1.1.1.1 -all"]
    [(level, text)] = says("SPF")
    assert (level, "bounces are sent to returns.example.net" in text) == (OK, True)
