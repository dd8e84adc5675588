"""The page on which a reader confirms whether an article was useful. Opening it counts nothing."""

from django.http import HttpRequest, HttpResponse

from newsletter.errors import NotFound
from newsletter.feedback.useful_answers import ANSWERS, answer_question, question
from subscribers.views.public_page import public, show


@public("GET", "HEAD", "POST")
def useful(
    request: HttpRequest, *, slug: str, number: int, token: str, article: int, answer: str
) -> HttpResponse:
    """Show the question with the answer of the link chosen, and record the answer that is confirmed."""
    if answer not in ANSWERS:
        raise NotFound("This link does not contain an answer.")
    asked = question(slug, number, article, token)
    chosen = request.POST.get("answer", answer) if request.method == "POST" else answer
    confirmed = request.method == "POST" and chosen in ANSWERS
    if confirmed:
        answer_question(asked, useful=ANSWERS[chosen])
    publication = asked.item.issue.publication
    return show(
        request,
        "useful",
        publication.language,
        list=publication.mailing_list,
        title=asked.title,
        spoken=asked.item.article.language,
        chosen=chosen,
        confirmed=confirmed,
        is_test=asked.reader is None,
    )
