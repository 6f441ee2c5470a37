#!/usr/bin/env bash
# Installs two S3 servers by `go install` and starts them on loopback with temporary data: MinIO and versitygw. Prints
# S3STOP=…, the command that stops them, and for each a line `S3=<name> <endpoint> <access key> <secret key> <region>`.
set -euo pipefail
fail() { echo "s3.sh: $*" >&2; exit 1; }
command -v go >/dev/null || fail 'go is not on this machine'
# Pinned to what the suites passed on: MinIO's last upstream commit, and a release of versitygw.
minio=github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c
versitygw=github.com/versity/versitygw/cmd/versitygw@v1.8.0
bin=$(go env GOPATH)/bin
for module in "$minio" "$versitygw"; do
  name=$(basename "${module%@*}")
  # Installed once for each version.
  if [ "$(cat "$bin/$name.installed" 2>/dev/null)" != "$module" ] || [ ! -x "$bin/$name" ]; then
    GOFLAGS="${GOFLAGS:-} -buildvcs=false" go install "$module" >/tmp/nexus-ci-$name.log 2>&1 || { tail -n 20 /tmp/nexus-ci-$name.log >&2; fail "go install $module failed"; }
    echo "$module" >"$bin/$name.installed"
  fi
done
dir=$(mktemp -d)
free_port() { node -e 's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
secret() { head -c 24 /dev/urandom | base64 | tr -dc 'A-Za-z0-9'; }
await() { # port, log: until something listens there
  for _ in $(seq 1 150); do
    node -e 'const s=require("net").connect(process.argv[1],"127.0.0.1");s.on("connect",()=>process.exit(0));s.on("error",()=>process.exit(1))' "$1" && return
    node -e 'setTimeout(()=>{},200)'
  done
  tail -n 20 "$2" >&2; fail "nothing listens on $1"
}
minio_port=$(free_port); minio_key=$(secret); minio_secret=$(secret)
mkdir -p "$dir/minio" "$dir/versitygw"
# Told its region, MinIO refuses requests that are signed for another, as S3 does.
MINIO_SITE_REGION=us-east-1 MINIO_ROOT_USER=$minio_key MINIO_ROOT_PASSWORD=$minio_secret "$bin/minio" server --quiet --address "127.0.0.1:$minio_port" --console-address 127.0.0.1:0 "$dir/minio" >"$dir/minio.log" 2>&1 &
minio_pid=$!
versity_port=$(free_port); versity_key=$(secret); versity_secret=$(secret)
"$bin/versitygw" --port "127.0.0.1:$versity_port" --access "$versity_key" --secret "$versity_secret" --region us-east-1 --quiet posix "$dir/versitygw" >"$dir/versitygw.log" 2>&1 &
versity_pid=$!
await "$minio_port" "$dir/minio.log"; await "$versity_port" "$dir/versitygw.log"
echo "S3STOP=kill $minio_pid $versity_pid; rm -rf $dir"
echo "S3=minio http://127.0.0.1:$minio_port $minio_key $minio_secret us-east-1"
echo "S3=versitygw http://127.0.0.1:$versity_port $versity_key $versity_secret us-east-1"
