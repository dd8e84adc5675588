"""Approving an issue, refusing to, asking for approval, and withdrawing an approval."""

from django.http import HttpRequest, HttpResponse

from newsletter.issues.models import Issue
from newsletter.preflight.approve_issue import approve_checked
from newsletter.scheduling import approval
from newsletter.scheduling.refuse_approval import ask_for_approval, others_can_approve, refuse_approval
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.find_by_url import issue_at
from newsletter.web.desk.issue.issue_page import act_on_issue
from newsletter.web.desk.issue.send_page import show_send


@desk("POST", page="send")
def approve(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Approve the email that the page showed."""

    def act(issue: Issue) -> str:
        approve_checked(
            issue, seen=request.POST.get("seen", ""), audience_seen=request.POST.get("audience", "")
        )
        return "The issue was approved. Only this version can be sent."

    return act_on_issue(
        request, issue_at(slug, number), "approve", act, show_send, page="send", then="#approve"
    )


@desk("POST", page="send")
def refuse(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Refuse to approve the issue, for a reason."""

    def act(issue: Issue) -> str:
        refuse_approval(issue, request.POST.get("reason", ""))
        return "The issue was not approved. We are sending your reason to the people who worked on it."

    return act_on_issue(
        request, issue_at(slug, number), "refuse", act, show_send, page="send", then="#approve"
    )


@desk("POST", page="send")
def ask(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Ask the approvers to approve the issue."""

    def act(issue: Issue) -> str:
        ask_for_approval(issue)
        if others_can_approve(issue):
            return "We are telling the approvers that the issue needs approval."
        return (
            "Nobody else can approve issues of this newsletter, so we have not told anybody. Approve the issue "
            "yourself, or ask an administrator to give somebody the approver role."
        )

    return act_on_issue(request, issue_at(slug, number), "ask", act, show_send, page="send", then="#approve")


@desk("POST", page="send")
def withdraw(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Withdraw the approval."""

    def act(issue: Issue) -> str:
        approval.withdraw_approval(issue)
        return "The issue is no longer approved. It is a draft again and will not be sent."

    return act_on_issue(
        request, issue_at(slug, number), "withdraw", act, show_send, page="send", then="#approve"
    )
