"""Tests of change: the list, one of them with its run chart and lineage, logging and correcting one."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import ListView, TemplateView

from communities.forms.tests_of_change import EditTestOfChangeForm, TestOfChangeForm
from communities.models import Problem, TestOfChange
from communities.permissions import SENTENCES, Permission, may_edit_test
from communities.services.promises.tests_of_change import (
    NothingTried,
    TestEndsBeforeItStarts,
    edit_test_of_change,
    log_test_of_change,
)
from communities.views.in_community import InCommunity
from communities.views.promises.measured import lineage_of, measured
from cop_portal.design.views import ServiceFormView
from cop_portal.installation import clock
from cop_portal.refusals import Refusal

REFUSAL_FIELDS: dict[type[Refusal], str] = {NothingTried: "title", TestEndsBeforeItStarts: "ended_on"}


class TestOfChangeList(InCommunity, ListView[TestOfChange]):
    """What do we try, and what came of it? Those still running first."""

    __test__ = False

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/test_of_change_list.html"
    current: ClassVar[str] = "doing"
    paginate_by = settings.PAGE_SIZE
    SHOWS: ClassVar[dict[str, tuple[str, str, str]]] = {
        "all": ("All", "Tests of change", "No test of change has been logged yet. One line and an outcome are enough."),
        "running": ("Still running", "Tests still running", "No test of change is running."),
        "ended": ("With an outcome", "Tests with an outcome", "No test of change has an outcome yet."),
        "elsewhere": (
            "Adopted elsewhere",
            "Adopted elsewhere",
            "Nothing tried here is known to have been adopted elsewhere yet.",
        ),
    }

    @property
    def show(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in self.SHOWS else "all"

    def get_queryset(self) -> QuerySet[TestOfChange]:
        tests = TestOfChange.objects.filter(community=self.community).with_adoption_count().running_first()
        match self.show:
            case "running":
                return tests.running()
            case "ended":
                return tests.exclude(outcome=TestOfChange.Outcome.RUNNING)
            case "elsewhere":
                return tests.adopted_elsewhere()
        return tests

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        _, heading, empty = self.SHOWS[self.show]
        return super().get_context_data(
            today=clock.today(),
            show=self.show,
            heading=heading,
            empty=empty,
            shows=[(word, label) for word, (label, *_) in self.SHOWS.items()],
            can_log=self.may(Permission.LOG_TEST_OF_CHANGE),
            **kwargs,
        )


class OfTest(InCommunity):
    """A page of one test of change: `self.test`, or 404. With `changes`, for those who may change it."""

    current: ClassVar[str] = "doing"
    changes: ClassVar[bool] = False
    test: TestOfChange

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        tests = TestOfChange.objects.filter(community=self.community).select_related("by", "cycle_before")
        self.test = get_object_or_404(tests, pk=kwargs["pk"])
        self.test.community = self.community

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        is_in_it = self.may(Permission.EDIT_OWN_TEST_OF_CHANGE)
        if self.changes and is_in_it and not may_edit_test(self.user, self.test):
            raise PermissionDenied(SENTENCES[Permission.EDIT_OWN_TEST_OF_CHANGE])
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(test=self.test, **kwargs)

    def get_cancel_url(self) -> str:
        return self.test.get_absolute_url()


class TestOfChangePage(OfTest, TemplateView):
    """What was tried, what happened, and where it went from here."""

    __test__ = False

    permission = Permission.SEE_COMMUNITY
    template_name = "communities/test_of_change.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            today=clock.today(),
            measured=measured(self.test),
            lineage=lineage_of(self.test),
            cycles_after=self.test.cycles_after.order_by("started_on", "pk"),
            problems=Problem.objects.visible_to(self.user).filter(tests_of_change=self.test).order_by("-pk"),
            can_edit=may_edit_test(self.user, self.test),
            can_log=self.may(Permission.LOG_TEST_OF_CHANGE),
            **kwargs,
        )


class LogTestOfChange(InCommunity, ServiceFormView):
    """One line is enough. With `?after=` it is the next cycle of another."""

    permission = Permission.LOG_TEST_OF_CHANGE
    template_name = "communities/test_of_change_form.html"
    form_class = TestOfChangeForm
    current: ClassVar[str] = "doing"
    heading = "Log a test of change"
    submit_label = "Log it"
    keeps_draft = True
    refusal_fields = REFUSAL_FIELDS

    @cached_property
    def cycle_before(self) -> TestOfChange | None:
        after = self.request.GET.get("after", "")
        if not after:
            return None
        tests = TestOfChange.objects.filter(community=self.community)
        return get_object_or_404(tests, pk=int(after) if after.isdecimal() and len(after) < 19 else 0)

    def get_heading(self) -> str:
        return "Log the next cycle" if self.cycle_before else self.heading

    def get_initial(self) -> dict[str, Any]:
        before = self.cycle_before
        kept = ("title", "aim", "aim_value", "aim_on", "measure", "unit", "better") if before else ()
        return {"started_on": clock.today(), **{name: getattr(before, name) for name in kept}}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(cycle_before=self.cycle_before, **kwargs)

    def perform(self, form: TestOfChangeForm) -> HttpResponse:
        test = log_test_of_change(
            community=self.community,
            cycle=form.cycle,
            cycle_before=self.cycle_before,
            by=self.user,
            now=clock.now(),
        )
        messages.success(self.request, "It is logged. You can add what you measure, and where else it is adopted.")
        return redirect(test)

    def get_cancel_url(self) -> str:
        if self.cycle_before:
            return reverse("communities:test-of-change", args=[self.community.slug, self.cycle_before.pk])
        return reverse("communities:test-of-change-list", args=[self.community.slug])


class EditTestOfChange(OfTest, ServiceFormView):
    """Correcting it, and saying what became of it."""

    permission = Permission.EDIT_OWN_TEST_OF_CHANGE
    changes = True
    template_name = "communities/test_of_change_form.html"
    form_class = EditTestOfChangeForm
    heading = "What became of this test?"
    keeps_draft = True
    refusal_fields = REFUSAL_FIELDS

    def get_initial(self) -> dict[str, Any]:
        names = (*TestOfChangeForm.base_fields, "version")
        return {name: getattr(self.test, name) for name in names}

    def perform(self, form: EditTestOfChangeForm) -> HttpResponse:
        edit_test_of_change(
            test=self.test,
            version=form.cleaned_data["version"],
            cycle=form.cycle,
            by=self.user,
            now=clock.now(),
        )
        messages.success(self.request, "The test of change is up to date.")
        return redirect(self.test)
