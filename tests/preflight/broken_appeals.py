"""A good email with an appeal or a promotion that the law or the code of fundraising does not allow."""

from newsletter.articles.article_terms import ArticleTerms
from newsletter.articles.models import Article
from newsletter.issues.models import Issue, Publication, StandingBlock
from newsletter.preflight.models import PreflightSettings
from tests.preflight.broken_emails import Broken


def block_has(kind, body=None, title=None, **data):
    """Change the text or the data of a standing block. None removes a key."""

    def change(_issue):
        block = StandingBlock.objects.get(kind=kind)
        block.title, block.body = title or block.title, block.body if body is None else body
        changed = {**block.data, **data}
        block.data = {name: value for name, value in changed.items() if value is not None}
        block.save()

    return change


def not_registered(issue):
    StandingBlock.objects.filter(kind="copyright").update(body="© 2026 The Example Trust.")


def with_number(issue):
    not_registered(issue)
    Publication.objects.filter(pk=issue.publication_id).update(charity_number="123456")


def with_number_of_spaces(issue):
    not_registered(issue)
    Publication.objects.filter(pk=issue.publication_id).update(charity_number="   ")


def without_appeal(_issue):
    StandingBlock.objects.filter(kind="appeal").delete()


def introduction_asks(issue):
    not_registered(issue)
    without_appeal(issue)
    Issue.objects.filter(pk=issue.pk).update(opening="Please donate £10.")


def in_euros(issue):
    not_registered(issue)
    block_has("appeal", currency="EUR", body="Our nurses help.", second_purpose=None, figures_on=None)(issue)


def marked(*topics):
    def change(issue):
        PreflightSettings.objects.create(publication=issue.publication, promotion_topics=list(topics))

    return change


def both(*changes):
    def change(issue):
        for each in changes:
            each(issue)

    return change


def promoting_article(issue):
    first = issue.items.order_by("position").first()
    Article.objects.filter(pk=first.article_id).update(
        topics=["Cancer"], standfirst="A clinic that treats everybody."
    )
    ArticleTerms.objects.create(article_id=first.article_id, promotes="others")


def article_of_information(issue):
    promoting_article(issue)
    ArticleTerms.objects.update(promotes="")


def forbidden_by_its_site(issue):
    first = issue.items.order_by("position").first()
    # What stands on the organisation's own website is never forbidden.
    Article.objects.filter(pk=first.article_id).update(url="https://elsewhere.example/news/")
    ArticleTerms.objects.create(
        article_id=first.article_id, site_forbids=True, site_rights="Do not republish this."
    )


