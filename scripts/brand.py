#!/usr/bin/env python3
"""Draw the brand images of the integration from docs/brand/*.svg.

    .venv/bin/python scripts/brand.py

Needs a Chromium: one on the path, or what `.venv/bin/playwright install chromium` brings.
Home Assistant wants them trimmed: icons square (256 pixels), logos at most 256 pixels high,
each also at twice that size ("@2x") and for dark backgrounds ("dark_").
"""

from io import BytesIO
from pathlib import Path
import shutil

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "docs" / "brand"
IMAGES = ROOT / "custom_components" / "rhythmiq" / "brand"
HEIGHT = 256  # pixels
OVERSAMPLING = 4  # times the largest image, so that shrinking smooths every edge alike


def draw(page: Page, source: Path, theme: str) -> Image.Image:
    """Return the drawing on a transparent ground, trimmed, larger than it will be used."""
    svg = source.read_text(encoding="utf-8").replace("<svg ", f'<svg class="{theme}" ', 1)
    page.set_content(f"<style>* {{ margin: 0; display: block; height: 100vh }}</style>{svg}")
    drawn = page.locator("svg").screenshot(omit_background=True)
    image = Image.open(BytesIO(drawn)).convert("RGBA")
    return image.crop(image.getchannel("A").getbbox())


def squared(image: Image.Image) -> Image.Image:
    """Return the image in the middle of the smallest square that holds it."""
    side = max(image.size)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def main() -> None:
    """Draw every kind, theme and size."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        height = 2 * HEIGHT * OVERSAMPLING
        page = browser.new_page(viewport={"width": 5 * height, "height": height})
        for kind in ("icon", "logo"):
            for theme in ("light", "dark"):
                image = draw(page, SOURCES / f"{kind}.svg", theme)
                if kind == "icon":
                    image = squared(image)
                for factor, suffix in ((1, ""), (2, "@2x")):
                    scale = HEIGHT * factor / image.height
                    size = (round(image.width * scale), HEIGHT * factor)
                    name = f"{'dark_' if theme == 'dark' else ''}{kind}{suffix}.png"
                    image.resize(size, Image.Resampling.LANCZOS).save(IMAGES / name, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
