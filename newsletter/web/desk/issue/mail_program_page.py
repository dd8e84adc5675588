"""The email as a mail program shows it: without what the program drops, in forced dark mode, and without pictures."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NewsletterError
from newsletter.issues.models import Issue
from newsletter.preflight.client_support import client_name, data_date
from newsletter.preflight.see_in_mail_program import CLIENTS, SeenEmail, client_choices, seen_in
from newsletter.sending.preview_email import preview_of
from newsletter.sending.preview_readers import PreviewReader
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.email_pane import ALL_PICTURES, NO_PICTURES, chosen_reader, framed_email
from newsletter.web.desk.issue.issue_header import issue_header
from newsletter.web.desk.issue.issue_page import fresh_issue, show_part


@dataclass(frozen=True, slots=True)
class ChosenView:
    """What was chosen: a program, forced dark mode, and no pictures."""

    client: str
    forced_dark: bool
    without_pictures: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "ChosenView":
        """Return what a request names. An unknown program is the first one."""
        client = request.GET.get("client", "")
        return cls(
            client if client in CLIENTS else CLIENTS[0],
            forced_dark=request.GET.get("dark") == "forced",
            without_pictures=request.GET.get("pictures") == "off",
        )

    @property
    def query(self) -> str:
        """The query of an address that names it."""
        dark = {"dark": "forced"} if self.forced_dark else {}
        pictures = {"pictures": "off"} if self.without_pictures else {}
        return urlencode({"client": self.client, **dark, **pictures})


@desk("GET", "HEAD")
def mail_program(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the email as a mail program shows it, and what is missing there."""
    issue = fresh_issue(issue_at(slug, number))
    chosen, seen, problem = ChosenView.of(request), None, ""
    try:
        seen = _seen(issue, chosen)
    except NewsletterError as error:
        problem = str(error)
    return show_part(
        request,
        issue_header(issue),
        "review",
        template="mail_program",
        chosen=chosen,
        clients=client_choices(),
        client=client_name(chosen.client),
        seen=seen,
        problem=problem,
        data_date=data_date(),
    )


@desk("GET", "HEAD")
def email_in_program(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show the email alone, as the program shows it."""
    chosen = ChosenView.of(request)
    pictures = NO_PICTURES if chosen.without_pictures else ALL_PICTURES
    issue = issue_at(slug, number)
    return framed_email(HttpResponse(_seen(issue, chosen, chosen_reader(request, issue)).html), pictures)


def _seen(issue: Issue, chosen: ChosenView, reader: PreviewReader | None = None) -> SeenEmail:
    return seen_in(
        preview_of(issue, reader).marked.html,
        chosen.client,
        forced_dark=chosen.forced_dark,
        without_pictures=chosen.without_pictures,
    )
