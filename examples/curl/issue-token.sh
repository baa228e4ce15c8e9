#!/bin/sh
# A token of Azure Speech with a key of the pool, by curl alone: get a key, use it, report what it got.
#
#   sh examples/curl/issue-token.sh eastasia
#
# Ends with 0 and the token; with 1 where Azure refused the key, 3 where there is no key to be had now.
set -eu

region=${1:-eastasia}
pool=${AZURE_KEY_POOL_URL:-http://127.0.0.1:3000}/api
azure=${AZURE_SPEECH_URL:-https://$region.api.cognitive.microsoft.com}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Secrets and tokens go through files that only their owner reads: other users can see the arguments of a process.
umask 077
: > "$work/token"
if [ -n "${AZURE_KEY_POOL_TOKEN:-}" ]; then
  printf 'Authorization: Bearer %s\n' "$AZURE_KEY_POOL_TOKEN" > "$work/token"
fi

ask() {
  curl --silent --show-error --max-time 10 --header "@$work/token" "$@"
}

# The first value of a field in an answer. Keys of Azure have nothing in them that JSON would escape.
field() {
  sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$2" | head -n 1
}

status=$(ask --output "$work/key.json" --write-out '%{http_code}' "$pool/keys/get?region=$region")
if [ "$status" != 200 ]; then
  echo "No key: $(field error "$work/key.json"); come back in $(field retryAfterSeconds "$work/key.json") s" >&2
  exit 3
fi
key=$(field key "$work/key.json")

printf 'Ocp-Apim-Subscription-Key: %s\n' "$key" > "$work/azure"
code=$(curl --silent --show-error --max-time 30 --request POST --data '' --header "@$work/azure" \
  --dump-header "$work/head" --output "$work/answer" --write-out '%{http_code}' "$azure/sts/v1.0/issueToken") || code=000

# Without an answer nothing is known of the key. A success need not be reported.
case $code in
  000 | 2??) ;;
  *)
    wait=$(sed -n 's/^[Rr]etry-[Aa]fter: *\([0-9][0-9]*\).*/\1/p' "$work/head")
    printf '{"key":"%s","code":%s,"note":"issueToken"%s}' "$key" "$code" "${wait:+,\"retry_after\":$wait}" > "$work/report"
    ask --header 'Content-Type: application/json' --data "@$work/report" "$pool/keys/status" > "$work/reported"
    echo "The key $(field keyname "$work/key.json") got $code: $(field action "$work/reported")" >&2
    ;;
esac

case $code in
  2??) cat "$work/answer" && echo ;;
  *) exit 1 ;;
esac
