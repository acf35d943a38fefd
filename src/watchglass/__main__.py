"""`python -m watchglass`."""

from watchglass.cli.main import main

if __name__ == "__main__":
    main()
