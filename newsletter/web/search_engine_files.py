"""What search engines ask for: the addresses of public pages (https://www.sitemaps.org/) and which to leave alone."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from newsletter.issues.models import Publication
from newsletter.issues.page_urls import absolute_url, read_online_url
from newsletter.sending import published_issues

MAX_ADDRESSES = 50_000  # the maximum of one sitemap
NOT_FOR_ROBOTS = ("/desk/", "/admin/", "/webhooks/", "/metrics")


@require_safe
def sitemap(_request: HttpRequest) -> HttpResponse:
    """List the pages of every public archive."""
    from xml.sax.saxutils import escape

    addresses: list[tuple[str, str]] = []
    for each in published_issues.publications():
        if each.archive == Publication.Archive.PUBLIC:
            addresses.append((absolute_url(reverse("archive", args=[each.slug])), ""))
            issues = published_issues.published_issues(each).values_list("number", "sent_at")
            addresses += [
                (read_online_url(each, number), f"{sent_at:%Y-%m-%d}" if sent_at else "")
                for number, sent_at in issues[:MAX_ADDRESSES]
            ]
    lines = [
        f"<url><loc>{escape(address)}</loc>{f'<lastmod>{day}</lastmod>' if day else ''}</url>"
        for address, day in addresses[:MAX_ADDRESSES]
    ]
    document = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *lines,
            "</urlset>\n",
        ]
    )
    return HttpResponse(document, content_type="application/xml")


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Say which pages robots should leave alone (RFC 9309), and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines += ["", f"Sitemap: {absolute_url(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
