"""The pages in plain words that every visitor may read, and the gallery of components."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path
from django.views.generic import TemplateView

from cop_portal.design.gallery import Gallery


def _page(address: str, name: str) -> URLPattern:
    return path(address, login_not_required(TemplateView.as_view(template_name=f"legal/{name}.html")), name=name)


app_name = "design"
urlpatterns: list[URLPattern | URLResolver] = [
    _page("privacy/", "privacy"),
    _page("cookies/", "cookies"),
    _page("accessibility/", "accessibility"),
    _page("complaints/", "complaints"),
    _page("how-we-protect-your-answers/", "protection"),
]

if settings.IS_DEMO or settings.IS_TEST or settings.DEBUG:
    urlpatterns.append(path("components/", Gallery.as_view(), name="gallery"))
