"""The command line: each command a few lines over the same operations as the APIs."""

from onebook.cli.main import main

__all__ = ["main"]
