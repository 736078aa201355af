#!/bin/bash
# On each machine the same line, from the project's folder on a file system that all of them share:
#   launch/torchrun.sh HOST:PORT NODES NAME [key=value ...]
# HOST:PORT is where they meet (the first machine, a free port), NODES how many there are, NAME the run's: runs/job-NAME.
# A process that dies is started again, with all others, and goes on from the last checkpoint. Where a machine died, start
# the same line there again: the others wait for it, an hour at most, also if it is HOST.
# DEVICES=4 launch/torchrun.sh ... starts four processes on each machine, one for each GPU.
set -euo pipefail

if [ "$#" -lt 3 ]; then
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
meet=$1 name=$3
export NUM_NODES=$2
shift 3
exec uv run python launch/agent.py --nnodes="$NUM_NODES" --nproc-per-node="${DEVICES:-1}" \
    --rdzv-backend=c10d --rdzv-endpoint="$meet" --rdzv-id="$name" --max-restarts=3 \
    --no-python train trainer=multi_node trainer.devices="${DEVICES:-1}" resume=auto "$@"
