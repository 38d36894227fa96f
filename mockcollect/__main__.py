"""The command `mockcollect`, also as `python -m mockcollect`."""

import signal


def main() -> None:
    """Run the command line."""
    # Ctrl-C while Python still imports ends quietly; `serve` then takes it over.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from mockcollect.cli.commands import main as command

    command(prog_name="mockcollect")


if __name__ == "__main__":
    main()
