"""The admin pages. Lists and topics can be edited; people and consent are read-only (consent.py changes them)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models

from subscribers import consent_wordings, topic_removal
from subscribers.admin_filters import OnlyOfferedFilters
from subscribers.admin_refusals import ShowsRefusals
from subscribers.consent_log import ConsentSource
from subscribers.models import (
    ConsentEntry,
    List,
    SourceKind,
    Subscriber,
    Subscription,
    Suppression,
    Topic,
    Wording,
)

if TYPE_CHECKING:  # these classes of Django take their model only in its stubs
    TopicInline = admin.TabularInline[Topic, List]
    SubscriptionInline = admin.TabularInline[Subscription, Subscriber]
    ConsentInline = admin.TabularInline[ConsentEntry, Subscriber]
else:
    TopicInline = SubscriptionInline = ConsentInline = admin.TabularInline


class ReadOnly(OnlyOfferedFilters):
    """A page on which nothing can be changed."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, *_arguments: Any) -> bool:
        """Return False: nothing is added here."""
        return False

    def has_change_permission(self, *_arguments: Any) -> bool:
        """Return False: nothing is changed here."""
        return False

    def has_delete_permission(self, *_arguments: Any) -> bool:
        """Return False: nothing is deleted here."""
        return False


class TopicForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in Django's stubs
    """A topic. Its slug cannot be changed once people may have chosen it, because the consent log refers to it."""

    readers = forms.ChoiceField(
        required=False,
        label="When you remove the topic",
        help_text="What to do with people who chose only this topic.",
    )

    class Meta:
        model = Topic
        fields = ("name", "slug", "description", "position")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Offer the other topics of the list as a replacement for this one."""
        super().__init__(*arguments, **named)
        choice = self.fields["readers"]
        if not self.instance.pk:
            choice.widget = forms.HiddenInput()
            return
        self.fields["slug"].disabled = True
        others = self.instance.list.topics.exclude(pk=self.instance.pk)
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            ("", "Keep the topic if anybody chose only this topic"),
            *((one.slug, f"Give them “{one.name}” instead") for one in others),
            (topic_removal.UNSUBSCRIBE, "Unsubscribe them from the list"),
        ]


class TopicForms(forms.BaseInlineFormSet):  # type: ignore[type-arg] # as above
    """All topics of a list. Removing a topic that some people chose alone needs a decision about them."""

    source = ConsentSource(SourceKind.EDITOR)

    def clean(self) -> None:
        """Raise a ValidationError with what prevents the removal of a topic."""
        super().clean()
        wrong = [
            why_not
            for form in self.deleted_forms
            if form.instance.pk
            and (why_not := topic_removal.why_not_remove(form.instance, self._readers(form.instance)))
        ]
        if wrong:
            raise forms.ValidationError(wrong)

    def delete_existing(self, obj: Topic, commit: bool = True) -> None:  # noqa: FBT001, FBT002 - Django's signature
        """Remove the topic as chosen in the form."""
        if commit:
            topic_removal.remove_topic(obj, self.source, readers=self._readers(obj))

    def _readers(self, topic: Topic) -> str:
        form = next(form for form in self.initial_forms if form.instance.pk == topic.pk)
        return str(form.data.get(form.add_prefix("readers"), ""))


class Topics(TopicInline):
    model = Topic
    form = TopicForm
    formset = TopicForms
    extra = 0


@admin.register(List)
class Lists(ShowsRefusals):
    list_display = ("name", "slug", "language", "double_opt_in", "open_to_sign_up")
    inlines = (Topics,)
    prepopulated_fields: ClassVar[dict[str, Sequence[str]]] = {"slug": ("name",)}
    readonly_fields = ("created_at",)
    formfield_overrides: ClassVar[dict[Any, dict[str, Any]]] = {models.URLField: {"assume_scheme": "https"}}

    def save_model(self, request: Any, obj: List, form: Any, change: Any) -> None:
        """Save the list and its current consent wording, so that viewing the sign-up page writes nothing."""
        super().save_model(request, obj, form, change)
        consent_wordings.keep_wording(obj)

    def save_formset(self, request: Any, form: Any, formset: Any, change: Any) -> None:
        """Save the topics. If that changes what people get, the consent log names the editor."""
        formset.source = ConsentSource(SourceKind.EDITOR, request.user.get_username())
        super().save_formset(request, form, formset, change)

    def has_delete_permission(self, *_arguments: Any) -> bool:
        """Return False: a list that people agreed to is kept. Close it to sign-up instead."""
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
        """Return the exact text that the person agreed to."""
        return entry.wording.text if entry.wording else ""


@admin.register(Subscriber)
class Subscribers(ReadOnly):
    list_display = ("address", "first_name", "last_name", "created_at")
    search_fields = ("=address_key", "address_key__startswith", "last_name__istartswith")
    inlines = (Subscriptions, History)


@admin.register(ConsentEntry)
class ConsentLog(ReadOnly):
    list_display = ("at", "act", "list", "source", "source_name")
    list_filter = ("act", "source", "list")
    list_select_related = ("list",)
    date_hierarchy = None
    ordering = ("-id",)


@admin.register(Suppression)
class Suppressions(ReadOnly):
    list_display = ("reason", "suppressed_at", "suppressed_by", "lifted_at", "lifted_by", "lifted_why")
    list_filter = ("reason",)


@admin.register(Wording)
class Wordings(ReadOnly):
    list_display = ("list", "version", "language", "text")
