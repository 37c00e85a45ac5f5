"""How fast the studio is.

    python -m benchmarks.studio [RUN] [--out FILE]

Slider to picture: a headless Chromium drags a slider of the Edit panel for 10 seconds, and the page itself measures
from the slider's event to the frame after its picture was drawn. Twenty clients: each sends the positions of a drag for
30 seconds as fast as answers come, and its last picture must be the one that its last position gives alone. Start: from
the command to the list of 50 runs. The figures go to results/bench-studio.json.

RUN is a trained editor. Without it one is trained in seconds: the time of a picture does not depend on the weights.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx2 as httpx
import torch
from playwright.sync_api import sync_playwright

from benchmarks.slider import drag_first_slider
from edgan.api.training import train
from edgan.errors import EdganError
from edgan.models.stored_run import stored_configuration
from edgan.storage.durable import write_json_atomic
from edgan.storage.run_folder import RunFolder
from edgan.synthetic import write_folder

RESULTS = Path(__file__).parents[1] / "results" / "bench-studio.json"
CLIENTS, RUNS = 20, 50
DEADLINE = 60.0
LOAD = os.getloadavg()[0]
"""Processes that computed in the minute before: above 0 the machine was not idle."""


class Server:
    """`edgan studio` as a process of its own."""

    def __init__(self, runs: Path) -> None:
        command = [sys.executable, "-m", "edgan", "studio", str(runs), "--no-browser", "--device", "cpu"]
        self.begun = time.monotonic()
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        words = self.process.stderr.readline().split()
        self.url = next((word for word in words if word.startswith("http")), "")
        if not self.url:
            raise EdganError(f"The studio did not start: {' '.join(words)}")

    def memory(self) -> int:
        """Bytes of the process that are in memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(status.split("VmRSS:")[1].split()[0])

    def close(self) -> None:
        """End the process."""
        self.process.terminate()
        self.process.wait()


def trained_editor(folder: Path) -> Path:
    """An editor of 64 px with the preset quick, trained for as few steps as its stages allow."""
    faces = write_folder("faces", folder / "faces", 64, 64)
    settings = {"attributes": "Smiling,Eyeglasses,Blond_Hair", "classifier_steps": 5}
    options = {"size": 64, "steps": 10, "batch": 8, "device": "cpu", "report": False}
    return train("cdnet", faces, folder / "runs" / "editor", set=settings, **options).path  # type: ignore[arg-type]


def slider_to_picture(url: str, run: str, seconds: float) -> dict[str, float]:
    """Milliseconds from the slider's events to their pictures while it is dragged in a browser."""
    program = shutil.which("chromium")
    if program is None:
        raise EdganError("This benchmark needs the command chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}#/runs/{run}/edit")
        page.locator(".frames button").nth(8).wait_for()
        page.wait_for_timeout(500)
        drag_first_slider(page, 1.0)
        page.evaluate("performance.clearMeasures()")
        moves = drag_first_slider(page, seconds)
        page.wait_for_timeout(1000)
        measured = page.evaluate("performance.getEntriesByName('slider to picture').map((entry) => entry.duration)")
        browser.close()
    ordered = sorted(measured)
    return {
        "median_ms": statistics.median(ordered),
        "p95_ms": ordered[int(0.95 * (len(ordered) - 1))],
        "largest_ms": ordered[-1],
        "pictures": len(ordered),
        "moves": moves,
        "seconds": seconds,
    }


def twenty_clients(server: Server, run: str, seconds: float) -> dict[str, Any]:
    """Twenty clients that drag at once: errors, wrong last pictures, times of answers, memory."""
    path = f"{server.url}api/v1/runs/{run}/edit"
    asked = {"picture": {"split": "val", "index": 0}}
    control = httpx.post(f"{path}/controls", json=asked, timeout=DEADLINE).json()["controls"][0]
    until = time.monotonic() + seconds
    times: list[float] = []
    errors: list[str] = []
    last: dict[int, tuple[dict[str, Any], bytes]] = {}

    def drag(number: int) -> None:
        with httpx.Client(timeout=DEADLINE) as client:
            step = 0
            while time.monotonic() < until or number not in last:
                share = abs((step / 40 + number / CLIENTS) % 2.0 - 1.0)
                position = control["low"] + share * (control["high"] - control["low"])
                body = {"picture": {"split": "val", "index": number % 3}, "changes": {control["name"]: position}}
                begun = time.monotonic()
                answer = client.post(path, params={"stream": f"client {number}"}, json=body)
                times.append(time.monotonic() - begun)
                if answer.status_code == 200:
                    last[number] = (body, answer.content)
                else:
                    errors.append(answer.text)
                step += 1

    threads = [threading.Thread(target=drag, args=(number,)) for number in range(CLIENTS)]
    memory = [server.memory()]
    for thread in threads:
        thread.start()
    while time.monotonic() < until:
        time.sleep(min(1.0, seconds / 10))
        memory.append(server.memory())
    for thread in threads:
        thread.join()
    wrong = sum(httpx.post(path, json=body, timeout=DEADLINE).content != picture for body, picture in last.values())
    ordered, mib = sorted(times), [value / 2**20 for value in memory]
    return {
        "clients": CLIENTS,
        "seconds": seconds,
        "answers": len(times),
        "errors": len(errors),
        "wrong_last_pictures": wrong,
        "median_ms": 1000 * statistics.median(ordered),
        "p95_ms": 1000 * ordered[int(0.95 * (len(ordered) - 1))],
        "memory_mib_after_a_tenth": mib[min(len(mib) - 1, 1 + len(mib) // 10)],
        "memory_mib_largest": max(mib),
        "memory_mib_end": mib[-1],
    }


def start_with_runs(editor: Path, folder: Path) -> dict[str, float]:
    """Seconds from the command to the page, and to the list of 50 runs."""
    folder.mkdir()
    for number in range(RUNS):
        leave = shutil.ignore_patterns("checkpoints")
        shutil.copytree(editor, folder / f"run{number:02d}", ignore=leave)
    server = Server(folder)
    try:
        httpx.get(server.url, timeout=DEADLINE).raise_for_status()
        page = time.monotonic() - server.begun
        found = httpx.get(f"{server.url}api/v1/runs", timeout=DEADLINE).json()["runs"]
        return {"runs": len(found), "page_s": page, "list_s": time.monotonic() - server.begun}
    finally:
        server.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, help="a trained editor")
    parser.add_argument("--drag", type=float, default=10.0, help="seconds of the drag in the browser")
    parser.add_argument("--clients", type=float, default=30.0, help="seconds of the twenty clients")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file to write")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        editor = arguments.run or trained_editor(Path(name))
        server = Server(editor)
        try:
            results: dict[str, dict[str, Any]] = {
                "slider_to_picture": slider_to_picture(server.url, editor.name, arguments.drag),
                "twenty_clients": twenty_clients(server, editor.name, arguments.clients),
            }
        finally:
            server.close()
        results["start"] = start_with_runs(editor, Path(name) / "many")
        results["made_with"] = {
            "run": configuration_of(editor),
            "cores": os.cpu_count(),
            "load_before": LOAD,
            "torch": torch.__version__,
        }
    write_json_atomic(arguments.out, results)
    for group, figures in results.items():
        shown = {name: round(value, 2) if isinstance(value, float) else value for name, value in figures.items()}
        print(group, shown)


def configuration_of(run: Path) -> str:
    """Method, preset and size of a run."""
    folder = RunFolder.open(run)
    found = stored_configuration(folder.read_run(), folder)
    return f"{found.method}, preset {found.preset}, {found.size} px"


if __name__ == "__main__":
    main()
