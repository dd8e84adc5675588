"""Emails with one broken link, text of a link or sender’s name each, and unbroken ones that look similar."""

from newsletter.issues.models import StandingBlock
from tests.preflight.broken_emails import Broken, item_has, opening_says, publication_has


def link(address, words="the plan"):
    return opening_says(f"See [{words}]({address}) for the year.")


def promotes(address):
    """Give the issue a block whose picture and button lead to an address."""

    def change(issue):
        StandingBlock.objects.filter(publication=issue.publication, kind="promotion").delete()
        data = {"url": address, "button": "Book a place"}
        picture = {
            "image_url": "https://example.org/fair.jpg",
            "image_alt": "Stalls below the trees",
            "image_width": 1200,
            "image_height": 630,
        }
        StandingBlock.objects.create(
            publication=issue.publication, name="fair", kind="promotion", title="Fair", data=data | picture
        )

    return change


def headlines_are(first, second):
    def change(issue):
        for item, headline in zip(issue.items.order_by("position"), (first, second), strict=False):
            issue.items.filter(pk=item.pk).update(headline=headline)

    return change


PRIVATE = (
    "http://127.0.0.1/plan",
    "https://[fd00::5]/plan",
    "https://nas.local/plan",
    "https://plan.test/",
    "https://wiki.example.internal/plan",
    "https://nas.fritz.box/plan",
    "https://fritz.box/plan",
    "https://printer/plan",
)
FOR_EDITORS = (
    "https://example.org/?p=123&preview=true",
    "https://example-org.vercel.app/plan?preview=true",
    "https://example.org/wp-admin/post.php?post=12&action=edit",
    "https://example.org/blog/wp-login.php",
    "https://docs.google.com/document/d/1a2b3c/edit?usp=sharing",
    "https://example.org/node/12/edit",
    "https://manage.wix.com/dashboard/1a2b/site-pages",
    "https://us4.admin.mailchimp.com/campaigns/edit?id=123",
    "https://mail.google.com/mail/u/0/#inbox/FMfcgz",
    "https://ada:secret@example.org/plan",
)
TEST_SITES = (
    "https://dev.example.org/plan",
    "https://test.example.org/plan",
    "https://uat.example.org/plan",
    "https://preview.example.org/plan",
    "https://beta.example.org/plan",
    "https://qa.example.org/plan",
    "https://staging-www.example.org/plan",
    "https://www2-dev.example.org/plan",
    "https://test2.example.org/plan",
    "https://www.stage.example.org/plan",
    "https://example-staging.example.org/plan",
    "https://deploy-preview-12--example.netlify.app/plan",
    "https://example.org:8443/plan",
    "https://1a2b-3c.ngrok.io/plan",
)
IMPOSSIBLE = (
    ("https://https://example.org/plan", "is repeated"),
    ("https://www.exmaple.org,uk/plan", "“,” is not allowed"),
    ("https://-.example.org/plan", "“-.example.org” is not the name of a site"),
    ("https://127.1/plan", "is not the name of a site"),
    ("https://help@example.org", "is an email address"),
    ("mailto:help@example,org", "“help@example,org” is not an email address"),
    ("mailto:help.example.org", "is not an email address"),
    ("tel:1x", "not a phone number"),
    ("tel:01584-XXX", "not a phone number"),
)
OTHER_ADDRESSES = (
    ("https://www.example.org/give", "https://give.example.net/x"),
    ("example.org", "https://example.net/"),
    ("www.example.org/plan", "https://example.org/give"),
    ("Give at https://example.org/give", "https://example.net/give"),
    ("help@example.org", "mailto:help@example.net"),
    ("help@example.org", "https://example.net/contact"),
)
COPIED = (
    "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fplan&data=05",
    "https://www.google.com/url?q=https://example.org/plan&sa=D",
    "https://urldefense.com/v3/__https://example.org/plan__;!!abc",
    "https://u123.ct.sendgrid.net/ls/click?upn=abc",
    "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fplan&h=1",
)
BROKEN_LINKS = (
    *(Broken("links.private", "A link leads to a private site", link(each)) for each in PRIVATE),
    *(
        Broken("links.for-editors", "to a draft, or to a page with a login", link(each))
        for each in FOR_EDITORS
    ),
    *(Broken("links.test-site", "Is this a test site?", link(each)) for each in TEST_SITES),
    *(Broken("links.impossible", said, link(each)) for each, said in IMPOSSIBLE),
    *(
        Broken("links.other-address", f"“{words}” leads to {url}", link(url, words))
        for words, url in OTHER_ADDRESSES
    ),
    *(Broken("links.copied", "leads through another service", link(each)) for each in COPIED),
    Broken(
        "links.tracking", "#utm_source", link("https://example.org/plan#utm_source=news&utm_medium=email")
    ),
    Broken("links.tracking", "utm_source", promotes("https://example.org/fair?utm_source=news")),
    Broken(
        "links.insecure", "http://", opening_says("[A](http://example.org/a), [A](https://example.org/a).")
    ),
    Broken(
        "accessibility.link-words",
        "3 links have the text “Read more”",
        opening_says(" ".join(f"[Read more](https://example.org/{number})." for number in range(3))),
    ),
    Broken("articles.same-headline", "2 articles", headlines_are("Nurses sought", "Nurses sought")),
    Broken("articles.same-headline", "2 articles", headlines_are("Nurses sought", "Nurses Sought!")),
    Broken(
        "sender.other-address",
        "“news@example.net” is an address",
        publication_has(sender_name="news@example.net"),
    ),
    Broken("sender.other-address", "“example.net”", publication_has(sender_name="example.net")),
)
UNBROKEN_LINKS = (
    link("https://www.local.gov.uk/plan"),
    link("https://news.local.example.org/plan"),
    link("https://test-results.example.org/plan"),
    link("https://93.184.216.34/plan"),
    link("https://stage-door.example.org/plan"),
    link("https://devon.example.org/plan"),
    link("https://stage.co.uk/plan"),
    link("https://dev.to/plan"),
    link("https://www.example.org/administration/preview"),
    link("https://docs.google.com/forms/d/e/1a2b/viewform"),
    link("https://www.facebook.com/sharer/sharer.php?u=https://example.org/plan"),
    link("https://example.org/plan?source=1&ref=2#page=4"),
    link("mailto:help@example.org,ada@example.org?subject=Plan"),
    link("https://www.example.org/plan/2027?a=1", "example.org/plan"),
    link("https://shop.example.org/", "example.org"),
    link("https://example.org/downloads/plan.pdf", "plan.pdf"),
    link("https://example.net/review", "Booking.com"),
    link("mailto:Help@example.org", "help@example.org"),
    link("https://example.org/contact", "help@example.org"),
    link("https://xn--mller-kva.example/", "www.müller.example"),
    opening_says("[The plan](https://example.org/plan), [the plan](https://example.org/plan/#spring)."),
    opening_says("[The plan](https://example.org/plan), [the plan](https://EXAMPLE.org/plan/)."),
    opening_says("[The plan](https://example.org/plan), [the plan](https://www.example.org/plan)."),
    headlines_are("Nurses sought", "Nurses sought again"),
    item_has(headline="Write to help@example.net: what we learned about the tides this year"),
    publication_has(sender_name="news@example.org"),
    publication_has(sender_name="Health News from Example.org"),
)
