"""``python -m sopsem``."""

from sopsem.cli import main

if __name__ == "__main__":
    main()
