#!/usr/bin/env bash
# Measures this engine against onnxruntime in one run and on one core, compares what the two compute, and prints both as Markdown.
# Needs Node.js; fetches onnxruntime-node from npm once. For options: run.sh --help
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [ ! -d "$here/node_modules/onnxruntime-node" ]; then
    # The package brings its processor runtime along; its install script would only fetch one for graphics cards.
    npm install --prefix "$here" --ignore-scripts --no-audit --no-fund --no-package-lock >&2
fi

dotnet build -c Release -v quiet -clp:NoSummary "$here/Compare.csproj" >&2
exec dotnet run -c Release --no-build --project "$here/Compare.csproj" -- "$@"
