"""`python -m mockcollect`."""

from mockcollect.cli.commands import main

if __name__ == "__main__":
    main(prog_name="mockcollect")
