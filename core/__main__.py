"""`python -m core`; see `core.cli.explain`."""

import sys

from core.cli.explain import main

if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(130)
