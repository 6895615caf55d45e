#!/usr/bin/env python3
"""Hold the tests to what they must cover: lines and branches, of each package on its own.

    scripts/coverage_gate.py REPORT     REPORT is what `coverage json` wrote

coverage.py's own `fail_under` is one figure over lines and branches together; a strong line
coverage could hide untested decisions, and a large package an untested small one.
"""

from collections import Counter
import json
from pathlib import Path
import sys

PACKAGES = ("custom_components", "backend")
LEAST = {"lines": 95.0, "branches": 90.0}  # percent
COUNTS = {  # of what coverage.py counts: how many ran, of how many
    "lines": ("covered_lines", "num_statements"),
    "branches": ("covered_branches", "num_branches"),
}


def measure(report: Path, package: str) -> dict[str, float]:
    """Return the percentage of the package's lines and branches that ran; of nothing, 0 %."""
    total: Counter[str] = Counter()
    measured = json.loads(report.read_text(encoding="utf-8") or '{"files": {}}')
    for name, file in measured["files"].items():
        if Path(name).parts[0] == package:
            total.update({key: file["summary"][key] for keys in COUNTS.values() for key in keys})
    return {
        what: 100.0 * total[ran] / total[of] if total[of] else 0.0
        for what, (ran, of) in COUNTS.items()
    }


def main(report: Path) -> int:
    """Print the figures of every package; return 1 if one of them is too low, else 0."""
    short = False
    for package in PACKAGES:
        measured = measure(report, package)
        short |= any(measured[what] < least for what, least in LEAST.items())
        figures = ", ".join(
            f"{measured[what]:.1f} % of {what} (at least {least:g})"
            for what, least in LEAST.items()
        )
        print(f"coverage of {package}: {figures}")
    if short:
        print("coverage is too low", file=sys.stderr)
    return int(short)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
