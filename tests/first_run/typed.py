"""What somebody types in the first run."""

from newsletter.first_run.publication_details import PublicationDetails

TYPED = {
    "name": "Harbour News",
    "organisation": "Harbour",
    "website": "www.example.org",
    "sender_name": "Harbour News",
    "sender_address": "news@example.org",
    "postal_address": "1 Example Quay\nExampleton",
    "language": "en-GB",
    "zone": "Europe/London",
    "accent_colour": "#0b5d7a",
}


def details(**other):
    return PublicationDetails(**TYPED | other)
