"""Write the starter catalog: `python -m scripts.starter_catalog OUT.csv[.gz]`."""

import argparse
from pathlib import Path

from .generate import write


def main() -> None:
    """Parse the command line and write the file."""
    parser = argparse.ArgumentParser(prog="python -m scripts.starter_catalog", description=__doc__)
    parser.add_argument("out", type=Path, help="file to write; gzipped when it ends in .gz")
    parser.add_argument("--tracks", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write(options.out, count=options.tracks, seed=options.seed)


if __name__ == "__main__":
    main()
