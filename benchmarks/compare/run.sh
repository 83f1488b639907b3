#!/usr/bin/env bash
# Measures this engine against ONNX Runtime in one run and on one core, compares what the two compute, and prints both as Markdown.
# For options: run.sh --help
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

dotnet build -c Release -v quiet -clp:NoSummary "$here/Compare.csproj" >&2
exec dotnet run -c Release --no-build --project "$here/Compare.csproj" -- "$@"
