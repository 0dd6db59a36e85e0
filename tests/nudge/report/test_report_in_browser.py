import shutil

import pytest

from nudge.report.report_folder import HTML_FILE, write_report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = (360, 1280)


@pytest.fixture(scope="module")
def browser():
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on PATH (chromium, chromium-browser or google-chrome)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize("name", ["benefit", "three_arms", "water", "orange_county"])
def test_a_report_is_accessible_and_fits_a_phone(browser, request, tmp_path, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    write_report(request.getfixturevalue(name), tmp_path, pdf=False)
    for width in WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto((tmp_path / HTML_FILE).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = axe.run(page).response["violations"]
        assert [(one["id"], one["impact"]) for one in found] == []
        page.close()
