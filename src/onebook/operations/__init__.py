"""Every verb that onebook has. One operation is one transaction; HTTP, command line and pages call the same ones."""
