#!/usr/bin/env bash
# Starts a Redis on loopback for the suites of the limits. The last line of its output is REDIS_URL=…, the one before it
# REDISSTOP=…, the command that stops it. Debian or Ubuntu, as root; elsewhere it says why it cannot, and fails.
set -euo pipefail
fail() { echo "redis.sh: $*" >&2; exit 1; }
quietly() { "$@" >/tmp/nexus-ci-redis.log 2>&1 || { tail -n 20 /tmp/nexus-ci-redis.log >&2; fail "failed: $*"; }; }
export DEBIAN_FRONTEND=noninteractive
if ! command -v redis-server >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail 'installing Redis needs root on Debian or Ubuntu; set REDIS_URL instead'
  quietly apt-get update
  quietly apt-get install -y --no-install-recommends redis-server
fi
dir=$(mktemp -d)
port=$(node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
password=$(head -c 24 /dev/urandom | base64 | tr -dc 'A-Za-z0-9')
# In a file, for an argument can be read by everybody on the machine.
printf 'bind 127.0.0.1\nport %s\nrequirepass %s\nsave ""\nappendonly no\ndir %s\ndaemonize yes\npidfile %s/pid\nlogfile %s/log\n' \
  "$port" "$password" "$dir" "$dir" "$dir" >"$dir/redis.conf"
chmod 600 "$dir/redis.conf"
quietly redis-server "$dir/redis.conf"
for _ in $(seq 1 50); do
  REDISCLI_AUTH=$password redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null | grep -q PONG && break
  node -e 'setTimeout(()=>{},100)'
done
REDISCLI_AUTH=$password redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null | grep -q PONG || { tail -n 20 "$dir/log" >&2; fail "nothing answers on $port"; }
echo "REDISSTOP=kill \$(cat $dir/pid); rm -rf $dir"
echo "REDIS_URL=redis://:$password@127.0.0.1:$port"
