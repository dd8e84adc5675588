"""The URLs of articles and sources."""

from django.urls import path

from newsletter.web.desk.articles import (
    add_article_pages,
    add_opml_pages,
    article_acts,
    article_list,
    article_page,
    correct_article_page,
    reference_pages,
    review_pages,
    source_list_pages,
    source_pages,
)

ARTICLE = "articles/<int:article>/"
REFERENCE = f"{ARTICLE}references/<int:reference>/"
SOURCE = "sources/<int:source>/"

urlpatterns = [
    path("articles/", article_list.articles, name="articles"),
    path("articles/act/", article_acts.act_on_articles, name="act-on-articles"),
    path("articles/add/", add_article_pages.add_article, name="add-article"),
    path("articles/reviews/", review_pages.calendar, name="article-reviews"),
    path("articles/write/", add_article_pages.write, name="write-article"),
    path(ARTICLE, article_page.article, name="article"),
    path(f"{ARTICLE}change/", article_page.change, name="change-article"),
    path(f"{ARTICLE}put-back/", article_page.put_back, name="put-back-article"),
    path(f"{ARTICLE}picture/", article_page.picture, name="article-picture"),
    path(f"{ARTICLE}terms/", article_page.terms, name="article-terms"),
    path(f"{ARTICLE}fetch-picture/", article_page.fetch_picture, name="fetch-article-picture"),
    path(f"{ARTICLE}clicks/", article_page.clicks, name="article-clicks"),
    path(f"{ARTICLE}correct/", correct_article_page.correct, name="correct-article"),
    path("corrections/<int:correction>/change/", correct_article_page.change, name="change-correction"),
    path("corrections/<int:correction>/remove/", correct_article_page.remove, name="remove-correction"),
    path(f"{ARTICLE}edit/", add_article_pages.edit, name="edit-article"),
    path(f"{ARTICLE}references/add/", reference_pages.add, name="add-reference"),
    path(REFERENCE, reference_pages.change, name="change-reference"),
    path(f"{REFERENCE}remove/", reference_pages.remove, name="remove-reference"),
    path(f"{REFERENCE}restore/", reference_pages.restore, name="restore-reference"),
    path(f"{ARTICLE}review/", review_pages.review, name="review-article"),
    path("sources/", source_list_pages.sources, name="sources"),
    path("sources/find/", source_list_pages.find, name="find-sources"),
    path("sources/add/", source_list_pages.add, name="add-source"),
    path("sources/list/", add_opml_pages.read_list, name="read-source-list"),
    path("sources/list/add/", add_opml_pages.add_list, name="add-source-list"),
    path("sources/opml/", source_list_pages.export, name="export-sources"),
    path(SOURCE, source_pages.source, name="source"),
    path(f"{SOURCE}state/", source_pages.source_state, name="source-state"),
    path(f"{SOURCE}fetch/", source_pages.fetch, name="fetch-source"),
    path(f"{SOURCE}try/", source_pages.try_source, name="try-source"),
    path(f"{SOURCE}pause/", source_pages.pause, name="pause-source"),
    path(f"{SOURCE}resume/", source_pages.resume, name="resume-source"),
    path(f"{SOURCE}describe/", source_pages.describe, name="describe-source"),
    path(f"{SOURCE}accept/", source_pages.accept, name="accept-source"),
    path(f"{SOURCE}remove/", source_pages.remove, name="remove-source"),
]
