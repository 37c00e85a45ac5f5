#!/usr/bin/env bash
# Installs a wheel into a fresh environment outside the clone and runs every verb of the README with the zoo's models.
# The versions are those of constraints.txt, with the build of torch that the clone's environment has.
set -euo pipefail
cd "$(dirname "$0")/.."
wheel=$(realpath "$1")
most=20000000
bytes=$(wc -c < "$wheel")
echo "$(basename "$wheel"): $bytes bytes"
[ "$bytes" -le "$most" ] || { echo "The wheel is larger than $most bytes." >&2; exit 1; }

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python=$(realpath -s "${PYTHON:-.venv/bin/python}")
grep -v '^torch==' constraints.txt > "$place/constraints.txt"
echo "torch==$($python -c 'import torch; print(torch.__version__)')" >> "$place/constraints.txt"
$python -m venv "$place/venv"
"$place/venv/bin/python" -m pip install --quiet --disable-pip-version-check -c "$place/constraints.txt" "$wheel[studio,export]"
cd "$place"
unset PYTHONPATH PYTHONHOME
export PATH="$place/venv/bin:$PATH" EDGAN_CACHE="$place/cache"
du -sh venv | sed 's/\t.*/ installed, with its dependencies/'
du -sh "$(python -c 'import edgan, pathlib; print(pathlib.Path(edgan.__file__).parent)')" | sed 's/\t.*/ of that are edgan/'

tiny="--size 32 --preset small --steps 2 --device cpu --set batch=4"
run() {
    echo "edgan $*"
    edgan "$@" > said 2>&1 || { cat said >&2; echo "failed: edgan $*" >&2; exit 1; }
}
run --version
run doctor
run methods
run zoo
run zoo faces
run explain ed-slash-gan --preset paper
run data synth faces faces --count 40 --size 64
run data synth facades facades --count 24 --size 128
run data check faces --run zoo:faces
run edit zoo:faces faces edited --sweep Eyeglasses=0:3:6
run reconstruct zoo:faces faces redrawn --what all
run translate zoo:facades facades/test drawn --variants 4
run evaluate zoo:faces --data faces
run export zoo:faces faces.html
run export zoo:faces faces.onnx
run train ed-slash-gan --data faces --out runs/faces $tiny
run train ed-slash-gan --data faces --out runs/faces --resume --steps 3
run reconstruct runs/faces faces out --what all
run evaluate runs/faces --data faces
run rank --real faces --fake mine=out/output --fake base=out/base --size 32 --report rank.html
run train cdnet --data faces --out runs/edit $tiny --set attributes=Eyeglasses,Smiling --set classifier_steps=1
run edit runs/edit faces out-edit --sweep Eyeglasses=-2:5:8
run train dcgan --data faces --out runs/dcgan $tiny
run sample runs/dcgan samples --count 4
run train connection --data faces --out runs/inverse $tiny --set gan=runs/dcgan
run invert runs/inverse faces out-invert
run train grit --data facades --out runs/pairs $tiny
run translate runs/pairs facades/test out-pairs --variants 4
python - <<'PYTHON'
import time
import urllib.request
import subprocess

served = subprocess.Popen(["edgan", "studio", "runs", "--port", "8765", "--no-browser"], stderr=subprocess.DEVNULL)
try:
    for _ in range(120):
        time.sleep(1)
        try:
            page = urllib.request.urlopen("http://127.0.0.1:8765/", timeout=5).read()
            break
        except OSError:
            assert served.poll() is None, "the studio ended"
    else:
        raise SystemExit("the studio does not answer")
finally:
    served.terminate()
    served.wait()
assert b"<html" in page
print("edgan studio")
PYTHON
echo "every verb ran from the wheel"
