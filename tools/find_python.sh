#!/bin/sh
# Prints the path of a Python that can run this project's tools: 3.11 or newer, with venv and pip.
# Where there is none it says in one line what to install, and fails.
# usage: sh tools/find_python.sh [PYTHON]     (PYTHON: use this one and no other)

asked_for=$1
[ -n "$asked_for" ] ||
    set -- python3.13 python3.12 python3.11 python3.14 python3.15 python3 python

without_venv=''
can_run='import sys; sys.exit(sys.version_info < (3, 11))'
can_make_a_venv='import ensurepip, venv'

for candidate in "$@"; do
    "$candidate" -c "$can_run" >/dev/null 2>&1 || continue
    if "$candidate" -c "$can_make_a_venv" >/dev/null 2>&1; then
        exec "$candidate" -c 'import sys; print(sys.executable)'
    fi
    without_venv=${without_venv:-$candidate}
done

if [ -n "$without_venv" ]; then
    echo "$without_venv has no venv: install it (Debian, Ubuntu: apt install $without_venv-venv), or name another Python: make PYTHON=/path/to/python" >&2
elif [ -n "$asked_for" ]; then
    echo "PYTHON=$asked_for is not Python 3.11 or newer: name one that is (make PYTHON=/path/to/python)." >&2
else
    echo "Python 3.11 or newer is needed and none was found on the PATH: install one (https://www.python.org/downloads/), or name it: make PYTHON=/path/to/python" >&2
fi
exit 1
