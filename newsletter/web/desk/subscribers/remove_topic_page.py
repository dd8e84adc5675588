"""The page that says who chose a topic, asks what those who chose nothing else get, and removes the topic."""

from django.http import HttpRequest, HttpResponse

from newsletter.accounts.role_checked_subscriber_acts import why_not_look
from newsletter.background_jobs.models import BackgroundJob
from newsletter.errors import NewsletterError, refuse_if
from newsletter.issues.administer_lists_and_topics import why_not_change_lists
from newsletter.issues.remove_topic import ask_to_remove, segments_with, why_removal_failed
from newsletter.web.desk.desk_page import desk, done, show
from newsletter.web.desk.form_error import FormError
from newsletter.web.desk.formatting import people
from newsletter.web.desk.imports.job_progress import sentence_of
from newsletter.web.desk.subscribers.lists_pages import list_at, page_of_list
from subscribers.models import Subscription, Topic
from subscribers.topic_removal import UNSUBSCRIBE, find_topic, people_with, readers_of_this_topic_alone


@desk("GET", "HEAD", "POST")
def remove(request: HttpRequest, mailing_list: str, topic: str) -> HttpResponse:
    """Ask what becomes of the people who chose a topic, or remove it."""
    refuse_if(why_not_look() or why_not_change_lists())
    found = find_topic(list_at(mailing_list), topic)
    form_error = None
    if request.method == "POST":
        try:
            job = ask_to_remove(found, request.POST.get("readers", ""))
            return done(request, _sentence(found, job), page_of_list(mailing_list))
        except NewsletterError as error:
            form_error = FormError.of(error, "readers", request.POST.dict())
    only_this = readers_of_this_topic_alone(found)
    alone, active = only_this.count(), only_this.filter(state=Subscription.State.ACTIVE).count()
    others = [
        (each.slug, f"Give them “{each.name}” instead") for each in found.list.topics.exclude(pk=found.pk)
    ]
    return show(
        request,
        "subscribers/topic_remove",
        status=form_error.status if form_error else 200,
        list=found.list,
        topic=found,
        people=people_with(found),
        alone=alone,
        active=active,
        segments=segments_with(found),
        choices=[*others, (UNSUBSCRIBE, "Unsubscribe them from the list")],
        failed=sentence_of(why_removal_failed(found)),
        form_error=form_error,
    )


def _sentence(topic: Topic, job: BackgroundJob) -> str:
    if job.state == BackgroundJob.State.DONE:
        return f"The topic “{topic.name}” was removed. {people(job.result['people'])} had chosen it."
    if job.has_ended:
        return sentence_of(job.sentence) or f"The topic “{topic.name}” was not removed."
    return f"The topic “{topic.name}” is being removed from {people(job.total)}. This can take a few minutes."
