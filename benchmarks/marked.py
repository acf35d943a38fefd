"""A `watchglass` command, with a line at its end that says what it cost after its imports.

python -m benchmarks.marked COMMAND …
"""

import sys
from importlib import import_module

from benchmarks.process import Mark
from watchglass.cli.main import leave, run

if __name__ == "__main__":
    import_module(
        f"watchglass.cli.{sys.argv[1].replace('-', '_')}"
    )  # Else the command would load it when it is called.
    mark = Mark.now()
    code = run(sys.argv[1:])
    print(mark.spent())
    leave(code)
