#!/usr/bin/env bash
# Installs what the system tests need, on Debian: compilers and interpreters of the languages, containers without a
# registry, a browser, a reader of compose files. Quick and silent when everything is there. As root.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
# Command and package: only what every user of the machine can run counts, so not what lies in somebody's home.
needed=(
    python3:python3 gcc:gcc g++:g++ javac:default-jdk-headless node:nodejs go:golang-go rustc:rustc esbuild:esbuild
    bwrap:bubblewrap podman:podman buildah:buildah runc:runc mmdebstrap:mmdebstrap setpriv:util-linux
    chromium:chromium docker-compose:docker-compose ip:iproute2
)
missing=()
for pair in "${needed[@]}"; do
    command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "make test-system needs ${missing[*]}, and installs them itself only as root on Debian" >&2
    exit 1
fi
compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null || apt-get update -q
echo "installing ${missing[*]}"
apt-get install -y -q --no-install-recommends "${missing[@]}"
