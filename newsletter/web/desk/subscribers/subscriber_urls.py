"""The URLs of subscribers."""

from django.urls import path

from newsletter.web.desk.subscribers import (
    add_subscriber_page,
    bulk_act_pages,
    lists_pages,
    paste_addresses_page,
    person_acts,
    person_basis_page,
    person_page,
    remove_topic_page,
    segment_pages,
    subscriber_list_page,
)

PERSON = "subscribers/<int:subscriber>/"

urlpatterns = [
    path("subscribers/", subscriber_list_page.subscribers, name="subscribers"),
    path("subscribers/count/", subscriber_list_page.count, name="count-subscribers"),
    path("subscribers/act/", bulk_act_pages.act, name="act-on-people"),
    path("subscribers/act/<int:number>/", bulk_act_pages.status, name="people-act"),
    path("subscribers/act/<int:number>/cancel/", bulk_act_pages.cancel, name="cancel-people-act"),
    path("subscribers/act/<int:number>/undo/", bulk_act_pages.undo, name="undo-people-act"),
    path("subscribers/lists/", lists_pages.lists, name="mailing-lists"),
    path("subscribers/lists/<slug:mailing_list>/", lists_pages.one_list, name="mailing-list"),
    path("subscribers/lists/<slug:mailing_list>/growth/", lists_pages.growth, name="list-growth"),
    path(
        "subscribers/lists/<slug:mailing_list>/topics/<slug:topic>/remove/",
        remove_topic_page.remove,
        name="remove-topic",
    ),
    path("subscribers/add/", add_subscriber_page.add, name="add-subscriber"),
    path("subscribers/paste/", paste_addresses_page.paste, name="paste-subscribers"),
    path("subscribers/segments/", segment_pages.segments, name="segments"),
    path("subscribers/segments/new/", segment_pages.new_segment, name="new-segment"),
    path("subscribers/segments/<int:number>/", segment_pages.segment, name="segment"),
    path("subscribers/segments/<int:number>/people/", segment_pages.people_of_segment, name="segment-people"),
    path("subscribers/segments/<int:number>/remove/", segment_pages.remove, name="remove-segment"),
    path(PERSON, person_page.subscriber, name="subscriber"),
    path(f"{PERSON}details/", person_acts.details, name="subscriber-details"),
    path(f"{PERSON}address/", person_acts.address, name="subscriber-address"),
    path(f"{PERSON}basis/", person_basis_page.basis, name="subscriber-basis"),
    path(f"{PERSON}subscribe/", person_acts.subscribe, name="subscribe"),
    path(f"{PERSON}unsubscribe/", person_acts.unsubscribe, name="unsubscribe"),
    path(f"{PERSON}pause/", person_acts.pause, name="pause-subscriber"),
    path(f"{PERSON}suppress/", person_acts.suppress, name="suppress"),
    path(f"{PERSON}lift/", person_acts.lift, name="lift-suppression"),
    path(f"{PERSON}export/", person_acts.export, name="export-subscriber"),
    path(f"{PERSON}erase/", person_acts.erase, name="erase-subscriber"),
]
