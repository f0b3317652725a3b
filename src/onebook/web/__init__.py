"""What a person sees in a browser, and what a machine asks of a running service: health, readiness, figures."""
