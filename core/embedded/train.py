"""`python -m core.embedded.train`; see `core.embedded.training.train`."""

from core.embedded.training.train import main

if __name__ == "__main__":
    main()
