"""What run and run-steps share: how a peer is started, what is told of the machine, how a record is written."""

import datetime
import importlib.util
import itertools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
NEURONLAB = REPOSITORY / "target/release/neuronlab"

# Each is to use as many threads as it is told even where nothing pins it to a core.
THREADS = ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"]


def add_options(parser, record):
    parser.add_argument("-o", "--output", type=Path, default=HERE / record, metavar="FILE",
                        help=f"the record [default: {record} beside this program]")
    parser.add_argument("--neuronlab", type=Path, default=NEURONLAB, metavar="FILE",
                        help="the program to measure [default: target/release/neuronlab of the repository]")


def check_options(parser, args):
    if not args.output.parent.is_dir():
        parser.error(f"there is no folder {args.output.parent}")


def head(core):
    """What every record begins with."""
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(core),
        "commit": git("rev-parse", "--short", "HEAD"),
        "uncommitted_changes": bool(git("status", "--porcelain", "--", "crates", "Cargo.toml", "Cargo.lock")),
    }


def measured_neuronlab(program, pin, *options):
    if not program.is_file():
        return {"not_installed": "cargo build --release in the repository"}
    return measured("neuronlab", [*pin, program, *options])


def measured_python(name, modules, pin, script, *options, threads=1):
    if not all(importlib.util.find_spec(module) for module in modules):
        return {"not_installed": f"pip install {' '.join(modules)}, for the Python that runs this program"}
    return measured(name, [*pin, sys.executable, HERE / script, *options], threads)


def measured_rust(name, crate, pin, program, *options, threads=1):
    """`name` is the folder of a crate that depends on `crate`."""
    path = HERE / name / "target/release" / program
    if not path.is_file():
        return {"not_installed": f"cargo build --release in benches/peers/{name}"}
    versions = {"versions": {crate: locked_version(HERE / name / "Cargo.lock", crate)}}
    return versions | measured(name, [*pin, path, *options], threads)


def measured(name, command, threads=1):
    """The line of JSON that a command prints; a peer that fails must not stop the others."""
    print(f"measuring {name} ...", file=sys.stderr, flush=True)
    environment = os.environ | dict.fromkeys(THREADS, str(threads)) | {"PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment)
    if done.returncode != 0:
        return {"failed": f"exit status {done.returncode}"}
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        return {"failed": "printed no JSON"}


def pinning():
    """What to put before a command so that it stays on one core, and the number of that core."""
    if shutil.which("taskset") is None or not hasattr(os, "sched_getaffinity"):
        return [], None
    core = max(os.sched_getaffinity(0))
    return ["taskset", "-c", str(core)], core


def machine(core):
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "pinned_to_core": core,
        "load_average_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "rustc": printed_by("rustc", "--version"),
    }


def cpu_model():
    cpuinfo = Path("/proc/cpuinfo")
    found = cpuinfo.is_file() and re.search(r"^model name\s*:\s*(.+)$", cpuinfo.read_text(), re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def git(*arguments):
    return printed_by("git", "-C", REPOSITORY, *arguments)


def printed_by(*command):
    """What a command prints, trimmed, or None where there is no such command."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def locked_version(lock, crate):
    found = re.search(rf'^name = "{crate}"\nversion = "(.+)"$', lock.read_text(), re.MULTILINE)
    return found[1] if found else None


def write(path, text):
    """All of it or nothing."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def aligned(rows, left):
    """Rows of words in columns, the first `left` of them to the left."""
    widths = [max(map(len, column)) for column in itertools.zip_longest(*rows, fillvalue="")]
    return ["  ".join([*(cell.ljust(w) for cell, w in zip(row[:left], widths)),
                       *(cell.rjust(w) for cell, w in zip(row[left:], widths[left:]))]).rstrip() for row in rows]


def left_out(results):
    """A line for each peer that is not installed or failed."""
    return [f"{name}: {why.replace('_', ' ')}: {result[why]}"
            for name, result in results.items() for why in ["not_installed", "failed"] if why in result]


def lines_of(record, key="peers"):
    """Of a record of run-steps: by name of a peer and of how it was measured, seconds by width, batch and optimizer."""
    lines = {}
    for peer, result in {"neuronlab": record["neuronlab"], **(record[key] or {})}.items():
        for step in result.get("steps", []):
            # Only PyTorch is measured in two ways.
            name = f"{peer} {step['what'].split(',')[0].split('.')[-1]}" if peer == "pytorch" else peer
            of = (step["width"], step["batch"], step["optimizer"])
            lines.setdefault(name, {})[of] = step["seconds_per_step"]["median"]
    return lines
