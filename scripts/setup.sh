#!/bin/sh
# Makes .venv and installs into it, with nothing but Python 3.11 or newer and pip on the machine.
#
#   scripts/setup.sh requirements.lock        what `onebook serve` needs
#   scripts/setup.sh requirements-dev.lock    that, and what the tests and checks need
#
# PYTHON names the interpreter to try first. Every package is pinned with its hashes; nothing else is fetched.
set -eu
lock=$1

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 python3.14; do
        if new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    echo "onebook needs Python 3.11 or newer and found none here. Name one: make serve PYTHON=/path/to/python3.12" >&2
    exit 1
}

# Debian packs venv apart from Python: without it the new environment borrows the pip of the Python it came from.
make_venv() {
    python=$(find_python)
    echo "Making .venv with $("$python" --version)"
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        "$python" -m pip --version >/dev/null || { echo "onebook needs pip for $python." >&2; exit 1; }
        "$python" -m venv --without-pip .venv
        echo "$python" >.venv/pip-of
    fi
}

pip() {
    if [ -f .venv/pip-of ]; then
        "$(cat .venv/pip-of)" -m pip --disable-pip-version-check --python .venv/bin/python "$@"
    else
        .venv/bin/python -m pip --disable-pip-version-check "$@"
    fi
}

if ! new_enough .venv/bin/python; then
    rm -rf .venv
    make_venv
fi
echo "Installing what $lock names (only after it changed)"
pip install --quiet --require-hashes -r "$lock"
pip install --quiet --no-deps --no-build-isolation -e .
