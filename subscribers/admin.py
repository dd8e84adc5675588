"""The admin: lists and topics are edited, people and consent only read, since acts go through consent.py."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db import models

from subscribers import wordings
from subscribers.models import ConsentEntry, List, Subscriber, Subscription, Suppression, Topic, Wording

if TYPE_CHECKING:  # these classes of Django take their model only in its stubs
    AnyAdmin = admin.ModelAdmin[Any]
    ListAdmin = admin.ModelAdmin[List]
    TopicInline = admin.TabularInline[Topic, List]
    SubscriptionInline = admin.TabularInline[Subscription, Subscriber]
    ConsentInline = admin.TabularInline[ConsentEntry, Subscriber]
else:
    AnyAdmin = ListAdmin = admin.ModelAdmin
    TopicInline = SubscriptionInline = ConsentInline = admin.TabularInline


class OnlyRead(AnyAdmin):
    """May be looked at."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, *_arguments: Any) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, *_arguments: Any) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, *_arguments: Any) -> bool:
        """Nothing is deleted here."""
        return False


class Topics(TopicInline):
    model = Topic
    extra = 0


@admin.register(List)
class Lists(ListAdmin):
    list_display = ("name", "slug", "language", "double_opt_in", "open_to_sign_up")
    inlines = (Topics,)
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    readonly_fields = ("created_at",)
    formfield_overrides: ClassVar[dict[Any, dict[str, Any]]] = {models.URLField: {"assume_scheme": "https"}}

    def save_model(self, request: Any, obj: List, form: Any, change: Any) -> None:
        """Save, and keep what the sign-up page shows from now on, so that looking at the page writes nothing."""
        super().save_model(request, obj, form, change)
        wordings.keep_shown(obj)

    def has_delete_permission(self, *_arguments: Any) -> bool:
        """A list that people agreed to stays: close it to sign-up instead."""
        return False


class Subscriptions(SubscriptionInline):
    model = Subscription
    can_delete = False
    fields = ("list", "state", "source", "joined_at", "left_at", "paused_until")
    readonly_fields = fields
    extra = max_num = 0


class History(ConsentInline):
    model = ConsentEntry
    can_delete = False
    fields = (
        "at",
        "act",
        "list",
        "topics",
        "wording_text",
        "source",
        "source_name",
        "network_address",
        "note",
    )
    readonly_fields = fields
    extra = max_num = 0
    ordering = ("id",)

    @admin.display(description="wording")
    def wording_text(self, entry: ConsentEntry) -> str:
        """What was agreed to, word for word."""
        return entry.wording.text if entry.wording else ""


@admin.register(Subscriber)
class Subscribers(OnlyRead):
    list_display = ("address", "first_name", "last_name", "created_at")
    search_fields = ("=address_key", "address_key__startswith", "last_name__istartswith")
    inlines = (Subscriptions, History)


@admin.register(ConsentEntry)
class ConsentLog(OnlyRead):
    list_display = ("at", "act", "list", "source", "source_name")
    list_filter = ("act", "source", "list")
    list_select_related = ("list",)
    date_hierarchy = None
    ordering = ("-id",)


@admin.register(Suppression)
class Suppressions(OnlyRead):
    list_display = ("reason", "suppressed_at", "suppressed_by", "lifted_at", "lifted_by", "lifted_why")
    list_filter = ("reason",)


@admin.register(Wording)
class Wordings(OnlyRead):
    list_display = ("list", "version", "language", "text")
