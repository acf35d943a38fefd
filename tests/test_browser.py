import pytest
from playwright.async_api import Browser

pytestmark = pytest.mark.browser


class TestBrowser:
    async def test_it_runs_a_page(self, browser: Browser) -> None:
        page = await browser.new_page(locale="en-US")
        await page.set_content("<h1>Hello</h1><script>document.title = String(6 * 7)</script>")
        assert await page.title() == "42"
        await page.close()

    async def test_it_has_fonts_to_draw_text_with(self, browser: Browser) -> None:
        page = await browser.new_page(locale="en-US")
        await page.set_content("<body style='font: 40px sans-serif'><p><span>WWWWWWWW</span></p>")
        # Without fonts every letter has no width.
        assert await page.locator("span").evaluate("node => node.getBoundingClientRect().width") > 100
        await page.close()
