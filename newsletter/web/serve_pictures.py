"""Serves the pictures of emails. A picture's address names its content, so everybody may keep it for good.

The middleware comes before sessions and languages, because the answer depends on neither: caches that many readers
share can keep it.
"""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.http import parse_etags

from newsletter.articles.pictures import placeholder_picture
from newsletter.articles.pictures.models import PictureFile

FOLDER = "/media/"
TYPES = {"jpg": "image/jpeg", "png": "image/png"}
FOR_GOOD = "public, max-age=31536000, immutable"

Answer = Callable[[HttpRequest], HttpResponse]


def served_media(get_response: Answer) -> Answer:
    """Make middleware that answers with pictures, and passes on every other request."""

    def answer(request: HttpRequest) -> HttpResponse:
        name = request.path_info.removeprefix(FOLDER)
        if name == request.path_info:
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        content = _content(name)
        return get_response(request) if content is None else _response(request, name, content)

    return answer


def no_such_picture(_request: HttpRequest, name: str) -> HttpResponse:
    """The view of what the middleware did not find."""
    raise Http404(name)


def _response(request: HttpRequest, name: str, content: bytes) -> HttpResponse:
    """Answer with a picture, or with 304 if the client has it (RFC 9110, section 13.1.2)."""
    stem, _, ending = name.partition(".")
    known = {each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))}
    response = HttpResponse(content, content_type=TYPES[ending])
    if not known.isdisjoint({"*", f'"{stem}"'}):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        # The middleware that sets it comes later and is not reached.
        response["Content-Length"] = str(len(content))
    response["ETag"] = f'"{stem}"'
    response["Cache-Control"] = FOR_GOOD
    response["Content-Security-Policy"] = "default-src 'none'"
    # Web mail shows it on pages of other sites.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _content(name: str) -> bytes | None:
    if name == placeholder_picture.NAME:
        return placeholder_picture.CONTENT
    found = PictureFile.objects.filter(name=name).values_list("content", flat=True).first()
    return None if found is None else bytes(found)
