"""The dashboard in a true browser: the trend is found, kept in the URL, and fits a phone."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.dashboard.filled import FIRST, fill_store, make_labelled, make_weeks
from tests.dashboard.served import demonstrating, serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WAIT_MS = 60_000
ATTACK = (
    "سنو <img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A chromium without a window; skips where none is installed."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("no chromium is installed, and REQUIRE_BROWSER is set")
    if path is None:
        pytest.skip("no chromium is installed (Debian: apt-get install chromium)")
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a dashboard that serves a filled store and shows its posts."""
    folder: Path = tmp_path_factory.mktemp("browser")
    store = f"sqlite:///{folder.as_posix()}/store.db"
    attack = make_labelled(9999, FIRST, "threat", text=ATTACK, form="ur")
    fill_store(store, [*make_weeks(), attack])
    settings = {
        "AWAAZ_DATA": str(folder),
        "AWAAZ_STORE__URL": store,
        "AWAAZ_PRIVACY__SHOW_REAL_POSTS": "true",
    }
    with serving(settings) as served:
        yield served


def open_view(browser: Browser, address: str, width: int = 1400, height: int = 900) -> Page:
    """Open an address in a window of its own and wait until the page is drawn."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(WAIT_MS)
    page.goto(address)
    page.locator(".aw-lead, .aw-posts").first.wait_for()
    return page


def test_the_demo_shows_its_trend(browser: Browser, tmp_path: Path) -> None:
    with demonstrating(tmp_path) as address:
        page = open_view(browser, address)
        expect(page.get_by_text("Every post here is invented.")).to_be_visible()
        lines = page.locator("[data-testid=stVegaLiteChart]").first.locator("g.mark-line path")
        expect(lines).to_have_count(3)
        expect(page.locator(".aw-lead")).to_contain_text("posts that take a stance")
        page.close()


def test_trend_is_found(browser: Browser, address: str) -> None:
    page = open_view(browser, address)
    expect(page.locator(".aw-lead")).to_contain_text("Of 30 posts that take a stance")
    expect(page).to_have_title("Trend · Awaaz")
    expect(page.locator("h1")).to_have_count(1)
    expect(page.get_by_text("as counted, not corrected").first).to_be_visible()
    charts = page.locator("[data-testid=stVegaLiteChart]")
    expect(charts).to_have_count(2)
    lines = charts.first.locator("g.mark-line path")
    expect(lines).to_have_count(3)
    expect(page.get_by_role("link", name=re.compile("Supreme Court")).first).to_be_visible()
    page.close()


def test_view_is_kept_in_the_url(browser: Browser, address: str) -> None:
    page = open_view(browser, f"{address}/?country=PK&period=week")
    page.get_by_text("Shares of all labelled posts").click()
    page.wait_for_url(re.compile("of=all"))
    expect(page.locator(".aw-lead")).to_contain_text("labelled posts in the week of")
    shared = page.url
    page.close()
    again = open_view(browser, shared)
    expect(again.locator(".aw-lead")).to_contain_text("labelled posts in the week of")
    expect(again.locator(".aw-head").first).to_contain_text("per week")
    expect(again.get_by_text("Posts from Pakistan only")).to_be_visible()
    again.close()


def test_phone_shows_sentence_and_chart_without_sliding(browser: Browser, address: str) -> None:
    page = open_view(browser, address, width=390, height=844)
    chart = page.locator("[data-testid=stVegaLiteChart]").first
    chart.locator("g.mark-line path").first.wait_for(state="attached")
    box = chart.bounding_box()
    assert box is not None
    assert box["y"] < 600
    assert box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_hostile_post_stays_text(browser: Browser, address: str) -> None:
    page = open_view(browser, f"{address}/posts?stance=hostile&frame=threat")
    post = page.locator(".aw-posts p[lang=ur]")
    expect(post).to_contain_text("<img src=x")
    assert post.evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert page.locator(".aw-posts img, .aw-posts script").count() == 0
    assert page.title() != "broken"
    page.close()
