"""Octopush: the statements of docs/dialects/octopush.md, spoken over HTTP to a running server."""
