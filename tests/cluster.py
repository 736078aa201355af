"""A Slurm of two nodes on one machine, in a folder of its own, with no traces outside of it.

Debian's slurmctld, slurmd, slurm-client and munge; the daemons run as root. Both nodes claim a GPU
and 8 processors that nobody looks for, so that the launch file's own demands are met.
"""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
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
KillWait=30
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
    daemons = []
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

        def start(*words: str) -> None:
            with (folder / f"{words[0]}-{words[-1].strip('/').replace('/', '-')}.txt").open(
                "w"
            ) as out:
                daemons.append(
                    subprocess.Popen(words, env=os.environ | cluster.env, stdout=out, stderr=out)
                )

        try:
            start("munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *files)
            wait_for((folder / "munge.socket").exists, "munge", cluster.text, 30)
            start("slurmctld", "-D", "-i")
            for node in ("n1", "n2"):
                start("slurmd", "-D", "-N", node)

            def idle() -> bool:
                done = subprocess.run(
                    ["sinfo", "--noheader", "--format=%D %t"],
                    capture_output=True,
                    text=True,
                    env=os.environ | cluster.env,
                )
                return done.stdout.split() == ["2", "idle"]

            wait_for(idle, "two idle nodes", cluster.text, 60)
            yield cluster
        finally:
            for daemon in reversed(daemons):
                daemon.terminate()
            for daemon in daemons:
                daemon.wait(timeout=60)
