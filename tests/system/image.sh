#!/usr/bin/env bash
# Builds a scorer image without any registry, by docker/Dockerfile on a base of Debian packages, and prints its name.
#
#   tests/system/image.sh FOLDER
#
# Runs as root. FOLDER keeps the images (podman --root FOLDER/storage --runroot FOLDER/run) and the wheels, so that a
# second call is quick. Wheels come from where this machine's pip gets them; no trace of that is left in the image.
set -euo pipefail
folder=$(realpath -m "$1")
cd "$(dirname "$0")/../.."
python=${PYTHON:-.venv/bin/python}
release=bookworm
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
packages=base-files,base-passwd,bash,dash,coreutils,findutils,grep,sed,mawk,python3,python3-venv,g++,openjdk-17-jdk-headless
packages+=,nodejs,golang-go,rustc,libstd-rust-dev,esbuild
export BUILDAH_ISOLATION=chroot
store=(--root "$folder/storage" --runroot "$folder/run")
mkdir -p "$folder"

say() { echo "image.sh: $*" >&2; }

# The base: extracted packages, and links that their scripts would have made.
base=localhost/base:$(sha256sum <tests/system/image.sh | cut -c -16)
if ! buildah "${store[@]}" inspect --type image "$base" >/dev/null 2>&1; then
    say "making $base of Debian packages"
    archive=$(mktemp -p "$folder" --suffix .tar)
    container=
    trap 'rm -f "$archive"; [ -z "$container" ] || buildah "${store[@]}" rm "$container" >/dev/null' EXIT
    mmdebstrap --quiet --mode=root --variant=extract \
        --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include="$packages" \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$release" "$archive" "$mirror" >&2
    container=$(buildah "${store[@]}" from scratch)
    buildah "${store[@]}" add --quiet "$container" "$archive" / >/dev/null
    root=$(buildah "${store[@]}" mount "$container")
    ldconfig -r "$root"
    ln -s ../lib/jvm/java-17-openjdk-amd64/bin/{java,javac} "$root/usr/bin/"
    buildah "${store[@]}" unmount "$container" >/dev/null
    buildah "${store[@]}" config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
    buildah "${store[@]}" commit --quiet "$container" "$base" >/dev/null
    buildah "${store[@]}" rm "$container" >/dev/null
    rm -f "$archive"
    trap - EXIT
fi

# Wheels for the image's Python.
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { say "needs Python 3.11, as the image has"; exit 1; }
wanted=$(cat pyproject.toml constraints.txt | sha256sum)
if [ "$(cat "$folder/wheels/.wanted" 2>/dev/null)" != "$wanted" ]; then
    say "fetching wheels"
    rm -rf "$folder/wheels"
    mkdir "$folder/wheels"
    setuptools=$("$python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])')
    "$python" -m pip download --quiet --disable-pip-version-check --only-binary=:all: --dest "$folder/wheels" \
        -c constraints.txt $setuptools '.[scorer]' >&2
    echo "$wanted" >"$folder/wheels/.wanted"
fi

image=localhost/codaserve-scorer:test
printf '[global]\nno-index = true\nfind-links = /wheels\n' >"$folder/pip.conf"
say "building $image"
buildah "${store[@]}" bud --quiet --layers --network host --secret id=pip,src="$folder/pip.conf" \
    --volume "$folder/wheels:/wheels:ro" --build-arg BASE="$base" -f docker/Dockerfile -t "$image" . >&2
echo "$image"
