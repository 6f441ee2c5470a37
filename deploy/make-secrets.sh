#!/bin/sh
# Makes the secrets of docker-compose.prod.yml in ./secrets, once: what is there already stays. The files are readable by
# others because the containers' own users read them; the folder is not.
set -eu
mkdir -p secrets && chmod 700 secrets
random() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
make() { # name value
  [ -s "secrets/$1" ] || { printf '%s' "$2" >"secrets/$1" && chmod 644 "secrets/$1" && echo "made secrets/$1"; }
}
make postgres_password "$(random)"
make couchdb_password "$(random)"
make s3_access_key "nexus-$(random | cut -c1-12)"
make s3_secret_key "$(random)"
make database_url "postgres://nexus:$(cat secrets/postgres_password)@postgres:5432/topology"
make couchdb_url "http://nexus:$(cat secrets/couchdb_password)@couchdb:5984"
