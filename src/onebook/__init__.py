"""onebook: one self-hosted book of contacts that speaks four vendors' contact APIs."""

__version__ = "0.1.0"