CURE = "A booklet about remedies that help against cancer."
# What a promotion says, by the word that is found.
TREATMENTS = {
    "surgery": {"button": "Book surgery"},
    "surgical": {"body": "Ask about our surgical offers."},
    "drugs": {"body": "Order our drugs. Treats for the dog are free."},
    "supplements": {"body": "Ten supplements in a box."},
    "shrinks the tumour": {"body": "A tea that shrinks the tumour."},
    "killing cancer cells": {"body": "A tea for killing cancer cells."},
    "cured": {"body": "It cured my neighbour, who eats dry-cured ham."},
    "treated": {"body": "Fifty people were treated here, with heat-treated cotton."},
    "therapies": {"body": "Three therapies."},
    "treatment": {
        "body": "Find out more.",
        "url": "https://clinic.example.org/new-cancer-treatment/?from=news",
    },
    "remedy": {"body": "[Read about our offer](https://clinic.example.org/a_remedy)."},
}
# The same words about other things.
OTHER_SENSES = (
    "Enjoy cured ham.",
    "Dry-cured bacon, cured salmon and air cured olives.",
    "Come for the cakes and other sweet treats.",
    "Treats for everybody, a festive treat for the children, and treats for your dog.",
    "Treat yourself. Treat your family to a day out. We treated our friends to lunch.",
    "Pressure-treated fences and treated timber.",
    "Retail therapy in the gift shop.",
    "Tree surgery, and the councillor’s surgery on Friday.",
)
BROKEN_APPEALS = (
    Broken("appeals.registered-charity", "does not say who is asking for money", not_registered),
    Broken("appeals.figures", "have no date or source", block_has("appeal", figures_on=None)),
    Broken("appeals.figures", "have no date or source", block_has("appeal", figures_source=None)),
    Broken("appeals.figures", "is in the future", block_has("appeal", figures_on="2027-10-31")),
    Broken(
        "appeals.registered-charity",
        "does not say who is asking for money",
        both(not_registered, block_has("copyright", body="We are not a registered charity.")),
    ),
    Broken("appeals.registered-charity", "does not say who is asking for money", with_number_of_spaces),
    Broken(
        "appeals.registered-charity",
        "“Shop” asks for money, but does not say who is asking",
        both(not_registered, without_appeal, block_has("notice", title="Shop", body="Donate £10 today.")),
    ),
    Broken("appeals.registered-charity", "The introduction asks for money", introduction_asks),
    Broken(
        "appeals.gift-aid-amount",
        "says that Gift Aid adds 20%",
        block_has("appeal", tax_note="UK taxpayer? Gift Aid adds 20% to your gift."),
    ),
    Broken(
        "appeals.gift-aid-amount",
        "says that Gift Aid adds a third",
        block_has("appeal", tax_note="UK taxpayer? Gift Aid adds a third to your gift."),
    ),
    Broken(
        "appeals.gift-aid-amount",
        "says that £10 becomes £13",
        block_has("appeal", tax_note="UK taxpayer? Your £10 becomes £13 with Gift\u00a0Aid."),
    ),
    Broken(
        "appeals.gift-aid-taxpayer",
        "not UK taxpayers",
        block_has(
            "appeal", tax_note="Even if you are not a UK taxpayer, Gift\u00a0Aid adds 25p for every £1."
        ),
    ),
    Broken(
        "appeals.second-purpose", "money raised above its target", block_has("appeal", second_purpose=None)
    ),
    Broken("appeals.ended", "has ended", block_has("appeal", closes_on="2026-11-22")),
    Broken(
        "appeals.gift-aid-taxpayer",
        "not UK taxpayers",
        block_has("appeal", tax_note="With Gift Aid we can claim 25p more for every £1 you give."),
    ),
    Broken(
        "appeals.gift-aid-amount",
        "says 28p for every £1",
        block_has("appeal", tax_note="UK taxpayer? With Gift Aid, we get 28p for every £1."),
    ),
    Broken(
        "appeals.gift-aid-taxpayer",
        "“How to read a study” mentions Gift Aid",
        block_has("promotion", body="Add Gift Aid to your order."),
    ),
    Broken(
        "promotions.treatment",
        "on the topic “cancer”, and mentions “remedies”",
        both(marked("cancer"), block_has("promotion", body=CURE)),
    ),
    Broken(
        "promotions.treatment",
        "mentions “treatment”",
        both(
            marked("cancer"),
            block_has("promotion", body="", title="Cancer support", button="Book a treatment"),
        ),
    ),
    Broken(
        "promotions.treatment",
        "mentions “cures”",
        both(marked("cancer"), block_has("promotion", body="What cures can\u00adcer?")),
    ),
    Broken(
        "promotions.treatment",
        "mentions “treatment”",
        both(marked("cancer"), block_has("promotion", body="A treat**ment** for can&shy;cer.")),
    ),
    Broken(
        "promotions.treatment",
        "mentions “treatment”",
        both(marked("cancer"), block_has("notice", body="Buy our cancer treatment now.")),
    ),
    *(
        Broken(
            "promotions.treatment",
            f"mentions “{found}”",
            both(marked("cancer"), block_has("promotion", title="Cancer support", **told)),
        )
        for found, told in TREATMENTS.items()
    ),
    Broken(
        "promotions.treatment",
        "mentions “surgery”",
        both(marked("cancer"), block_has("notice", body="Book laser surgery for your cancer.")),
    ),
    Broken("reuse.forbidden", "forbid emailing it", forbidden_by_its_site),
    Broken("promotions.treatment", "mentions “treats”", both(marked("Cancer"), promoting_article)),
)
UNBROKEN_APPEALS = (
    with_number,
    in_euros,
    block_has("appeal", closes_on="2026-11-23"),
    block_has("appeal", raised="41000"),
    block_has("appeal", tax_note="UK taxpayer? Gift Aid adds 25% to your gift, as basic rate tax is 20%."),
    block_has("notice", body="Donate £10 today."),
    block_has("appeal", tax_note="If you are a UK tax payer, your £10 becomes £12.50 with Gift Aid."),
    block_has("promotion", body=CURE),
    both(marked("diabetes"), block_has("promotion", body=CURE)),
    both(marked("cancer"), block_has("promotion", body="A booklet about living with cancer.")),
    both(marked("cancer"), article_of_information),
    *(
        both(marked("cancer"), block_has("promotion", title="Cancer fair", body=words))
        for words in OTHER_SENSES
    ),
    both(
        marked("cancer"),
        block_has("notice", body="Do not change your cancer treatment because of an article."),
    ),
)
