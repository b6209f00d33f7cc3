# Sourced by ./demo and ./test from the root of the repository: a virtual environment in .venv, made once.

venv=.venv
export TMPDIR="$PWD/$venv/tmp"
export PIP_DISABLE_PIP_VERSION_CHECK=1

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 python3.14 python; do
        if "$candidate" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Lookalike needs Python 3.11 or newer with venv (on Debian and Ubuntu: apt-get install python3-venv)." >&2
    exit 1
}

# What an installation depends on: as long as it stays the same, nothing is installed again.
fingerprint() {
    {
        echo "$PWD"
        cat pyproject.toml
        if [ -f hatch_build.py ]; then cat hatch_build.py; fi
        if [ -d web ]; then find web -name node_modules -prune -o -type f -exec cksum {} + | sort; fi
    } | cksum
}

# install_once NAME PIP_ARGUMENT...
install_once() {
    name=$1
    shift
    stamp="$venv/installed-$name"
    if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
        python=$(find_python) || return 1
        rm -rf "$venv"
        "$python" -m venv "$venv" || return 1
    fi
    if [ "$(cat "$stamp" 2>/dev/null)" = "$(fingerprint)" ]; then
        return
    fi
    echo "Installing into $venv; this is done once." >&2
    mkdir -p "$TMPDIR"
    # Groups of dependencies are known to pip from 25.1.
    "$venv/bin/python" -m pip install --quiet --upgrade "pip>=25.1" || return 1
    "$venv/bin/python" -m pip install --quiet "$@" || return 1
    fingerprint >"$stamp"
}

# install_groups GROUP... installs the package for working on it, with these groups of dependencies.
install_groups() {
    install_once "$(echo "$@" | tr ' ' '-')" --editable . $(printf -- '--group %s ' "$@")
}
