"""RLtools, for those who have it: compiles our driver against a checkout, and runs it.

RLtools takes sizes as template parameters, so each size has a binary. Nothing of RLtools is in this
repository.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from contestants import HERE, Json, PeersError, Size, Task, Training, parse, run_child
from tools import ROOT, announce, commit

DRIVER = HERE / "rltools_driver.cpp"
BINARIES = ROOT / "target" / "peers-rltools"

FLAGS = ["-std=c++17", "-O3", "-march=native", "-ffast-math"]
DEFINES = ["RL_TOOLS_DISABLE_TENSORBOARD"]
WITH_BLAS = [*DEFINES, "RL_TOOLS_BACKEND_ENABLE_BLAS", "RL_TOOLS_NN_DISABLE_GENERIC_FORWARD_BACKWARD"]
"""With the last one, a layer that bypasses the library does not compile."""

UPDATES: Json = {
    "LEARNING_STARTS": 100,
    "BUFFER": 10_000,
    "GAMMA": 0.99,
    "TAU": 0.005,
    "LEARNING_RATE": 3e-4,
}
"""Settings of the measured updates: the defaults of Stable-Baselines3, and the peers' replay buffer."""


# The library that multiplies matrices


@dataclass(frozen=True)
class Blas:
    """A library of matrix products, as RLtools takes it."""

    title: str
    """RLtools' name in the table, with it."""
    version: str
    """Its name and version, for the record."""
    defines: list[str]
    include: list[str] = field(default_factory=list)
    link: list[str] = field(default_factory=list)


def blas_of(compiler: list[str], mkl: Path | None) -> Blas:
    """MKL if its path is given, or the system's OpenBLAS, or else RLtools' generic backend."""
    if mkl is not None:
        return mkl_in(compiler, mkl.absolute())
    link = ["-lopenblas"]
    try:
        version = asked(compiler, link, OPENBLAS_VERSION)
    except PeersError:
        announce(
            "warning: RLtools has neither MKL nor OpenBLAS; its generic backend is many times slower.\n"
            "Name MKL with --mkl, or install OpenBLAS (on Debian, libopenblas-dev)"
        )
        return Blas("RLtools (generic)", "its generic backend", DEFINES)
    defines = [*WITH_BLAS, "RL_TOOLS_BACKEND_ENABLE_OPENBLAS"]
    return Blas("RLtools (OpenBLAS)", f"OpenBLAS {version}", defines, link=link)


def mkl_in(compiler: list[str], prefix: Path) -> Blas:
    """MKL in a folder that has `include` and `lib`, as pip and oneAPI lay it out."""
    advice = (
        "--mkl takes a folder that has include/mkl.h, and MKL's libraries in lib: a virtual environment\n"
        "after `pip install mkl-devel`, or that of oneAPI's MKL"
    )
    if not (prefix / "include" / "mkl.h").is_file():
        raise PeersError(f"{prefix} has no include/mkl.h\n{advice}")
    # In oneAPI, OpenMP comes with the compiler.
    openmp = prefix.parent.parent / "compiler" / "latest" / "lib"
    folders = [prefix / "lib", prefix / "lib" / "intel64", openmp]

    def library(name: str) -> Path:
        for folder in folders:
            for pattern in [f"lib{name}.so", f"lib{name}.so.*", f"lib{name}.a"]:
                if found := sorted(folder.glob(pattern)):
                    return found[0]
        looked = ", ".join(map(str, folders))
        raise PeersError(f"lib{name} is in none of {looked}\n{advice}")

    # The libraries that MKL's own CMake package takes by default.
    libraries = [library(name) for name in ["mkl_intel_lp64", "mkl_intel_thread", "mkl_core", "iomp5"]]
    paths = dict.fromkeys(f"-Wl,-rpath,{path.parent}" for path in libraries)
    # Static libraries ask each other.
    together = ["-Wl,--start-group", *map(str, libraries), "-Wl,--end-group"]
    link = [*together, *paths, "-lpthread", "-lm", "-ldl"]
    include = ["-isystem", str(prefix / "include")]
    try:
        version = asked(compiler, [*include, *link], MKL_VERSION)
    except PeersError as error:
        raise PeersError(f"{error}\nMKL in {prefix} cannot be used\n{advice}") from error
    defines = [*WITH_BLAS, "RL_TOOLS_BACKEND_ENABLE_MKL"]
    return Blas("RLtools (MKL)", f"MKL {version}", defines, include, link)


MKL_VERSION = """
#include <mkl.h>
#include <cstdio>
int main() {
    MKLVersion version;
    mkl_get_version(&version);
    std::printf("%d.%d.%d", version.MajorVersion, version.MinorVersion, version.UpdateVersion);
}
"""
OPENBLAS_VERSION = """
#include <cstdio>
extern "C" char* openblas_get_config();
int main() { std::puts(openblas_get_config()); }
"""


def asked(compiler: list[str], flags: list[str], program: str) -> str:
    """Runs a small program that prints a library's version: so the library links and loads."""
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder, "ask.cpp"), Path(folder, "ask")
        source.write_text(program)
        compile_to(binary, [*compiler, str(source), *flags])
        return run_child([str(binary)], threads=1).stdout.strip().removeprefix("OpenBLAS ")


# The compiler


