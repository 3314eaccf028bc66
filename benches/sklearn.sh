#!/bin/sh
# Measures scikit-learn on given data, on one thread, in a virtual environment of its own under target/.
# benches/sklearn.sh --train FILE… --dev FILE… [--time FILE…]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv="${CARGO_TARGET_DIR:-$here/../target}/sklearn-venv"
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn >&2
fi
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
# Isolated: this folder holds a file of the name that Python is to import.
exec "$venv/bin/python" -I "$here/sklearn.py" "$@"
