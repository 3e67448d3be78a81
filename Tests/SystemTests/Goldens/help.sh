#!/usr/bin/env bash
# Writes the help texts that the tests compare with: Tests/SystemTests/Goldens/help.sh [PROGRAM]
# after `swift build -c release`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
program=${1:-../../../.build/release/steno}
export COLUMNS=80
for verb in "" transcribe translate pronounce chat train evaluate score features corpus "corpus import" "corpus check" model "model info" "model average" \
    "model language" "model compress"; do
    read -ra words <<<"$verb"
    name=steno${verb:+ $verb}
    "$program" ${words[@]+"${words[@]}"} --help >"help/${name// /-}.txt"
done
