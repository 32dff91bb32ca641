"""Runs all benchmarks of this folder, or those named: `make bench BENCH="replay coldstart"`."""

import importlib
import sys
from pathlib import Path

known = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
wanted = sys.argv[1:] or known
if unknown := set(wanted) - set(known):
    raise SystemExit(f"no such benchmark: {sorted(unknown)}; there are {known}")
for name in wanted:
    print(f"\n== {name}", flush=True)
    importlib.import_module(f"tools.bench.{name}").main()
