"""The launch files that were not run say so, and fit the schemas of what they are for."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from conftest import run, show
from variants import Variant

MANY = Variant("classification", "image", "multi-node")
# what the fields come back as: those that the schema does not know are missing
TRAIN_JOB = """
import sys, yaml
from kubeflow_trainer_api.models.trainer_v1alpha1_train_job import TrainerV1alpha1TrainJob
given = yaml.safe_load(open(sys.argv[1]))
found = TrainerV1alpha1TrainJob.from_dict(given).to_dict()
assert found == given, found
"""
SKYPILOT = """
import sys, yaml, jsonschema
from sky.utils import schemas
given = yaml.safe_load(open(sys.argv[1]))
jsonschema.validate(given, schemas.get_task_schema())
jsonschema.validate(given["resources"], schemas.get_resources_schema())
for mount in given["file_mounts"].values():
    jsonschema.validate(mount, schemas.get_storage_schema())
"""


@pytest.mark.parametrize("name", ["kubeflow.yaml", "skypilot.yaml"])
def test_what_was_not_run_says_so(project: Callable[[Variant], Path], name: str) -> None:
    text = (project(MANY) / "launch" / name).read_text()
    assert text.startswith("# An example that was not run, only checked against")
    assert "resume=auto" in text or "launch/torchrun.sh" in text
    assert isinstance(yaml.safe_load(text), dict)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "package", "code"),
    [
        ("kubeflow.yaml", "kubeflow-trainer-api==2.3.0", TRAIN_JOB),
        ("skypilot.yaml", "skypilot==0.14.1", SKYPILOT),
    ],
)
def test_examples_fit_their_schemas(
    project: Callable[[Variant], Path], name: str, package: str, code: str
) -> None:
    made = project(MANY)
    uv = [sys.executable, "-m", "uv", "run", "--no-project", "--isolated", "--with", package]
    words = ["--with", "pyyaml", "python", "-c", code, f"launch/{name}"]
    done = run(*uv, "--python", sys.executable, *words, cwd=made, HOME=str(made.parent))
    assert done.returncode == 0, show(done)
