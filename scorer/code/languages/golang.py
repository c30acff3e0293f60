"""What Go needs beside its entry: two ways to compile, by whether the standard library is there compiled."""

BUILD = """
for archive in "$GOROOT"/pkg/*/fmt.a; do
    if [ -e "$archive" ]; then
        tools=$(echo "$GOROOT"/pkg/tool/*)
        "$tools/compile" -p main -complete -o program.o "$1" && exec "$tools/link" -s -w -o "$2" program.o
        exit 1
    fi
done
export GOCACHE="$PWD/cache" GOPATH="$PWD/packages" GOENV=off GO111MODULE=off GOPROXY=off CGO_ENABLED=0
exec "$0" build -ldflags "-s -w" -o "$2" "$1"
"""
"""With archives, as up to Go 1.19, compiler and linker are called as `go build` does, without what it does for modules
and caches. Without, `go build` compiles of the standard library what the program needs, every time anew."""
