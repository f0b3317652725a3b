"""One module a vendor's API: tables, readers, writers, errors, routes. Dialects do not know each other."""
