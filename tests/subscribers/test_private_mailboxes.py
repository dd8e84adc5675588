"""Domains of private mailboxes are not those of businesses."""

from itertools import pairwise

import pytest

from subscribers.errors import Invalid
from subscribers.lawful_basis import BasisStatement
from subscribers.likely_typing_mistakes import LARGE_PROVIDERS
from subscribers.models import Basis
from subscribers.private_mailboxes import _BY_COUNTRY, PRIVATE_DOMAINS, is_private_mailbox

PRIVATE = """
tiscali.co.uk blueyonder.co.uk btopenworld.com rocketmail.com pm.me privaterelay.appleid.com duck.com fastmail.com
hey.com tutanota.com zoho.com mail.ru yandex.ru qq.com orange.fr libero.it t-online.de freenet.de gmail.com
hotmail.co.uk hotmail.fr live.nl outlook.de yahoo.com.br yahoo.co.jp ymail.com gmx.net gmx.at aol.de yandex.com.tr
mailinator.com yopmail.com aleeas.com pobox.com doctors.org.uk ntlworld.net gmail.co.uk ada.me.uk
ada.demon.co.uk ada.plus.com mail.gmx.net plus.com wanadoo.fr bigpond.com comcast.net naver.com
ee.co.uk vodafoneemail.co.uk karoo.co.uk utvinternet.ie mnet-online.de vodafone.de nordnet.fr orange.pl vp.pl
aliceposta.it supereva.it wanadoo.es euskalnet.net caiway.nl wxs.nl mail.ee.co.uk
"""
BUSINESSES = """
example.org harbour.example notgmail.com gmail.com.example mylive.com live.example.org qq.co.uk yahoo-inc.com
outlook.harbour.org.uk council.gov.uk nhs.net ac.uk com uk free.example orange.example
"""


@pytest.mark.parametrize("domain", PRIVATE.split())
def test_a_provider_of_private_mailboxes_is_recognised(domain):
    assert is_private_mailbox(domain)
    assert is_private_mailbox(domain.upper())
    with pytest.raises(Invalid, match="provides personal email addresses"):
        BasisStatement(Basis.BUSINESS).require_for(f"ada@{domain}")


@pytest.mark.parametrize("domain", ["gmial.com", "hotmial.com", "outlok.com", "btinternt.com"])
def test_a_mistyped_provider_of_private_mailboxes_is_not_a_business(domain):
    with pytest.raises(
        Invalid, match=r"is probably a typing mistake for .*, which provides personal email addresses"
    ):
        BasisStatement(Basis.BUSINESS).require_for(f"ada@{domain}")


@pytest.mark.parametrize("domain", [*BUSINESSES.split(), ""])
def test_other_domains_can_be_those_of_a_business(domain):
    assert not is_private_mailbox(domain)


def test_every_large_provider_is_one_of_private_mailboxes():
    assert all(map(is_private_mailbox, LARGE_PROVIDERS))


def test_the_list_is_kept_in_order_without_repeats():
    for country, text in _BY_COUNTRY.items():
        domains = text.split()
        assert all(one < other for one, other in pairwise(domains)), country
        assert text == text.lower()
    assert len(PRIVATE_DOMAINS) == sum(len(text.split()) for text in _BY_COUNTRY.values())
