"""Take a picture of the demo's dashboard: `python -m scripts.demo_home.screenshot OUT.png`.

Needs Chromium on the machine; the demo must be running.
"""

import argparse
from pathlib import Path
import shutil

from playwright.sync_api import sync_playwright

from .dashboard import PATH

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    """Sign in, wait for the cards, save the picture."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.demo_home.screenshot", description=__doc__
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8123")
    parser.add_argument("--size", default="1440x1000", help="of the window, in pixels")
    parser.add_argument("--dark", action="store_true")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        parser.error(f"none of {', '.join(BROWSERS)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path,
            args=["--no-sandbox"] if not Path.home().stat().st_uid else [],
        )
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if options.dark else "light",
        )
        page.goto(f"{options.url}/{PATH}")
        page.locator("input[name=username]").fill("demo")
        page.locator("input[name=password]").fill("demo")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{PATH}/**", timeout=60_000)
        page.locator("hui-heading-card").first.wait_for(timeout=60_000)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(2_000)
        page.screenshot(path=options.out)
        browser.close()


if __name__ == "__main__":
    main()
