#!/bin/sh
# Build step, as root: sees to it that there is nft, which the network faults need. Never fails the
# build and takes bounded time: without it all else works, and /pg-cluster/no-tools says why.
PATH=$PATH:/usr/sbin:/sbin
command -v nft >/dev/null && exit 0

install() {
  if command -v apt-get >/dev/null; then
    # Lists and archives of our own: the image's may be meant to be as they are.
    mkdir -p /tmp/apt/lists/partial /tmp/apt/archives/partial
    set -- -q -o Dir::State::lists=/tmp/apt/lists -o Dir::Cache=/tmp/apt -o Acquire::Retries=0 \
      -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 -o APT::Sandbox::User=root
    timeout 45 apt-get "$@" update &&
      DEBIAN_FRONTEND=noninteractive timeout 60 apt-get "$@" install -y --no-install-recommends nftables
  elif command -v apk >/dev/null; then
    timeout 60 apk add --no-cache nftables
  else
    echo 'this image has neither apt-get nor apk'
    false
  fi
}

install >/tmp/install.log 2>&1
if ! command -v nft >/dev/null; then
  {
    grep -E '^(E|ERROR): ' /tmp/install.log | head -n 1
    tail -n 1 /tmp/install.log
  } | head -n 1 >/pg-cluster/no-tools
  echo "nft could not be installed, so network faults will not work: $(cat /pg-cluster/no-tools)"
fi
rm -rf /tmp/apt /tmp/install.log
