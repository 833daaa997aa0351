"""The command ``neuronlab``: the same program as the one that cargo builds."""

from __future__ import annotations

import signal
import sys

from neuronlab._neuronlab import command_line


def main() -> None:
    """Run the command line with the process's arguments, and exit with its code."""
    # The program listens to Ctrl-C itself; Python must not turn it into an exception that nobody sees.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(command_line(["neuronlab", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
