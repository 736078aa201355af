"""torchrun that outlives any of its machines, the one where the others meet, too.

The agents of a run meet at a store that lives in the agent of one machine. When that machine dies,
or the others wait for a dead one for longer than a minute, torchrun ends on all of them, and
somebody has to start it there again. This one waits until the store is back, then starts over, and
the run goes on from its last checkpoint.
"""

import os
import socket
import sys
import time

from torch.distributed import DistNetworkError, DistStoreError
from torch.distributed.elastic.multiprocessing import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.elastic.rendezvous import (
    RendezvousClosedError,
    RendezvousConnectionError,
    RendezvousTimeoutError,
)
from torch.distributed.run import main, parse_args

WAIT_S = 3600  # for other machines; a person has to be woken first
SHORT_S = 60  # an attempt that ends sooner has not trained: there is a fault, not a loss
MOST = 5  # of such attempts, one after another
TRIED = "WHAT_NEXT_AGENT_TRIED"
OWN_STORE = "TORCH_DISABLE_SHARE_RDZV_TCP_STORE"


def say(line: str) -> None:
    """Tell what happens on this machine."""
    print(f"{socket.gethostname()}: {line}", file=sys.stderr, flush=True)


def await_store(endpoint: str) -> bool:
    """Wait until somebody listens at host:port; False if nobody does for WAIT_S."""
    host, _, port = endpoint.rpartition(":")
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
            return True
        except OSError:
            time.sleep(1)
    return False


def run(words: list[str]) -> int:
    """Run torchrun with these words. Returns the exit status; does not return if it starts over."""
    endpoint, began = parse_args(words).rdzv_endpoint, time.monotonic()
    # each attempt's processes meet at a store of their own: in the one that the agents would share
    # with all of them stand the addresses of those that died, and a quick process calls there
    os.environ[OWN_STORE] = "1"
    try:
        main([f"--rdzv-conf=join_timeout={WAIT_S}", *words])
    except SignalException as error:  # the processes have saved and left
        return 128 + error.sigval
    except ChildFailedError:
        say("a process failed each time that it was started; its own words are above")
    except RendezvousClosedError:
        say("the run has ended on another machine; the reason is in that one's words")
    except RendezvousTimeoutError:
        say(f"not all machines came within {WAIT_S // 60} minutes: start the same line on each")
    except (RendezvousConnectionError, DistNetworkError, DistStoreError) as error:
        tried = int(os.environ.get(TRIED, 0)) + 1 if time.monotonic() - began < SHORT_S else 0
        say(f"{endpoint} was lost: waiting; where a machine died, start the same line there again")
        if tried < MOST and await_store(endpoint):
            os.environ[TRIED] = str(tried)
            os.execv(sys.executable, [sys.executable, *sys.argv])  # nothing of this attempt stays
        say(f"gave up: {' '.join(str(error).split())}")
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
