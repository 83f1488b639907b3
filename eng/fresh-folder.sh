#!/usr/bin/env bash
# The packages as a new user meets them: packs them, installs them from a folder into an empty project, compiles and runs the README's sample there,
# reads a JPEG, and installs and runs the tool. Nothing of the repository is used but its packages, its README and one photo.
# The folder for packages must have none of these yet: of two versions, the older would be tried.
# usage: eng/fresh-folder.sh [FOLDER-FOR-PACKAGES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
repository=$PWD
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
feed=${1:-$place/feed}
mkdir -p "$feed" "$place/app"
feed=$(realpath "$feed")
if compgen -G "$feed/MlBinary*.nupkg" > /dev/null; then
    echo "$feed: the folder has packages already. Delete them, or name another folder." >&2
    exit 1
fi
say() { echo "== $*"; }

say "pack"
for project in Microsoft.ML.Binary.Engine Microsoft.ML.Binary Microsoft.ML.Binary.Research Microsoft.ML.Binary.Cli; do
    dotnet pack -c Release "$project" -o "$feed" -p:ContinuousIntegrationBuild=true -v quiet
done
ls -l "$feed" | awk 'NR > 1 { print $5, $9 }'
version=$(ls "$feed" | sed -n 's/^MlBinary\.Engine\.\(.*\)\.nupkg$/\1/p' | head -1)

# Packages of the same version may lie in the user's cache from an earlier run: this one has its own, filled from the user's for all others.
cache=${NUGET_PACKAGES:-$HOME/.nuget/packages}
export NUGET_PACKAGES=$place/packages
mkdir -p "$NUGET_PACKAGES"
for package in "$cache"/*; do
    case $(basename "$package") in mlbinary*) ;; *) ln -s "$package" "$NUGET_PACKAGES/" ;; esac
done
cat > "$place/NuGet.config" <<CONFIG
<configuration>
  <packageSources><clear /><add key="local" value="$feed" /><add key="nuget.org" value="https://api.nuget.org/v3/index.json" protocolVersion="3" /></packageSources>
</configuration>
CONFIG

say "what each package holds"
for package in "$feed"/MlBinary*."$version".nupkg; do
    name=$(basename "$package") files=$(unzip -Z1 "$package")
    for file in icon.png PACKAGE.md; do
        grep -qx "$file" <<< "$files" || { echo "$name has no $file"; exit 1; }
    done
    grep -qxE 'LICENSE(\.md)?' <<< "$files" || { echo "$name has no licence"; exit 1; }
    case $name in MlBinary.Research.*) ;; *) ! grep '\.mlbn$\|Research\.dll$' <<< "$files" || { echo "$name holds weights for research"; exit 1; } ;; esac
    ! grep -E '\.(dbg|dwarf)$' <<< "$files" || { echo "$name holds symbols of native libraries"; exit 1; }
done
[ -f "$feed/MlBinary.$version.snupkg" ] && [ -f "$feed/MlBinary.Engine.$version.snupkg" ] || { echo "symbols are missing"; exit 1; }

say "an empty project, and the README's sample in it"
cd "$place/app"
dotnet new console --no-restore --force >/dev/null
dotnet add package MlBinary --version "$version" >/dev/null
dotnet tool install MlBinary.Cli --version "$version" --tool-path "$place/tool" >/dev/null
mkdir -p train/images train/masks test photos
cp "$repository/eng/fresh-folder.cs" Program.cs
dotnet run -c Release -- make
sed -n '/^```csharp$/,/^```$/p' "$repository/README.md" | sed '1d; /^```$/,$d' | sed 's/TimeSpan.FromMinutes(30)/TimeSpan.FromSeconds(20)/' > Program.cs
[ -s Program.cs ] || { echo "README.md has no sample"; exit 1; }
dotnet run -c Release | tee iou.txt
awk '{ exit !($1 > 0.5 && $1 <= 1) }' iou.txt || { echo "the sample of README.md did not learn: mIoU $(cat iou.txt)"; exit 1; }
[ -s road.zip ]

say "the tutorial, all its blocks one after the other"
mkdir "$place/tutorial"
cd "$place/tutorial"
dotnet new console --no-restore --force >/dev/null
dotnet add package MlBinary --version "$version" >/dev/null
"$place/tool/mlbinary" samples --out .
sed -n '/^```csharp$/,/^```$/p' "$repository/docs/tutorial.md" | sed '/^```/d' > Program.cs
dotnet run -c Release | tee tutorial.txt
awk '/^mean IoU/ { iou = $3 } / nuclei found, / { pictures++ } /^True$/ { same = 1 } END { exit !(iou > 0.45 && iou <= 1 && pictures == 8 && same) }' tutorial.txt || { echo "the tutorial did not learn"; exit 1; }
[ -s rows.html ] && [ -s report.html ] && [ -s nuclei.zip ] && [ -s nuclei.mlbn ]
cd "$place/app"

say "a JPEG, and a network that is not installed"
cp "$repository/eng/fresh-folder.cs" Program.cs
dotnet run -c Release -- use

say "the first sample of docs/stages.md"
sed -n '/^```csharp$/,/^```$/p' "$repository/docs/stages.md" | sed '1d; /^```$/,$d' > Program.cs
dotnet run -c Release | tee cells.txt
grep -q ' nuclei on ' cells.txt
[ -s photo.overlay.png ]
[ -s cells.zip ]

say "the tool"
PATH=$place/tool:$PATH
mlbinary --version
mlbinary score --model road.zip --images photos --out scored --overlay
[ -s scored/photo.png ] && [ -s scored/photo.overlay.png ]
mlbinary models
export MLBINARY_MODELS=$place/models
if mlbinary inspect --model RoadScene 2> missing.txt; then echo "RoadScene must not be in the tool"; exit 1; fi
# The message ends with the command that gets it.
eval "$(sed -n 's/^.*To get it: //p' missing.txt)" > /dev/null
mlbinary score --model RoadScene --images photos --out street
[ -s street/photo.png ]

say "the networks for research, in the project"
dotnet add package MlBinary.Research --version "$version" >/dev/null
dotnet run -c Release -- use-research
echo "== all of it works"
