#!/usr/bin/env bash
# Builds images without any registry, by docker/Dockerfile on a base of Debian packages, and prints their names.
#
#   tests/system/image.sh FOLDER TARGET...
#
# Runs as root. FOLDER keeps the images (podman --root FOLDER/storage --runroot FOLDER/run) and the wheels, so that a
# second call is quick. Wheels come from where this machine's pip gets them; no trace of that is left in the images.
set -euo pipefail
folder=$(realpath -m "$1")
shift
cd "$(dirname "$0")/../.."
python=${PYTHON:-.venv/bin/python}
release=bookworm
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
languages="c cpp java javascript typescript go rust"
export BUILDAH_ISOLATION=chroot
store=(--root "$folder/storage" --runroot "$folder/run")
mkdir -p "$folder"

say() { echo "image.sh: $*" >&2; }

# The base: a small Debian with apt and Python, as the images of python.org's are, too.
base=localhost/base:$(sha256sum <tests/system/image.sh | cut -c -16)
if ! buildah "${store[@]}" inspect --type image "$base" >/dev/null 2>&1; then
    say "making $base of Debian packages"
    archive=$(mktemp -p "$folder" --suffix .tar)
    container=
    trap 'rm -f "$archive"; [ -z "$container" ] || buildah "${store[@]}" rm "$container" >/dev/null' EXIT
    mmdebstrap --quiet --mode=root --variant=apt --include=python3,python3-venv \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        "$release" "$archive" "$mirror" >&2
    container=$(buildah "${store[@]}" from scratch)
    buildah "${store[@]}" add --quiet "$container" "$archive" / >/dev/null
    buildah "${store[@]}" commit --quiet "$container" "$base" >/dev/null
    buildah "${store[@]}" rm "$container" >/dev/null
    rm -f "$archive"
    trap - EXIT
fi

# Wheels for the images' Python, of what the targets need.
"$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { say "needs Python 3.11, as the image has"; exit 1; }
extra=scorer
[ "$*" = scorer ] || extra=demo
wheels=$folder/wheels-$extra
wanted=$(cat pyproject.toml constraints.txt | sha256sum)
if [ "$(cat "$wheels/.wanted" 2>/dev/null)" != "$wanted" ]; then
    say "fetching wheels"
    mkdir -p "$wheels"  # what is there already is not fetched again, and constraints.txt says which version is meant
    setuptools=$("$python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])')
    "$python" -m pip download --quiet --disable-pip-version-check --only-binary=:all: --dest "$wheels" \
        -c constraints.txt $setuptools ".[$extra]" >&2
    rm -f "$wheels"/codaserve-*
    echo "$wanted" >"$wheels/.wanted"
fi

printf '[global]\nno-index = true\nfind-links = /wheels\n' >"$folder/pip.conf"
for target in "$@"; do
    image=localhost/codaserve-$target:test
    say "building $image"
    # Health checks are of Docker's format alone.
    buildah "${store[@]}" bud --quiet --layers --format docker --network host --target "$target" \
        --secret id=pip,src="$folder/pip.conf" --volume "$wheels:/wheels:ro" \
        --build-arg BASE="$base" --build-arg LANGUAGES="$languages" -f docker/Dockerfile -t "$image" . >&2
    echo "$image"
done
