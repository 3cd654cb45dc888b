"""What the browser loads: built from packages, and calling nobody."""

import re
from pathlib import Path

import pytest
from django.conf import settings

BUILT = Path(settings.BASE_DIR) / "static" / "build"
# Names of things, never fetched.
NAMES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/xlink"}


def built(name: str) -> str:
    path = BUILT / name
    if not path.exists():
        pytest.fail(f"{path} is not built. Run `make build`, or `npm ci && npm run build`.")
    return path.read_text()


@pytest.mark.parametrize("name", ["app.css", "app.js"])
def test_nothing_that_is_built_names_an_outside_host(name: str) -> None:
    assert set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", built(name))) - NAMES == set()


def test_the_styles_load_no_font_and_name_none_but_arial() -> None:
    styles = built("app.css")
    assert "@font-face" not in styles
    assert "frutiger" not in styles.lower()
    families = {family.lower() for family in re.findall(r"font-family:\s*([^;}]+)", styles)}
    # For code, whatever the reader's own machine has.
    ours = re.compile(r"arial,sans-serif|inherit|menlo,.*monospace.*|monospace.*")
    assert {family for family in families if not ours.fullmatch(family.strip())} == set()


def test_the_page_itself_is_set_in_arial() -> None:
    """10.6.1 drops its rule for the page together with Frutiger: without ours, a browser would show Times."""
    assert re.search(r"html\{[^}]*font-family:arial,sans-serif", built("app.css"))


def test_every_picture_that_the_styles_ask_for_is_built() -> None:
    wanted = {address.strip("\"'") for address in re.findall(r"url\(([^)]+)\)", built("app.css"))}
    files = {address for address in wanted if not address.startswith("data:")}
    assert files
    assert {address for address in files if not (BUILT / address).exists()} == set()


def test_no_mark_of_the_nhs_is_built() -> None:
    pictures = {path.name for path in (BUILT / "images").iterdir()}
    assert {name for name in pictures if "logo" in name or "opengraph" in name or "180" in name} == set()
    assert pictures == {
        "favicon.svg",
        *(f"nhsuk-icon-{icon}.svg" for icon in ("arrow-down", "arrow-up", "arrow-up-down", "cross")),
    }


def test_partial_pages_are_set_up_without_eval_and_without_inline_styles() -> None:
    script = built("app.js")
    assert re.search(r"allowEval:(!1|false),allowScriptTags:(!1|false),includeIndicatorStyles:(!1|false)", script)


def test_pages_work_without_scripts_for_the_bundle_only_adds() -> None:
    """The class by which the design system hides things comes from the bundle, so nothing is hidden without it."""
    assert "js-enabled" in built("app.js")
