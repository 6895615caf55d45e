"""README and docs: their links lead somewhere, and the scripts they name can be run."""

from collections.abc import Iterator
import hashlib
import os
from pathlib import Path
import re
import subprocess

import pytest

from .source import ROOT

LINK = re.compile(r"\[[^\]]+\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)")
SCRIPT = re.compile(r"\bscripts/[\w.-]+(?<![.-])\b(?!/)")


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def dead_links(page: Path) -> Iterator[str]:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not (page.parent / target).exists():
            yield target


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    assert list(dead_links(page)) == []


def test_a_dead_link_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "[web](https://example.org) [top](#top) [self](page.md#top) [gone](gone.md)",
        encoding="utf-8",
    )
    assert list(dead_links(page)) == ["gone.md"]


def scripts() -> list[Path]:
    named = {name for page in pages() for name in SCRIPT.findall(page.read_text("utf-8"))}
    assert {"scripts/demo", "scripts/test"} <= named
    return sorted(ROOT / name for name in named)


@pytest.mark.parametrize("script", [*scripts(), ROOT / ".ci" / "run"], ids=lambda path: path.name)
def test_named_scripts_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)
    if script.read_text(encoding="utf-8").startswith("#!/usr/bin/env bash"):
        check = subprocess.run(["/bin/bash", "-n", script], capture_output=True, check=False)
        assert check.stderr == b""
    else:
        assert script.suffix == ".py"


def test_a_second_setup_is_instant(tmp_path: Path) -> None:
    """An up-to-date .venv is recognised without a network, a tool or a question."""
    (tmp_path / "scripts").mkdir()
    copied = ["scripts/setup", "scripts/debian-python", "requirements_test.txt"]
    for name in copied:
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\n", encoding="utf-8")
    python.chmod(0o755)
    fingerprint = hashlib.sha256(b"".join((tmp_path / name).read_bytes() for name in copied))
    (tmp_path / ".venv" / ".fingerprint").write_text(fingerprint.hexdigest(), encoding="utf-8")
    again = subprocess.run(
        ["/bin/bash", "scripts/setup"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        check=True,
        timeout=10,
    )
    assert again.stdout == b"setup: .venv is up to date\n"
