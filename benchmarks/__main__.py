"""Measure everything, print one table: what `scripts/bench` runs."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported
os.environ.setdefault("OMP_NUM_THREADS", "1")  # faiss

import argparse
from collections.abc import Sequence
from dataclasses import replace
import importlib.util
import json
from pathlib import Path
import sys
import time
import traceback

from benchmarks.parts import GROUPS, PARTS, Setting
from benchmarks.report import Part, machine, summary, table

BESIDE = Path(__file__).parents[2] / "shared" / "data"


def data_folder() -> Path | None:
    """Return where the public data sets are, or None."""
    folder = Path(os.environ.get("RHYTHMIQ_DATA", BESIDE))
    return folder if folder.is_dir() else None


def chosen(names: Sequence[str]) -> list[str]:
    """Return the parts that are meant, in the order they are run; all if none is named."""
    wanted = {part for name in names for part in GROUPS.get(name, (name,))}
    return [name for name in PARTS if not wanted or name in wanted]


def run(name: str, setting: Setting) -> Part:
    """Measure one part; one that breaks must not take the others with it."""
    print(f"measuring: {name} ...", file=sys.stderr, flush=True)
    started = time.perf_counter()
    try:
        part = PARTS[name](setting)
    except Exception as error:  # noqa: BLE001 - reported, and the exit status says so
        traceback.print_exc()
        part = Part(name, left_out=f"it broke: {error!r}", broken=True)
    return replace(part, seconds=time.perf_counter() - started)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 1 if a part broke, else 0."""
    parser = argparse.ArgumentParser("scripts/bench", description=__doc__)
    parser.add_argument(
        "part", nargs="*", choices=[*PARTS, *sorted(GROUPS.keys() - PARTS)], metavar="PART",
        help=f"{', '.join(PARTS)}, or a group of them: {', '.join(GROUPS)}; all, if none is named",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="smaller and less exact")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw the plots there")
    options = parser.parse_args(arguments)
    if options.plots and importlib.util.find_spec("matplotlib") is None:
        parser.error("--plots needs matplotlib (benchmarks/requirements.txt)")
    setting = Setting(quick=options.quick, data=data_folder())
    parts = [run(name, setting) for name in chosen(options.part)]
    print(*table(parts), f"\n{summary(parts)}", sep="\n")
    if setting.quick:
        print("quick: fewer households, splits and runs; verdicts are a first impression")
    found = {part.name: part.json() for part in parts}
    everything = {
        "machine": machine(),
        "quick": setting.quick,
        "parts": found,
    }
    if options.json:
        options.json.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    if options.plots:
        from benchmarks.plots import draw  # noqa: PLC0415 - needs matplotlib

        for file in draw(found, setting, options.plots):
            print(f"drawn: {file}")
    return int(any(part.broken for part in parts))


if __name__ == "__main__":
    sys.exit(main())
