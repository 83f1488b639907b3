#!/usr/bin/env bash
# Times a training step of this package against the same network in PyTorch, one step of each in turn, and prints one Markdown table.
# Needs a python3 with PyTorch (Debian: python3-torch). For options: run.sh --help
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Waiting OpenMP threads would spin on the core that the other process is being timed on.
export OMP_WAIT_POLICY=passive

dotnet build -c Release -v quiet -clp:NoSummary "$here/Training.csproj" >&2
exec dotnet run -c Release --no-build --project "$here/Training.csproj" -- "$@"
