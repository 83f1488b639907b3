#!/usr/bin/env bash
# Runs every cell of samples/Notebooks in the kernel of notebooks, with the library as a package ('#r "nuget: MlBinary"') from a local folder.
# usage: eng/notebooks.sh [FOLDER-OF-PACKAGES]   without a folder the packages are made first; further arguments go to 'dotnet test'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
if [ $# -gt 0 ]; then
    feed=$(realpath "$1")
    shift
else
    feed=$place/feed
    for project in Microsoft.ML.Binary.Engine Microsoft.ML.Binary; do
        dotnet pack -c Release "$project" -o "$feed" -v quiet
    done
fi

dotnet build -c Release samples/Notebooks.Tests -v quiet
# Packages of the same version may lie in the user's cache from an earlier run: this one has its own, filled from the user's for all others.
cache=${NUGET_PACKAGES:-$HOME/.nuget/packages}
export NUGET_PACKAGES=$place/packages MLBINARY_FEED=$feed
mkdir -p "$NUGET_PACKAGES"
for package in "$cache"/*; do
    case $(basename "$package") in mlbinary*) ;; *) ln -s "$package" "$NUGET_PACKAGES/" ;; esac
done
dotnet test -c Release --no-build samples/Notebooks.Tests "$@"
