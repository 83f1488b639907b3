#!/usr/bin/env bash
# Whether the engine gives the same bits on ARM64: runs eng/SameBits under emulation, and beside it on this x86-64 machine. Debian or a kin of it.
# Installs qemu-user and the C libraries if they are missing, which needs root. Arguments: number of random networks (60), seed (1).
# One line for each check and a summary; the exit code is 1 if anything differs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
count=${1:-60} seed=${2:-1}
work=$PWD/artifacts/arm64
mkdir -p "$work"

# The emulator and what .NET links to.
root=/usr/aarch64-linux-gnu
if ! command -v qemu-aarch64 >/dev/null || [ ! -e $root/lib/libc.so.6 ] || [ ! -e $root/lib/libstdc++.so.6 ] || [ ! -e $root/lib/libgcc_s.so.1 ]; then
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends qemu-user libc6-arm64-cross libstdc++6-arm64-cross libgcc-s1-arm64-cross
fi

# OpenSSL, for SHA-256 of .NET: no package has it for another architecture, so that of arm64 is unpacked, with lists of apt's own beside the system's.
ssl=$work/openssl/usr/lib/aarch64-linux-gnu
if [ ! -e "$ssl/libcrypto.so.3" ]; then
    apt=$work/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    touch "$apt/status"
    options=(-qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=root
        -o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache")
    apt-get "${options[@]}" update
    (cd "$apt" && apt-get "${options[@]}" download libssl3)
    dpkg -x "$apt"/libssl3_*_arm64.deb "$work/openssl"
    rm -rf "$apt"
fi

dotnet publish -c Release eng/SameBits -r linux-arm64 --self-contained -o "$work/program" -v quiet >"$work/build.txt" || { cat "$work/build.txt"; exit 1; }
dotnet build -c Release eng/SameBits -v quiet >"$work/build.txt" || { cat "$work/build.txt"; exit 1; }

x64() { dotnet eng/SameBits/bin/Release/net10.0/Microsoft.ML.Binary.SameBits.dll "$@"; }
arm64() { qemu-aarch64 -L $root -E LD_LIBRARY_PATH="$ssl" "$work/program/Microsoft.ML.Binary.SameBits" "$@"; }

status=0
arm64 checks "$count" "$seed" || status=1

images=(samples/QuickStart/photos/chelsea.png)
networks=(Microsoft.ML.Binary.Research/Networks/*.mlbn Microsoft.ML.Binary.Engine/Pretrained/*.mlbn Microsoft.ML.Binary.Tests/EndToEnd/golden.network)
x64 digests "${images[@]}" "${networks[@]}" >"$work/x64.txt" || status=1
arm64 digests "${images[@]}" "${networks[@]}" >"$work/arm64.txt" || status=1
same=0 lines=0
while IFS= read -r line; do
    lines=$((lines + 1))
    if grep -qxF -- "$line" "$work/arm64.txt"; then
        same=$((same + 1))
        echo "logits       ${line%: *}: the same, ${line: -64:16}"
    else
        echo "logits       ${line%: *}: DIFFERENT"
    fi
done <"$work/x64.txt"
cmp -s "$work/x64.txt" "$work/arm64.txt" && [ "$lines" -gt 0 ] || status=1

[ $status -eq 0 ] && verdict="the same bits" || verdict="NOT the same bits"
echo "x86-64 and arm64 (emulated): $verdict, $same of $lines logits equal, ${SECONDS} s"
exit $status