def compiler_of_system() -> list[str]:
    """The C++ compiler of the variable CXX, or the system's."""
    if named := shlex.split(os.environ.get("CXX", "")):
        if shutil.which(named[0]) is None:
            raise PeersError(
                f"the compiler {named[0]} was not found: set the variable CXX to another, or unset it"
            )
        return named
    for name in ["c++", "g++", "clang++"]:
        if shutil.which(name) is not None:
            return [name]
    raise PeersError(
        "--rltools needs a C++ compiler, and neither c++ nor g++ nor clang++ was found: install one\n"
        "(on Debian, g++), or name one in the variable CXX"
    )


def compile_to(binary: Path, command: list[str]) -> None:
    """Compiles. Reports the first errors alone, and cut: templates make many and long ones."""
    command = [*command, "-o", str(binary)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode != 0:
        wrong = [line[:240] for line in done.stderr.splitlines() if "error" in line or "undefined" in line]
        first = "\n".join(f"  {line}" for line in wrong[:6])
        told = shlex.join(command)
        raise PeersError(f"{told}\nended with status {done.returncode}, its first errors:\n{first}")


# The contestant


@dataclass(frozen=True)
class RLtools:
    """RLtools' headers, compiled into our driver."""

    checkout: Path
    compiler: list[str]
    blas: Blas
    key: str = "rltools"

    @property
    def title(self) -> str:
        return self.blas.title

    @staticmethod
    def at(checkout: Path, mkl: Path | None) -> "RLtools":
        """RLtools in a checkout of its repository, with the compiler and the library for it."""
        if not (checkout / "include" / "rl_tools" / "rl_tools.h").is_file():
            raise PeersError(
                f"{checkout} is no checkout of RLtools: it has no include/rl_tools/rl_tools.h. For one:\n"
                "git clone https://github.com/rl-tools/rl-tools"
            )
        compiler = compiler_of_system()
        return RLtools(checkout.absolute(), compiler, blas_of(compiler, mkl))

    def versions(self) -> dict[str, str]:
        tell = subprocess.run([*self.compiler, "--version"], capture_output=True, text=True)
        compiler = (tell.stdout.splitlines() or ["unknown"])[0]
        # A copy that is no repository could lie in another one, whose commit says nothing.
        version = commit(self.checkout) if (self.checkout / ".git").exists() else "unknown commit"
        how = f"{compiler} {' '.join(FLAGS[1:])}"
        return {"RLtools": f"{version} with {self.blas.version}", "C++ compiler": how}

    def prepare(self, sizes: list[Size], tasks: list[Task]) -> None:
        """Compiles a binary for each size and training. An older one could be of another checkout."""
        wanted = [macros_of_size(size) for size in sizes]
        wanted += [macros_of_task(task) for task in tasks if self.can_train(task)]
        BINARIES.mkdir(parents=True, exist_ok=True)
        # Sizes that differ only in threads share a binary.
        for binary, macros in {binary_of(macros): macros for macros in wanted}.items():
            announce(f"compiling {binary.name}")
            defines = [*self.blas.defines, *[f"PEER_{name}={value}" for name, value in macros.items()]]
            include = ["-I", str(self.checkout / "include"), *self.blas.include]
            words = [*FLAGS, *[f"-D{define}" for define in defines], *include, str(DRIVER), *self.blas.link]
            try:
                compile_to(binary, [*self.compiler, *words])
            except PeersError as error:
                raise PeersError(
                    f"{error}\n{DRIVER.name} does not compile with this checkout of RLtools. It is written\n"
                    "for RLtools' commit 9acdf5c: check that one out, or name another compiler with CXX"
                ) from error

    def updates_per_second(self, size: Size, seconds: float) -> float:
        command = [str(binary_of(macros_of_size(size))), f"{seconds:g}"]
        return float(parse(command, run_child(command, size.threads))["updates_per_second"])

    def can_train(self, task: Task) -> bool:
        return task.title == "Pendulum"

    def train(self, task: Task, seed: int) -> Training:
        command = [str(binary_of(macros_of_task(task))), str(seed)]
        finished = run_child(command, threads=1)
        parse(command, finished)
        return Training(finished.seconds, finished.peak_mib)


def macros_of_layers(hidden: list[int]) -> Json:
    """Macros of the hidden layers, which have one width in RLtools."""
    (width,) = set(hidden)
    return {"HIDDEN_LAYERS": len(hidden), "HIDDEN": width}


def macros_of_size(size: Size) -> Json:
    """Macros of the driver that measures updates."""
    shape = {"OBSERVATION": size.observation, "ACTION": size.action, **macros_of_layers(list(size.hidden))}
    return {**shape, "BATCH": size.batch, **UPDATES}


def macros_of_task(task: Task) -> Json:
    """Macros of the driver that trains."""
    names = {
        "LEARNING_STARTS": "learning_starts",
        "BUFFER": "buffer_size",
        "GAMMA": "gamma",
        "TAU": "tau",
        "LEARNING_RATE": "learning_rate",
        "BATCH": "batch_size",
    }
    settings = {macro: task.settings[name] for macro, name in names.items()}
    return {"TIMESTEPS": task.timesteps, **macros_of_layers(task.settings["net_arch"]), **settings}


def binary_of(macros: Json) -> Path:
    """Where the binary with these macros is."""
    if "TIMESTEPS" in macros:
        return BINARIES / "pendulum"
    shape = [str(macros[key]) for key in ["OBSERVATION", "ACTION", "HIDDEN_LAYERS", "HIDDEN", "BATCH"]]
    return BINARIES / "-".join(["updates", *shape])
