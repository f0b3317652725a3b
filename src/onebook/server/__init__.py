"""The application: receives requests, checks keys and bounds, and sends answers. The only async room."""
