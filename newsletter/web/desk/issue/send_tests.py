"""Test emails of an issue, and the proof groups of its publication."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse

from newsletter.errors import Invalid
from newsletter.issues.models import Issue
from newsletter.sending.proof_groups import (
    proof_group,
    remove_proof_group,
    save_proof_group,
    split_addresses,
)
from newsletter.sending.send_test_emails_once import request_sentence, request_test_emails
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_page import act_on_issue
from newsletter.web.desk.issue.send_page import show_send


@desk("POST", page="send")
def send_test(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send test emails to the addresses typed and to the groups ticked. The same form sends them once."""

    def act(issue: Issue) -> str:
        groups = [proof_group(issue.publication, name) for name in request.POST.getlist("group")]
        addresses = split_addresses(request.POST.get("to", ""))
        addresses += [address for group in groups for address in group.addresses]
        return request_sentence(request_test_emails(issue, addresses, key=_key(request)))

    return act_on_issue(request, issue_at(slug, number), "test", act, show_send, page="send", then="#test")


@desk("POST", page="send")
def save_group(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Save a proof group of the publication."""

    def act(issue: Issue) -> str:
        addresses = split_addresses(request.POST.get("addresses", ""))
        name, seen = request.POST.get("name", ""), request.POST.get("seen")
        group = save_proof_group(issue.publication, name, addresses, seen=seen)
        return f"The proof group “{group.name}” was saved."

    return act_on_issue(request, issue_at(slug, number), "group", act, show_send, page="send", then="#test")


@desk("POST", page="send")
def remove_group(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Remove a proof group of the publication."""

    def act(issue: Issue) -> str:
        name, seen = request.POST.get("name", ""), request.POST.get("seen")
        group = remove_proof_group(issue.publication, name, seen=seen)
        return f"The proof group “{group.name}” was removed."

    return act_on_issue(request, issue_at(slug, number), "group", act, show_send, page="send", then="#test")


def _key(request: HttpRequest) -> UUID:
    written = request.POST.get("key", "")
    if not written:
        return uuid4()
    try:
        return UUID(written)
    except ValueError:
        raise Invalid("We could not read this form. Reload the page, then send the test email.") from None
