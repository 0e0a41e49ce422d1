"""Where runs go: inside the process, to a scheduler behind TLS, or to clusters started by name."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncssh
import psutil
import pytest
from distributed import Security

from apwa_runtime.cluster import open_cluster
from tests.support.cluster import RealCluster, real_cluster
from tests.support.command import Ended, apwa

PROGRAM = """
record Item { n: int @key }
record Told { twice: int  process: int }
table items: Item = read "items.jsonl"
task double(item: Item) -> Told { python: "double:double" %s }
split each = items by row
flow main { told = map double over each keep n  save told to "told.jsonl" }
"""


def project(folder: Path, settings: str = "", needs: str = "") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "main.apwa").write_text(PROGRAM % needs)
    (folder / "items.jsonl").write_text("".join(json.dumps({"n": n}) + "\n" for n in range(20)))
    (folder / "double.py").write_text(
        "import os\n\n\ndef double(item):\n    return {'twice': 2 * item.n, 'process': os.getppid()}\n"
    )
    (folder / "apwa.toml").write_text(settings)


def run(folder: Path, *options: str, **env: str) -> Ended:
    return apwa("run", "main.apwa", *options, cwd=folder, env=env)


def assert_done(ended: Ended, folder: Path) -> None:
    assert ended.code == 0, ended.err
    rows = [json.loads(line) for line in (folder / "told.jsonl").read_text().splitlines()]
    assert [row["twice"] for row in rows] == list(range(0, 40, 2))


def assert_refused(ended: Ended, *texts: str, code: int = 2) -> None:
    assert (ended.code, ended.err.count("\n")) == (code, 1), ended.err
    assert all(text in ended.err for text in texts), ended.err


def listening(process: psutil.Process) -> list[str]:
    """The addresses on which a process and those that it has started accept connections."""
    family = [process, *process.children(recursive=True)]
    found = [connection for one in family for connection in one.net_connections("inet")]
    return [connection.laddr.ip for connection in found if connection.status == psutil.CONN_LISTEN]


def test_the_embedded_cluster_listens_nowhere(tmp_path: Path) -> None:
    before = listening(psutil.Process())
    with open_cluster(None, 2, None, tmp_path) as cluster:
        assert cluster.client.submit(sum, [1, 2]).result() == 3
        assert (cluster.workers, cluster.slots) == (1, 2)
        assert listening(psutil.Process()) == before


@pytest.fixture(scope="class")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    made = Security.temporary()
    (folder / "cert.pem").write_text(str(made.tls_ca_file))
    (folder / "key.pem").write_text(str(made.tls_client_key))
    return folder


@pytest.fixture(scope="class")
def cluster(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCluster]:
    cert, key = str(keys / "cert.pem"), str(keys / "key.pem")
    env = {"DASK_DISTRIBUTED__COMM__DEFAULT_SCHEME": "tls", **configured("SCHEDULER", cert, key)}
    env |= configured("WORKER", cert, key)
    security = Security(tls_ca_file=cert, tls_client_cert=cert, tls_client_key=key, require_encryption=True)
    with real_cluster(tmp_path_factory.mktemp("tls"), [{}], env, security) as running:
        assert running.address.startswith("tls://")
        yield running


class TestEncrypted:
    def test_with_keys_in_apwa_toml(self, cluster: RealCluster, keys: Path, tmp_path: Path) -> None:
        up = os.path.relpath(keys, tmp_path)
        project(
            tmp_path,
            f'[cluster]\ntls_ca_file = "{up}/cert.pem"\n'
            f'tls_client_cert = "{up}/cert.pem"\ntls_client_key = "{up}/key.pem"\n',
        )
        assert_done(run(tmp_path, "--scheduler", cluster.address), tmp_path)

    def test_with_keys_and_scheduler_in_the_environment_of_dask(
        self, cluster: RealCluster, keys: Path, tmp_path: Path
    ) -> None:
        project(tmp_path)
        cert, key = str(keys / "cert.pem"), str(keys / "key.pem")
        ended = run(tmp_path, DASK_SCHEDULER_ADDRESS=cluster.address, **configured("CLIENT", cert, key))
        assert_done(ended, tmp_path)
        assert f"on the scheduler at {cluster.address}, which Dask's configuration names" in ended.err

    def test_without_keys(self, cluster: RealCluster, tmp_path: Path) -> None:
        project(tmp_path)
        assert_refused(run(tmp_path, "--scheduler", cluster.address), cluster.address, "tls_client_cert")

    def test_a_key_file_that_is_not_there(self, cluster: RealCluster, tmp_path: Path) -> None:
        project(tmp_path, '[cluster]\ntls_ca_file = "none.pem"\n')
        ended = run(tmp_path, "--scheduler", cluster.address)
        assert_refused(ended, "`tls_ca_file`", str(tmp_path / "none.pem"), "no such file")


def configured(role: str, cert: str, key: str) -> dict[str, str]:
    """Certificates as Dask reads them from the environment."""
    tls = "DASK_DISTRIBUTED__COMM__TLS"
    return {f"{tls}__CA_FILE": cert, f"{tls}__{role}__CERT": cert, f"{tls}__{role}__KEY": key}


class TestLocal:
    SETTINGS = "n_workers = 2\nthreads_per_worker = 1\n"

    def test_processes_on_loopback_that_end_with_the_run(self, tmp_path: Path) -> None:
        (tmp_path / "apwa.toml").write_text(f"[cluster.local]\n{self.SETTINGS}")
        with open_cluster(None, None, "local", tmp_path) as cluster:
            workers = cluster.client.run(os.getpid)
            assert len(set(workers.values()) - {os.getpid()}) == 2
            assert set(listening(psutil.Process())) == {"127.0.0.1"}
            assert (cluster.workers, cluster.slots) == (2, 2)
        assert not any(psutil.pid_exists(process) for process in workers.values())

    def test_runs(self, tmp_path: Path) -> None:
        project(tmp_path, "[cluster.local]\nn_workers = 1\n")
        assert_done(run(tmp_path, "--cluster", "local"), tmp_path)

    def test_adaptive_from_no_worker(self, tmp_path: Path) -> None:
        settings = "n_workers = 0\nthreads_per_worker = 1\nadapt = { minimum = 0, maximum = 1 }\n"
        project(
            tmp_path,
            f'[cluster.grows]\nclass = "local"\nresources = {{ SLOT = 1 }}\n{settings}',
            "resources: { slot: 1 }",
        )
        assert_done(run(tmp_path, "--cluster", "grows"), tmp_path)

    def test_with_temporary_keys(self, tmp_path: Path) -> None:
        (tmp_path / "apwa.toml").write_text('[cluster.local]\nsecurity = true\nprotocol = "tls"\nn_workers = 1\n')
        with open_cluster(None, None, "local", tmp_path) as cluster:
            assert all(address.startswith("tls://127.0.0.1") for address in cluster.client.run(os.getpid))

    def test_a_class_of_ones_own(self, tmp_path: Path) -> None:
        project(tmp_path, f'[cluster."distributed.deploy.local.LocalCluster"]\nprocesses = false\n{self.SETTINGS}')
        assert_done(run(tmp_path, "--cluster", "distributed.deploy.local.LocalCluster"), tmp_path)


class TestMistakes:
    @pytest.mark.parametrize(
        ("name", "settings", "texts"),
        [
            ("slrum", "", ("there is no cluster `slrum`", "did you mean `slurm`?", '`class = "package.Class"`')),
            ("kubernetes", "", ("dask_kubernetes is not installed", "`pip install dask-kubernetes`")),
            ("distributed.Nothing", "", ("there is no class `Nothing` in distributed",)),
            ("local", "n_worker = 2", ("`[cluster.local]`", "has no setting `n_worker`", "did you mean `n_workers`?")),
            ("slurm", "core = 2", ("`[cluster.slurm]`", "has no setting `core`")),
            ("slurm", 'cores = 1\nmemory = "1GB"', ("cluster `slurm` starts no workers", "`n_workers`", "`adapt = {")),
            ("local", "adapt = true", ("`[cluster.local]`", "`adapt = { minimum = 0, maximum = 10 }`")),
            ("local", "adapt = { minimum = 0 }", ("`maximum`",)),
            ("local", "adapt = { minimum = 3, maximum = 1 }", ("the `minimum` lies between 0 and the `maximum`",)),
            ("h", "class = 7", ("cluster `h`: `class` is a text",)),
            ("local", 'wait = "long"', ("`wait` is a number of seconds",)),
        ],
    )
    def test_one_line_says_what_to_do(self, tmp_path: Path, name: str, settings: str, texts: tuple[str, ...]) -> None:
        project(tmp_path, f"[cluster.{name}]\n{settings}\n" if settings else "")
        assert_refused(run(tmp_path, "--cluster", name), *texts)

    def test_a_setting_that_is_not_there(self, tmp_path: Path) -> None:
        project(tmp_path, "[cluster]\ntls_cafile = 'ca.pem'\n")
        assert_refused(run(tmp_path), "there is no setting `tls_cafile` under `[cluster]`", "tls_ca_file")

    def test_two_places(self, tmp_path: Path) -> None:
        project(tmp_path)
        ended = run(tmp_path, "--cluster", "local", "--workers", "2")
        assert ended.code == 2
        assert "--cluster and --workers say where to run" in ended.err

    def test_a_port_that_is_taken_adds_no_line(self, tmp_path: Path) -> None:
        project(tmp_path, '[cluster.slurm]\ncores = 1\nmemory = "1GB"\n')
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                taken.bind(("0.0.0.0", 8787))
                taken.listen()
            assert_refused(run(tmp_path, "--cluster", "slurm"), "cluster `slurm` starts no workers")

    def test_no_worker_in_time(self, tmp_path: Path) -> None:
        queue(tmp_path / "bin", 'echo "Submitted batch job 7"\n')
        project(tmp_path, '[cluster.slurm]\ncores = 1\nmemory = "1GB"\nn_workers = 1\nwait = 0.5\n')
        ended = run(tmp_path, "--cluster", "slurm", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        assert ended.code == 2
        assert "waiting for the first worker of cluster `slurm`" in ended.err
        assert ended.err.splitlines()[-1].startswith("error: cluster `slurm` has no worker after 0.5 s")
        assert (tmp_path / "bin" / "cancelled").read_text().split() == ["7"]


def test_slurm(tmp_path: Path) -> None:
    """The real classes of dask-jobqueue over a queue of one script: jobs start at once and are cancelled at the end."""
    job = f'cp "$1" "{tmp_path}/job.sh"\nsetsid bash "{tmp_path}/job.sh" > "{tmp_path}/job.log" 2>&1 &\n'
    queue(tmp_path / "bin", job + 'echo "Submitted batch job $!"\n')
    project(
        tmp_path,
        '[cluster.slurm]\ncores = 2\nprocesses = 1\nmemory = "1GB"\nn_workers = 1\n'
        'interface = "lo"\nscheduler_options = { dashboard_address = "127.0.0.1:0" }\n',
    )
    ended = run(tmp_path, "--cluster", "slurm", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert_done(ended, tmp_path)
    (number,) = (tmp_path / "bin" / "cancelled").read_text().split()
    psutil.wait_procs([psutil.Process(int(number))] if psutil.pid_exists(int(number)) else [], timeout=30)
    assert not psutil.pid_exists(int(number)) or psutil.Process(int(number)).status() == psutil.STATUS_ZOMBIE


def queue(folder: Path, submit: str) -> None:
    """``sbatch`` and ``scancel`` as scripts; the second keeps the numbers of the jobs that it ends."""
    folder.mkdir()
    cancel = f'for job in "$@"; do echo "$job" >> "{folder}/cancelled"; kill -- "-$job"; done; true\n'
    for name, body in (("sbatch", submit), ("scancel", cancel)):
        (folder / name).write_text(f"#!/bin/bash\n{body}")
        (folder / name).chmod(0o755)


def test_ssh(tmp_path: Path) -> None:
    """Dask's SSHCluster, on hosts that are a server of this test on loopback."""
    with ssh_server(tmp_path) as port:
        login = f'port = {port}, username = "me", password = "secret", known_hosts = "{tmp_path}/known"'
        project(
            tmp_path / "project",
            '[cluster.ssh]\nhosts = ["127.0.0.1", "127.0.0.1"]\nworker_options = { nthreads = 1, host = "127.0.0.1" }\n'
            f'scheduler_options = {{ host = "127.0.0.1", port = 0, dashboard_address = "127.0.0.1:0" }}\n'
            f"connect_options = {{ {login} }}\n",
        )
        assert_done(run(tmp_path / "project", "--cluster", "ssh"), tmp_path / "project")


@contextmanager
def ssh_server(folder: Path) -> Iterator[int]:
    """A server that runs every command that it is given; its key is in ``known`` of the folder. Gives its port."""
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Server(asyncssh.SSHServer):
        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("me", "secret")

    async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
        started = await asyncio.create_subprocess_shell(
            f"exec {process.command}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            await process.redirect(stdout=started.stdout, stderr=started.stderr)
            ended = asyncio.ensure_future(started.wait())
            left = asyncio.ensure_future(process.stdin.read())
            await asyncio.wait({ended, left}, return_when=asyncio.FIRST_COMPLETED)
            process.exit(started.returncode or 0)
        finally:
            if started.returncode is None:
                started.kill()

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_host_keys=[key], server_factory=Server, process_factory=handle, encoding=None
        )

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(30)
    port = server.get_port()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(server.wait_closed(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
