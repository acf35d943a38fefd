"""A `watchglass` command, with a line at its end that says what it cost after its imports.

python -m benchmarks.marked COMMAND …
"""

import sys

from benchmarks.process import Mark
from watchglass.cli.main import leave, run

if __name__ == "__main__":
    mark = Mark.now()
    code = run(sys.argv[1:])
    print(mark.spent())
    leave(code)
