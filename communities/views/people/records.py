"""/network/people/: everyone's record, for HIN staff; and making two records of one person one."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import ListView, TemplateView

from communities.forms.people import MergeForm, OtherRecordForm, PeopleSearchForm
from communities.models import Affiliation, ErasureRequest, LegalHold, Membership, Person, PersonMerge, RoleTerm
from communities.permissions import Permission
from communities.services.people.merging import merge_people, preview_merge, undo_merge
from cop_portal.accounts.access import PermissionRequired
from cop_portal.accounts.forms import ConfirmForm
from cop_portal.accounts.views.own import signed_in_user
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal


class PeopleList(PermissionRequired, ListView[Person]):
    """Whom do we know? Found by name or address."""

    permission: ClassVar[str] = Permission.SEE_PEOPLE
    template_name = "communities/people.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[Person]:
        self.form = PeopleSearchForm(self.request.GET)
        words = self.form.cleaned_data["q"] if self.form.is_valid() else ""
        people = Person.objects.visible_to(signed_in_user(self.request)).known().by_name()
        found = people.found_by(words) if words else people
        open_ones = Count("memberships", filter=Q(memberships__ends_on=None))
        return found.annotate(community_count=open_ones)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(form=self.form, **kwargs)


class AboutPerson(PermissionRequired):
    """A page about one person, loaded through what its reader may see."""

    request: HttpRequest
    person: Person

    def permission_object(self) -> None:
        return None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)  # type: ignore[misc]
        people = Person.objects.none()
        if request.user.is_authenticated:
            people = Person.objects.visible_to(request.user).select_related("user", "merged_into__user")
        self.person = get_object_or_404(people, pk=kwargs["pk"])

    def get_cancel_url(self) -> str:
        return reverse("communities:person", args=[self.person.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(person=self.person, **kwargs)  # type: ignore[misc]
        return context


class PersonPage(AboutPerson, TemplateView):
    """What do we know of this person, and where do they belong?"""

    permission: ClassVar[str] = Permission.SEE_PEOPLE
    template_name = "communities/person.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = {"person": self.person}
        places = Affiliation.objects.filter(**mine).select_related("organisation", "professional_group")
        return super().get_context_data(
            addresses=EmailAddress.objects.filter(user=self.person.user_id).order_by("-primary", "email"),
            affiliations=places.order_by("-starts_on", "-pk"),
            memberships=Membership.objects.filter(**mine).select_related("community").order_by("-starts_on", "-pk"),
            terms=RoleTerm.objects.filter(**mine).select_related("community").order_by("-starts_on", "-pk"),
            hold=LegalHold.objects.live().filter(**mine).first(),
            request_waiting=ErasureRequest.objects.waiting().filter(**mine).first(),
            **kwargs,
        )


class FindOtherRecord(AboutPerson, ServiceFormView):
    """Which other record is of the same person?"""

    permission: ClassVar[str] = Permission.MERGE_PEOPLE
    form_class = OtherRecordForm
    submit_label = "Show what would happen"
    template_name = "communities/find_other_record.html"

    def get_heading(self) -> str:
        return f"Another record of {self.person.name}"

    def perform(self, form: Any) -> HttpResponse:
        known = Person.objects.known().filter(user__emailaddress__email__iexact=form.cleaned_data["email"])
        other = known.order_by("pk").first()
        if other is None:
            raise Refusal("No record has this address. Check how it is written.", code="no_such_record")
        return HttpResponseRedirect(reverse("communities:merge-people", args=[self.person.pk, other.pk]))


class MergePeople(AboutPerson, ServiceFormView):
    """What would move, and is it one person?"""

    permission: ClassVar[str] = Permission.MERGE_PEOPLE
    form_class = MergeForm
    submit_label = "Continue"
    template_name = "communities/merge_people.html"
    other: Person

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.other = get_object_or_404(Person.objects.select_related("user"), pk=kwargs["other"])

    def get_heading(self) -> str:
        return f"Merge two records of {self.person.name}"

    def perform(self, form: Any) -> HttpResponse:
        if form.cleaned_data["sure"] == "no":
            return HttpResponseRedirect(self.get_cancel_url())
        by = signed_in_user(self.request)
        merge_people(kept=self.person, merged=self.other, by=by, now=clock.now())
        messages.success(self.request, "The two records are one now. You can undo this for 30 days.")
        return HttpResponseRedirect(reverse("communities:merge-list"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        by = signed_in_user(self.request)
        try:
            preview, refusal = preview_merge(kept=self.person, merged=self.other, by=by), ""
        except Refusal as refused:
            preview, refusal = None, " ".join(refused.messages)
        return super().get_context_data(other=self.other, preview=preview, refusal=refusal, **kwargs)


class MergeList(PermissionRequired, ListView[PersonMerge]):
    """Which records were made one, and which of these can be undone?"""

    permission: ClassVar[str] = Permission.MERGE_PEOPLE
    template_name = "communities/merges.html"
    paginate_by = settings.PAGE_SIZE

    def get_queryset(self) -> QuerySet[PersonMerge]:
        merges = PersonMerge.objects.visible_to(signed_in_user(self.request))
        return merges.select_related("kept__user", "merged__user", "merged_by", "undone_by").newest_first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        now = clock.now()
        return context | {"rows": [(merge, merge.can_be_undone(now)) for merge in context["object_list"]]}


class UndoMerge(PermissionRequired, ServiceFormView):
    """Makes the two records two again."""

    permission: ClassVar[str] = Permission.MERGE_PEOPLE
    form_class = ConfirmForm
    submit_label = "Undo the merge"
    template_name = "communities/undo_merge.html"

    def get_merge(self) -> PersonMerge:
        merges = PersonMerge.objects.visible_to(signed_in_user(self.request)).select_related("kept__user", "merged")
        return get_object_or_404(merges, pk=self.kwargs["pk"])

    def get_heading(self) -> str:
        return f"Undo the merge of two records of {self.get_merge().kept.name}"

    def get_cancel_url(self) -> str:
        return reverse("communities:merge-list")

    def perform(self, form: Any) -> HttpResponse:
        left = undo_merge(merge=self.get_merge(), by=signed_in_user(self.request), now=clock.now())
        words = f" {left} things that were changed since stay where they are." if left else ""
        messages.success(self.request, f"They are two records again.{words}")
        return HttpResponseRedirect(self.get_cancel_url())
