"""`python -m apwa_lang.cli`: the `apwa` command."""

from apwa_lang.cli.main import main

if __name__ == "__main__":
    main()
