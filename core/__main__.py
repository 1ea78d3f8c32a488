"""`python -m core`; see `core.cli.explain`."""

import sys

from core.cli.explain import main

if __name__ == "__main__":
    sys.exit(main())
