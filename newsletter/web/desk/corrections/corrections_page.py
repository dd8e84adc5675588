"""The list of corrections, with filters by newsletter, by the state of the email about each, and by words."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from newsletter.corrections.list_corrections import EmailStage, find_corrections, with_emails
from newsletter.issues.visible_to_actor import visible_publications
from newsletter.web.desk.desk_page import desk, show
from newsletter.web.desk.numbered_page import numbered_page
from newsletter.web.desk.publication_choice import chosen_publication

PER_PAGE = 30
STAGES = {
    "": "All corrections",
    EmailStage.UNAPPROVED: "Email needs approval",
    EmailStage.UNSENT: "Email approved but not sent",
    EmailStage.SENT: "Email sent",
    EmailStage.NO_EMAIL: "No email needed",
}


@desk("GET", "HEAD")
def corrections(request: HttpRequest) -> HttpResponse:
    """List the corrections that the address asks for, the latest first."""
    asked = request.GET
    publications = list(visible_publications().order_by("name"))
    slug = asked.get("publication")
    chosen = chosen_publication(request) if slug is None else None
    publication = chosen or next((each for each in publications if each.slug == slug), None)
    stage = asked.get("email", "")
    stage = stage if stage in STAGES else ""
    words = asked.get("q", "").strip()
    filters = {"publication": publication.slug if publication else "", "email": stage, "q": words}
    found, links = numbered_page(
        request,
        find_corrections(publication, stage=stage, words=words),
        per_page=PER_PAGE,
        kept=filters,
    )
    return show(
        request,
        "corrections/corrections",
        rows=with_emails(found, publication),
        links=links,
        stages=list(STAGES.items()),
        choices=[("", "All newsletters"), *((each.slug, each.name) for each in publications)],
        several=len(publications) > 1,
        chosen=publication,
        filters=filters,
        is_asked=bool(publication or stage or words or links.page > 1),
        everything=f"{reverse('desk:corrections')}?publication=",
    )
