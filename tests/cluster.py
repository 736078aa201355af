"""A Slurm of two nodes on one machine, in a folder of its own, with no traces outside of it.

Debian's slurmctld, slurmd, slurm-client and munge; the daemons run as root. Both nodes claim a GPU
and 8 processors that nobody looks for, so that the launch file's own demands are met.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from machines import wait_for

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "scancel")
CONF = """
ClusterName=test
SlurmctldHost=localhost
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=1
ReturnToService=2
JobRequeue=1
KillWait=10
SlurmdTimeout=10
GresTypes=gpu
SlurmdParameters=config_overrides
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdSpoolDir={folder}/spool.%n
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdLogFile={folder}/slurmd.%n.log
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={port1} CPUs=8 RealMemory=1000 Gres=gpu:1
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={port2} CPUs=8 RealMemory=1000 Gres=gpu:1
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
"""
GRES = "NodeName=n[1-2] Name=gpu File=/dev/null\n"


class Cluster:
    """A Slurm that runs.

    Args:
        folder: of its configuration and logs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}
        self.env = {
            "SLURM_CONF": str(folder / "slurm.conf"),
            "MASTER_ADDR": "127.0.0.1",  # the names of these nodes mean nothing to the network
        }

    def ask(self, *words: str, **options: object) -> str:
        """Run one of Slurm's commands and return what it says."""
        env = os.environ | self.env | options.pop("env", {})  # type: ignore[operator]
        done = subprocess.run(words, capture_output=True, text=True, env=env, **options)  # type: ignore[call-overload]
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}\n{self.text()}"
        return done.stdout

    def state(self, job: str) -> dict[str, str]:
        """Return what is known of a job, by scontrol's names."""
        words = self.ask("scontrol", "--oneliner", "show", "job", job).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def idle(self) -> bool:
        """Say whether both nodes are there, with nothing to do."""
        words = ["sinfo", "--noheader", "--format=%D %t"]
        env = os.environ | self.env
        done = subprocess.run(words, capture_output=True, text=True, env=env)
        return done.stdout.split() == ["2", "idle"]

    def hurry(self, job: str) -> bool:
        """Ask for a requeued job to start now, not in two minutes; False while it still ends."""
        words = ["scontrol", "update", f"jobid={job}", "StartTime=now"]
        done = subprocess.run(words, env=os.environ | self.env, capture_output=True)
        return done.returncode == 0

    def start(self, name: str, *words: str) -> None:
        """Start a daemon under a name: of a node, its slurmd."""
        with (self.folder / f"{name}.txt").open("a") as out:
            self.daemons[name] = subprocess.Popen(
                words, env=os.environ | self.env, stdout=out, stderr=out
            )

    def start_node(self, node: str) -> None:
        """Let a node join."""
        self.start(node, "slurmd", "-D", "-N", node)

    def die(self, node: str) -> None:
        """Kill all of a node's processes, as a machine does that dies."""
        marks = {f"SLURMD_NODENAME={node}", f"SLURM_CONF={self.env['SLURM_CONF']}"}
        victims = {self.daemons[node].pid}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if marks <= set((process / "environ").read_text(errors="replace").split("\0")):
                    parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
                    victims |= {int(process.name), parent}  # what trains, and what watches it
            except OSError:
                continue  # it has ended
        for pid in victims - {1, os.getpid()}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.daemons[node].wait()

    def text(self) -> str:
        """Return the end of its logs."""
        logs = [f"{path.name}:\n{path.read_text()[-1500:]}" for path in self.folder.glob("*.log")]
        return "\n".join(logs)


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens at."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@contextmanager
def two_nodes() -> Iterator[Cluster]:
    """Give a Slurm of two idle nodes."""
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        pytest.skip(
            f"no {', '.join(missing)} here: Debian has all in slurmctld slurmd slurm-client munge"
        )
    if os.geteuid() != 0:
        pytest.skip("slurmd needs root")
    # of its own: the path of a socket may have 107 letters, less than pytest's folders have
    with tempfile.TemporaryDirectory(prefix="slurm-") as name:
        folder, cluster = Path(name), Cluster(Path(name))
        port, port1, port2 = free_ports(3)
        conf = CONF.format(folder=folder, port=port, port1=port1, port2=port2)
        (folder / "slurm.conf").write_text(conf)
        (folder / "gres.conf").write_text(GRES)
        (folder / "state").mkdir()
        (folder / "munge.key").write_bytes(secrets.token_bytes(1024))
        (folder / "munge.key").chmod(0o600)
        folder.chmod(0o711)
        files = [f"--{what}-file={folder}/munge.{what}" for what in ("key", "log", "pid", "seed")]

        try:
            cluster.start(
                "munge",
                "munged",
                "--foreground",
                "--force",
                f"--socket={folder}/munge.socket",
                *files,
            )
            wait_for((folder / "munge.socket").exists, "munge", cluster.text, 30)
            cluster.start("controller", "slurmctld", "-D", "-i")
            for node in ("n1", "n2"):
                cluster.start_node(node)

            wait_for(cluster.idle, "two idle nodes", cluster.text, 60)
            yield cluster
        finally:
            for node in {"n1", "n2"} & set(cluster.daemons):
                cluster.die(node)  # with what a failed test left there
            for daemon in cluster.daemons.values():
                daemon.terminate()
            for daemon in cluster.daemons.values():
                daemon.wait(timeout=60)
