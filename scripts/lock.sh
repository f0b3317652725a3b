#!/bin/sh
# Writes both lock files from pyproject.toml: every version pinned with its hashes, for every platform and Python
# from 3.11 on. What is locked stays as it is unless pyproject.toml forbids it; `make lock UPGRADE=1` takes the newest.
set -eu
uv=$(command -v uv || echo .venv/lock/bin/uv)
if ! command -v "$uv" >/dev/null; then
    .venv/bin/python -m venv .venv/lock
    .venv/lock/bin/python -m pip install --quiet uv
fi
compile() {
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header ${UPGRADE:+--upgrade} "$@"
}
compile pyproject.toml --all-extras --group build --output-file requirements.lock
# The second lock may add to the first, never differ from it: tests run what is served.
compile pyproject.toml --all-extras --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock
