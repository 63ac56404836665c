#!/bin/sh
# tests/demo/demo.sh PROGRAM SAMPLE - show what bpflens says of a few objects made for the purpose
#
# SAMPLE makes the objects and holds them; they are gone when it ends, and this script ends it.
set -eu

program=$1 sample=$2
dir=$(dirname "$program")

if [ "$(id -u)" != 0 ]; then
	echo "The demo makes BPF objects, which only root may do. Try: sudo make demo" >&2
	exit 1
fi

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

tmp=$(mktemp -d)
pid=
cleanup() {
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	fi
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' HUP TERM

mkfifo "$tmp/ready"
"$sample" >"$tmp/ready" &
pid=$!
word=
read -r word <"$tmp/ready" || :
if [ "$word" != ready ]; then
	echo "The demo could not make its objects (see above)." >&2
	exit 1
fi

# show ARGS...: a command as one would type it, and what it says; of a long list the head, and the end,
# where the newest objects are
show() {
	printf '\n%s$ bpflens %s%s\n' "$bold" "$*" "$plain"
	"$program" "$@" >"$tmp/out" || {
		echo "bpflens $* failed (exit status $?)" >&2
		exit 1
	}
	lines=$(wc -l <"$tmp/out")
	if [ "$lines" -le 24 ]; then
		cat "$tmp/out"
	else
		head -n 7 "$tmp/out"
		echo "... ($((lines - 22)) lines left out)"
		tail -n 15 "$tmp/out"
	fi
}

title() { printf '\n%s== %s ==%s\n' "$bold" "$1" "$plain"; }

echo "Made for this demo: the programs demo_count and demo_pass (attached to nothing), and the maps"
echo "demo_hash, demo_array, demo_percpu and demo_lpm."

title "Programs: as text, as a table, as JSON"
show prog list
show prog list -o table
show prog show name demo_count -j

title "Maps"
show map list
show map list -o table
show map show name demo_hash -j

title "What a map holds"
show map dump name demo_hash
show map dump name demo_hash -o table
show map dump name demo_hash -j

kill "$pid" 2>/dev/null || :
wait "$pid" 2>/dev/null || :
pid=

cat <<EOT

The demo's objects are gone again. Try next:
  $dir/bpflens help                      all commands
  $dir/bpflens prog list -o table        what runs on this machine
  $dir/bpflens map dump id ID limit 10   the first elements of a map
  make check                             the tests
  make install                           into /usr/local, with man pages and completion
EOT
