#!/usr/bin/env bash
# Makes a real PostgreSQL with pgvector for the suites. The last line of its output is DATABASE_URL=…, the one before it
# PGSTOP=…, the command that stops it. Debian or Ubuntu, as root; elsewhere it says why it cannot, and fails.
set -euo pipefail
fail() { echo "postgres.sh: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || fail 'installing PostgreSQL needs root on Debian or Ubuntu; set DATABASE_URL instead'
quietly() { "$@" >/tmp/nexus-ci-postgres.log 2>&1 || { tail -n 20 /tmp/nexus-ci-postgres.log >&2; fail "failed: $*"; }; }
export DEBIAN_FRONTEND=noninteractive
version() { ls /usr/lib/postgresql 2>/dev/null | sort -n | tail -n 1; }
[ -n "$(version)" ] && [ -x "/usr/lib/postgresql/$(version)/bin/initdb" ] || { quietly apt-get update; quietly apt-get install -y --no-install-recommends postgresql; }
pg=/usr/lib/postgresql/$(version)
if [ ! -f "/usr/share/postgresql/$(version)/extension/vector.control" ]; then
  [ -d /var/lib/apt/lists/partial ] && [ -n "$(ls /var/lib/apt/lists/*Packages* 2>/dev/null)" ] || quietly apt-get update
  if ! apt-get install -y --no-install-recommends "postgresql-$(version)-pgvector" >/dev/null 2>&1; then
    # No binary package for this release: built from the source package of a later one, from the same mirror.
    quietly apt-get install -y --no-install-recommends "postgresql-server-dev-$(version)" dpkg-dev make gcc libc6-dev
    work=$(mktemp -d); mkdir -p "$work/lists/partial" "$work/sources.d"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' | grep -v security | head -n 1)
    key=$(ls /usr/share/keyrings/debian-archive-keyring.* 2>/dev/null | head -n 1 || true)
    echo "deb-src ${key:+[signed-by=$key] }$mirror trixie main" >"$work/sources.list"
    opts=(-o "Dir::Etc::sourcelist=$work/sources.list" -o "Dir::Etc::sourceparts=$work/sources.d" -o "Dir::State::lists=$work/lists" -o APT::Sandbox::User=root)
    quietly apt-get "${opts[@]}" update
    (cd "$work" && quietly apt-get "${opts[@]}" source pgvector)
    (cd "$work"/pgvector-*/ && quietly make PG_CONFIG="$pg/bin/pg_config" OPTFLAGS= && quietly make PG_CONFIG="$pg/bin/pg_config" install)
    rm -rf "$work"
  fi
fi
dir=$(mktemp -d); chown postgres "$dir"
port=$(node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
password=$(head -c 24 /dev/urandom | base64 | tr -dc 'A-Za-z0-9')
printf '%s' "$password" >"$dir/password"; chown postgres "$dir/password"
as() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
cd /
quietly as "$pg/bin/initdb" -D "$dir/data" -U nexus --pwfile "$dir/password" -A scram-sha-256 -E UTF8 --locale C.UTF-8
quietly as "$pg/bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/log" -o "-p $port -k $dir -c listen_addresses=127.0.0.1 -c shared_buffers=256MB -c max_connections=100" start
echo "PGSTOP=setpriv --reuid postgres --regid postgres --clear-groups $pg/bin/pg_ctl -D $dir/data -m fast stop >/dev/null; rm -rf $dir"
echo "DATABASE_URL=postgres://nexus:$password@127.0.0.1:$port/postgres"
