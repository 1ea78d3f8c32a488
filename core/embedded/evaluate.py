"""`python -m core.embedded.evaluate`; see `core.embedded.training.evaluate`."""

from core.embedded.training.evaluate import main

if __name__ == "__main__":
    main()
