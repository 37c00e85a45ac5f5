"""Rows of the claims ledger on a machine that is lent for minutes: the units of all of them in one pool of processes.

    python -m benchmarks.ledger_pool --rows 2.1 2.5 3.4 --scale gpu --data DIR --out OUT [--seconds 500] [--workers 12]

`python -m reproduction` runs one row after the other, and the last units of a row leave most processes idle. Here the
units of all rows wait in one queue, the first row's first; a unit that fails stops only those that need it. Rows whose
units are all done are judged: OUT/ROW-SCALE.json. Called again, it runs what is missing. In a tree that was copied
without its history, DIR/commit.txt says which commit it is. Exit status 1: a unit failed, or a
signal stopped the call.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import reproduction
from benchmarks.cuda_parts.record import commit
from edgan.data import open_dataset
from edgan.errors import EdganError, UsageError
from edgan.training.ending import InterruptedTrainingError
from reproduction.framework.results import write_result
from reproduction.framework.schedule import run_units, stored, with_needs
from reproduction.framework.schema import Place, Row, Unit, side_of
from reproduction.rows import find_row
from reproduction.runner import WORK, data_paths


def main(argv: Sequence[str] | None = None) -> int:
    """Run the units and judge the rows that are whole. Exit status: 1 a unit failed or a signal came, 2 wrong call."""
    arguments = _parser().parse_args(argv)
    try:
        return run(arguments)
    except UsageError as error:
        print(f"usage error: {error}", file=sys.stderr)
        return 2
    except InterruptedTrainingError:
        kept = arguments.out / WORK
        print(f"Stopped; finished work is kept in {kept}. The same command resumes it.", file=sys.stderr)
        return 1
    except EdganError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def run(arguments: argparse.Namespace) -> int:
    """Run the units and judge the rows that are whole; 1 where a unit failed."""
    until = time.time() + arguments.seconds
    rows = [find_row(name) for name in arguments.rows]
    sets = data_paths(rows, arguments.data, arguments.scale)
    finals = {row.id: units_of(row, arguments.scale, sets) for row in rows}
    place = Place(arguments.out / WORK, sets, arguments.device, until)
    failures: list[str] = []

    def failed(unit: Unit, error: Exception) -> None:
        failures.append(unit.name)
        say(f"{unit.name} failed: {type(error).__name__}: {error}")

    begun = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - begun:5.0f} s  {text}", flush=True)

    run_units([unit for units in finals.values() for unit in units], place, arguments.workers, say, failed)
    for row in rows:
        units = with_needs(finals[row.id])
        missing = [unit.name for unit in units if stored(place.folder, unit) is None]
        if missing:
            say(f"Row {row.id}: {len(units) - len(missing)} of {len(units)} units are done.")
            continue
        (result,) = reproduction.reproduce(
            row.id, scale=arguments.scale, data=arguments.data, out=arguments.out, device=arguments.device, say=say
        )
        if not result.commit:
            write_result(arguments.out, result.model_copy(update={"commit": commit(arguments.data)}))
    return int(bool(failures))


def units_of(row: Row, scale: str, sets: Mapping[str, Path]) -> list[Unit]:
    """The final units of a row on these data sets."""
    sized = row.scales[scale]
    keys = {name: open_dataset(sets[name], size=side_of(sized, name)).key for name in row.data(scale)}
    return row.units(sized, keys)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ledger_pool",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", nargs="+", required=True, metavar="ROW", help="the most valuable first")
    parser.add_argument("--scale", required=True)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the data sets")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=500.0)
    parser.add_argument("--workers", type=int, default=12, help="processes at once")
    parser.add_argument("--device", default="auto")
    return parser


if __name__ == "__main__":
    sys.exit(main())
