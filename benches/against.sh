#!/usr/bin/env bash
# benches/against.sh LOG…: what a report on these logs costs beside just reading them (`zcat -f | wc -l`; zstd files: `zstd -dcf`) and, where
# it is installed, beside pflogsumm, which reads Postfix alone and wants its files oldest first. Commands take turns, ROUNDS (3) times, and the least of
# each counts: processor time is the figure to compare, wall time shows what two threads bring and what else the machine is doing.
set -euo pipefail
export LC_ALL=C
[ $# -gt 0 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
bin=${MAILTALLY:-${CARGO_TARGET_DIR:-$root/target}/release/mailtally}
[ -x "$bin" ] || { echo "$bin is not there: cargo build --release, or name it with MAILTALLY" >&2; exit 1; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
read=(zcat -f)
case $1 in *.zst) read=(zstd -dcf) ;; esac

report() { "$bin" report --quiet -o "$out/report.html" "$@" >/dev/null; }
lines() { "${read[@]}" "$@" | wc -l >/dev/null; }
pflogsumm() { "${read[@]}" "$@" | command pflogsumm >/dev/null; }
commands=(lines report)
command -v pflogsumm >/dev/null && commands+=(pflogsumm)

TIMEFORMAT='%U %S %R'
for ((round = 0; round < ${ROUNDS:-3}; round++)); do
    for name in "${commands[@]}"; do
        { time "$name" "$@"; } 2>"$out/time" || { cat "$out/time" >&2; exit 1; }
        echo "$name $(tail -1 "$out/time")" >>"$out/times"
    done
done
awk '
    { cpu = $2 + $3; if (!($1 in least) || cpu < least[$1]) least[$1] = cpu; if (!($1 in wall) || $4 < wall[$1]) wall[$1] = $4 }
    END {
        for (name in least) printf "%-10s %7.2f s of processor, %7.2f s\n", name, least[name], wall[name]
        printf "a report costs %.2f times what reading the lines costs", least["report"] / least["lines"]
        if ("pflogsumm" in least) printf ", and %.1f times less than pflogsumm", least["pflogsumm"] / least["report"]
        print ""
    }' "$out/times"
