#!/bin/sh
# packages.sh NAME...: makes sure that these Debian packages are installed. Installs what is missing as root or through sudo
# without a password; elsewhere says what to install. Removes nothing, starts no service.
set -eu
command -v dpkg-query >/dev/null 2>&1 || { echo "not a Debian system: install the equivalents of: $*" >&2; exit 0; }
missing=
for p in "$@"; do
    case "$(dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null || true)" in
        ii*) ;;
        *) missing="$missing $p" ;;
    esac
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ]; then
    as_root=
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "These packages are missing and need an administrator to install them:" >&2
    echo "    apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "installing packages:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
    # policy-rc.d of our own would be a change to the system; RUNLEVEL=1 makes invoke-rc.d leave services alone
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends --no-remove $missing >"$log" 2>&1
}
install || { $as_root apt-get update -q >>"$log" 2>&1; install; } || {
    tail -n 20 "$log" >&2
    echo "apt-get could not install:$missing" >&2
    echo "If it wanted to remove a package (libcurl4-openssl-dev and libcurl4-gnutls-dev exclude each other), do that by hand first." >&2
    exit 1
}
