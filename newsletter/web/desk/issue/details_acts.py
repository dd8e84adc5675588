"""Saving the subject, preheader and introduction of an issue."""

from django.http import HttpRequest, HttpResponse

from newsletter.issues.edit_issue import set_texts
from newsletter.issues.models import Issue
from newsletter.web.desk.desk_page import desk
from newsletter.web.desk.desk_urls import issue_at
from newsletter.web.desk.issue.details_page import show_details
from newsletter.web.desk.issue.issue_page import act_on_issue

# The texts of an issue, and what the desk calls them.
TEXTS = {"subject": "subject", "preheader": "preheader", "opening": "introduction"}


@desk("POST", page="details")
def save_texts(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Change the subject, preheader and introduction."""

    def act(issue: Issue) -> str:
        given = {name: request.POST.get(name, "") for name in TEXTS}
        changed = set_texts(issue, seen=request.POST.get("seen", ""), **given)
        return (
            f"Your changes were saved: {', '.join(TEXTS[name] for name in changed)}."
            if changed
            else "Nothing was changed."
        )

    return act_on_issue(request, issue_at(slug, number), "texts", act, show_details, page="details")
