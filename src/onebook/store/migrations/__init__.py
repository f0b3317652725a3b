"""Alembic migrations, forward only, run at start under the database's own write lock."""
