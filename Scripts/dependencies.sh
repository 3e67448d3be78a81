#!/usr/bin/env bash
# Installs what building and running Steno needs on Debian 12, and nothing that is there already.
# A Swift toolchain is asked for, not installed. Called by the Makefile; `make deps` runs it alone.
set -euo pipefail

readonly swift="${SWIFT:-swift}"
readonly packages=(
    # What Package.swift links: sound files, Fourier transforms, sample rates, matrix products, subwords, gzip.
    libsndfile1-dev libfftw3-dev libsoxr-dev libdnnl-dev libsentencepiece-dev zlib1g-dev pkg-config
    # What a Swift toolchain compiles and links with.
    binutils libc6-dev libgcc-12-dev libstdc++-12-dev
    # What fetching packages over https and dates need.
    ca-certificates git tzdata
)
# What the toolchain's own programs load; asked for only where they do not start, as other Debians name them otherwise.
readonly toolchain_packages=(
    libcurl4 libncurses6 libsqlite3-0 libuuid1 libxml2
)

fail() {
    printf 'steno: %s\n' "$@" >&2
    exit 1
}

installed() {
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Prints the packages that are missing, one a line.
missing() {
    local wanted=("${packages[@]}") package
    if ! "$swift" package --version >/dev/null 2>&1; then
        wanted+=("${toolchain_packages[@]}")
    fi
    for package in "${wanted[@]}"; do
        installed "$package" || printf '%s\n' "$package"
    done
}

# Prints how commands are run as root: an empty line for root, `sudo -n` where that needs no password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        echo
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo sudo -n
    else
        return 1
    fi
}

command -v "$swift" >/dev/null || fail \
    "no Swift compiler ('$swift') on the PATH; Swift 6.3 for Debian 12 is at https://www.swift.org/install/linux" \
    "then run the same command again"

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "steno: no apt here; libsndfile, FFTW (single precision), soxr, oneDNN, SentencePiece, zlib, their headers and pkg-config" \
        "have to be installed already" >&2
    exit 0
fi

mapfile -t lacking < <(missing)
if [ "${#lacking[@]}" -gt 0 ]; then
    if ! root=$(as_root); then
        fail "these packages are missing, and installing them needs root; please have this run:" \
            "    apt-get update && apt-get install --no-install-recommends ${lacking[*]}"
    fi
    read -ra prefix <<<"$root"
    # Called with an `env` of its own, since sudo passes no variables on.
    apt() {
        "${prefix[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get --quiet=2 --option DPkg::Lock::Timeout=300 --option Dpkg::Use-Pty=0 "$@" </dev/null >&2
    }
    install() {
        apt install --yes --no-install-recommends "${lacking[@]}"
    }
    echo "steno: installing ${lacking[*]}" >&2
    # The package lists are fetched only where those at hand are absent or stale.
    install 2>/dev/null || { apt update && install; } || fail "apt-get could not install ${lacking[*]}"
fi

"$swift" package --version >/dev/null || fail \
    "'$swift' does not start; Swift 6.3 for Debian 12 is at https://www.swift.org/install/linux"
