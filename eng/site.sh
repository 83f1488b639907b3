#!/usr/bin/env bash
# Makes the site of the documentation: artifacts/site/index.html. A broken link is an error, and so is a comment that says something twice or refers to nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ -f Microsoft.ML.Binary.Cli/bin/Release/net10.0/Microsoft.ML.Binary.dll ] || dotnet build -c Release Microsoft.ML.Binary.Cli -v quiet
dotnet build -c Release Microsoft.ML.Binary -v quiet
dotnet tool restore
rm -rf artifacts/site artifacts/api
dotnet docfx metadata docfx.json --logLevel warning --warningsAsErrors
dotnet docfx build docfx.json --logLevel warning --warningsAsErrors
cat > artifacts/site/index.html <<'HTML'
<!DOCTYPE html><meta charset="utf-8"><title>MlBinary</title><meta http-equiv="refresh" content="0; url=README.html"><a href="README.html">MlBinary</a>
HTML
echo "$(find artifacts/site -name '*.html' | wc -l) pages in artifacts/site"
