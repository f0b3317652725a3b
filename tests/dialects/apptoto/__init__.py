"""What Apptoto's clients rely on, statement by statement: see docs/dialects/apptoto.md."""
